"""Hear whole calls, what comes later too: `python teacher.py CACHE HEARD.npy --scenes NAME ...`

The detector's network can't look ahead, so it learns from one that does: HEARD is the probability of speech that this
one gives each hop of these scenes, (scenes, hops) of 16-bit floats in the order of `train.loaded`.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from train import LIMIT, features, loaded, lost, recoloured, told

CELLS, HIDDEN = 128, 64  # so many cells in each direction
BATCH = 60  # scenes at once, whole


class Teacher(nn.Module):
    """Gated recurrent cells in both directions, and one probability."""

    def __init__(self, mean: torch.Tensor, deviation: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.cells = nn.GRU(features.FEATURES, CELLS, batch_first=True, bidirectional=True)
        self.out = nn.Sequential(nn.Linear(2 * CELLS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))

    def forward(self, heard: torch.Tensor) -> tuple[torch.Tensor, None]:
        cells, _ = self.cells(((heard - self.mean) / self.deviation).clamp(-LIMIT, LIMIT))
        return self.out(cells)[..., 0], None


def taught(heard: torch.Tensor, target: torch.Tensor, weight: torch.Tensor, epochs: int) -> Teacher:
    flat = heard[::4].reshape(-1, features.FEATURES)
    net = Teacher(flat.mean(0), flat.std(0))
    best = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-4)
    steps = epochs * (len(heard) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(best, 4e-3, total_steps=steps, pct_start=0.1)
    for epoch in range(epochs):
        began, total = time.monotonic(), 0.0
        for some in torch.randperm(len(heard)).split(BATCH):
            if len(some) < BATCH:
                continue
            logit, _ = net(recoloured(heard[some]))
            loss = lost(logit, target[some], weight[some])
            best.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            best.step()
            pace.step()
            total += loss.item() / (len(heard) // BATCH)
        print(f"{epoch:3} {time.monotonic() - began:5.1f} s loss {total:.4f}", flush=True)
    return net.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("heard", type=Path)
    parser.add_argument("--scenes", nargs="+", required=True)
    parser.add_argument("--epochs", type=int, default=4)
    words = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    scenes = words.cache / "scenes"
    heard, target, weight = loaded([scenes / f"{name}.npz" for name in words.scenes])
    net = taught(heard, target, weight, words.epochs)
    with torch.no_grad():
        print(told(net, *loaded(list(scenes.glob("test-*.npz")))))
        said = torch.cat([torch.sigmoid(net(some)[0]).half() for some in heard.split(BATCH)])
    np.save(words.heard, said.numpy())


if __name__ == "__main__":
    main()
