"""Train the network of the voice detector: `python train.py CACHE HEARD.npy WEIGHTS.npz --scenes NAME ...`

It learns what the teacher heard (teacher.py) in CACHE/scenes/NAME.npz. When its cells have learnt, a second sum of them
learns whether someone spoke a little earlier: by then they have heard what came behind it.
"""

import argparse
import time
from pathlib import Path

import features
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.optim import swa_utils

CELLS = 64
EPOCHS, STOP = 24, 7  # the pace is laid out for so many, and so many are run of them
PACE = 4e-3  # at most
BATCH = 125  # scenes at once
STRETCH = 111  # hops between two steps; the cells are carried on
LIMIT = 4.0  # standard deviations that the C core lets through
KEPT = 0.999  # of the average of the weights, which is what is saved, at each step
TIED = 2.0  # weight of blocks of scenes without any speech
BANDS, QUIETEST = 22, -16.0  # the first features are log2 of a band's power, at least that
EARLIER = 5  # hops
EARLIER_EPOCHS = 3
LEAN = 1.25  # so much the second sum leans to speech: words missed behind speech cost more than what is held too long


def hops(truth: NDArray[np.uint8]) -> tuple[torch.Tensor, torch.Tensor]:
    """Target and weight for each hop: its value stands for its last block and for the two behind it."""
    count = truth.shape[1] // 3
    later = truth[:, 2 : 2 + 3 * (count - 1)].reshape(len(truth), -1, 3)
    later = np.concatenate([later, later[:, -1:]], axis=1)
    target = np.mean(later == 1, axis=2)
    weight = np.all(later != 2, axis=2) * np.where((truth == 1).any(axis=1), 1.0, TIED)[:, None]
    return torch.tensor(target, dtype=torch.float32), torch.tensor(weight, dtype=torch.float32)


