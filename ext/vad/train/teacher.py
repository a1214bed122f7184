"""Hear whole calls, what comes later too: `python teacher.py CACHE HEARD.npy --scenes NAME ...`

The detector's network can't look ahead, so it learns from one that does: HEARD is the probability of speech that this
one gives each hop of these scenes, (scenes, hops) of 16-bit floats in the order of `train.loaded`.
"""

import argparse
import time
from pathlib import Path

import features
import numpy as np
import torch
from torch import nn
from train import PACE, Scaled, improve, loaded, lost, recoloured, told

CELLS, HIDDEN = 128, 64  # so many cells in each direction
EPOCHS = 4
BATCH = 60  # scenes at once, whole


class Teacher(Scaled):
    """Gated recurrent cells in both directions, and one probability."""

    def __init__(self, heard: torch.Tensor) -> None:
        super().__init__(heard)
        self.cells = nn.GRU(features.FEATURES, CELLS, batch_first=True, bidirectional=True)
        self.out = nn.Sequential(nn.Linear(2 * CELLS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))

    def forward(self, heard: torch.Tensor) -> tuple[torch.Tensor, None]:
        cells, _ = self.cells(self.scaled(heard))
        return self.out(cells)[..., 0], None


def taught(heard: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> Teacher:
    net = Teacher(heard)
    best = torch.optim.AdamW(net.parameters(), weight_decay=1e-4)
    steps = EPOCHS * (len(heard) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(best, PACE, total_steps=steps, pct_start=0.1)
    for epoch in range(EPOCHS):
        began, total = time.monotonic(), 0.0
        for some in torch.randperm(len(heard)).split(BATCH):
            if len(some) < BATCH:
                continue
            logit, _ = net(recoloured(heard[some]))
            loss = lost(logit, target[some], weight[some])
            improve(net, best, loss)
            pace.step()
            total += loss.item() / (len(heard) // BATCH)
        print(f"{epoch:3} {time.monotonic() - began:5.1f} s loss {total:.4f}", flush=True)
    return net.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("heard", type=Path)
    parser.add_argument("--scenes", nargs="+", required=True)
    words = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    scenes = words.cache / "scenes"
    heard, target, weight = loaded([scenes / f"{name}.npz" for name in words.scenes])
    net = taught(heard, target, weight)
    with torch.no_grad():
        print(told(net, *loaded(list(scenes.glob("test-*.npz")))))
        said = torch.cat([torch.sigmoid(net(some)[0]).half() for some in heard.split(BATCH)])
    np.save(words.heard, said.numpy())


if __name__ == "__main__":
    main()