def loaded(paths: list[Path]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    heard, targets, weights = [], [], []
    for path in sorted(paths):
        stored = np.load(path)
        heard.append(torch.from_numpy(features.of_streams(stored["pcm"])))
        target, weight = hops(stored["truth"])
        targets.append(target)
        weights.append(weight)
    return torch.cat(heard), torch.cat(targets), torch.cat(weights)


class Scaled(nn.Module):
    """A network that takes features about their means, in deviations, both of a part of what it is to learn from."""

    def __init__(self, heard: torch.Tensor) -> None:
        super().__init__()
        flat = heard[::4].reshape(-1, features.FEATURES)
        self.register_buffer("mean", flat.mean(0))
        self.register_buffer("deviation", flat.std(0))

    def scaled(self, heard: torch.Tensor) -> torch.Tensor:
        return ((heard - self.mean) / self.deviation).clamp(-LIMIT, LIMIT)


class Net(Scaled):
    """Gated recurrent cells and one probability."""

    def __init__(self, heard: torch.Tensor) -> None:
        super().__init__(heard)
        self.cells = nn.GRU(features.FEATURES, CELLS, batch_first=True)
        self.out = nn.Linear(CELLS, 1)

    def held(self, heard: torch.Tensor, before: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """What the cells hold at each hop, and at the last."""
        return self.cells(self.scaled(heard), before)

    def forward(self, heard: torch.Tensor, before: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        cells, last = self.held(heard, before)
        return self.out(cells)[..., 0], last


def auc(score: NDArray[np.float32], truth: NDArray[np.bool_]) -> float:
    rank = np.empty(len(score))
    rank[np.argsort(score, kind="stable")] = np.arange(1, len(score) + 1)
    ones = int(truth.sum())
    return float((rank[truth].sum() - ones * (ones + 1) / 2) / (ones * (len(score) - ones)))


def told(net: Scaled, heard: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> str:
    """How the network does on scenes it did not learn from."""
    with torch.no_grad():
        score = torch.cat([net(some)[0] for some in heard.split(64)])
    speech = target.amax(1) > 0
    keep = (weight > 0) & speech[:, None]
    p, t = score[keep].numpy(), target[keep].numpy() > 0.5
    hit, miss, false = (p > 0)[t].sum(), (p <= 0)[t].sum(), (p > 0)[~t].sum()
    each = [
        auc(score[i].numpy(), (target[i] > 0.5).numpy())
        for i in torch.where(speech)[0]
        if 0.02 < target[i].mean() < 0.98
    ]
    alarm = (score[~speech] > 0).float().mean()
    f1 = 2 * hit / (2 * hit + miss + false)
    return f"AUC {auc(p, t):.4f}, by scene {np.mean(each):.4f}, F1 {f1:.4f}, alarm {alarm:.4f}"


def recoloured(heard: torch.Tensor) -> torch.Tensor:
    """Each scene as another gain and another microphone would have had it: by some dB in all, tilted and rippled."""
    at = torch.linspace(-1, 1, BANDS)
    bends = torch.stack([torch.ones(BANDS), at, at**2 - 1 / 3, torch.sin(3 * at), torch.cos(5 * at)])
    offset = torch.randn(len(heard), len(bends)) * torch.tensor([1.0, 0.7, 0.5, 0.4, 0.4]) @ bends
    out = heard.clone()
    out[..., :BANDS] = (out[..., :BANDS] + offset[:, None]).clamp_min(QUIETEST)
    return out


def lost(logit: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The mean cross entropy."""
    each = nn.functional.binary_cross_entropy_with_logits(logit, target, reduction="none")
    return (each * weight).sum() / weight.sum()


def improve(net: nn.Module, best: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    """One step."""
    best.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    best.step()


def learnt(
    net: Net,
    best: torch.optim.Optimizer,
    before: torch.Tensor | None,
    heard: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor,
) -> tuple[float, torch.Tensor]:
    """One step; returns the loss and what the cells hold for the next stretch."""
    logit, last = net(heard, before)
    loss = lost(logit, target, weight)
    improve(net, best, loss)
    return loss.item(), last.detach()


def earlier(hops: torch.Tensor) -> torch.Tensor:
    """What was EARLIER hops ago, 0 at first."""
    return nn.functional.pad(hops, (EARLIER, 0))[:, : hops.shape[1]]


def learnt_earlier(net: Net, heard: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> nn.Linear:
    """The sum of the cells, as they are, that tells whether someone spoke EARLIER hops ago."""
    out = nn.Linear(CELLS, 1)
    best = torch.optim.Adam(out.parameters(), lr=2e-2)
    pace = torch.optim.lr_scheduler.CosineAnnealingLR(best, EARLIER_EPOCHS * -(-len(heard) // BATCH))
    for epoch in range(EARLIER_EPOCHS):
        total = 0.0
        for some in torch.randperm(len(heard)).split(BATCH):
            with torch.no_grad():
                cells, _ = net.held(recoloured(heard[some]))
            loss = lost(out(cells)[..., 0], earlier(target[some]), earlier(weight[some]))
            best.zero_grad()
            loss.backward()
            best.step()
            pace.step()
            total += loss.item() * len(some) / len(heard)
        print(f"{epoch:3} earlier: loss {total:.4f}", flush=True)
    with torch.no_grad():
        out.bias += LEAN
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("heard", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--scenes", nargs="+", required=True)
    words = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    scenes = words.cache / "scenes"
    heard, target, weight = loaded([scenes / f"{name}.npz" for name in words.scenes])
    by_teacher = torch.from_numpy(np.load(words.heard)).float()
    check = loaded(list(scenes.glob("test-*.npz")))
    net = Net(heard)
    average = swa_utils.AveragedModel(net, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(KEPT))
    best = torch.optim.AdamW(net.parameters(), weight_decay=1e-4)
    stretches = heard.shape[1] // STRETCH
    steps = EPOCHS * (len(heard) // BATCH) * stretches
    pace = torch.optim.lr_scheduler.OneCycleLR(best, PACE, total_steps=steps, pct_start=0.1)
    for epoch in range(STOP):
        began, total = time.monotonic(), 0.0
        for some in torch.randperm(len(heard)).split(BATCH):
            if len(some) < BATCH:
                continue
            before, coloured = None, recoloured(heard[some])
            for at in range(0, stretches * STRETCH, STRETCH):
                part = slice(at, at + STRETCH)
                loss, before = learnt(net, best, before, coloured[:, part], by_teacher[some, part], weight[some, part])
                pace.step()
                average.update_parameters(net)
                total += loss / (len(heard) // BATCH) / stretches
        print(
            f"{epoch:3} {time.monotonic() - began:5.1f} s loss {total:.4f}",
            told(average.module, *check) if epoch % 3 == 2 else "",
            flush=True,
        )
    kept = average.module
    second = learnt_earlier(kept, heard, target, weight).state_dict()
    learnt_both = kept.state_dict() | {f"earlier.{name}": value for name, value in second.items()}
    np.savez(words.weights, **{name: value.numpy() for name, value in learnt_both.items()})


if __name__ == "__main__":
    main()
