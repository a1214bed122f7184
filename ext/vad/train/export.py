"""Write a trained network as the C table: `python export.py WEIGHTS.npz`, into ext/src/vad_weights.h."""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from tables import sixteens, table, write  # because it stands two folders up

LIMIT = 4.0  # deviations at full scale of an input
ONE = 1 << 10  # of a weight
REACH = 2**31 / 2**23  # what a sum of whole numbers may come to
TANH_OVER, TANH_UNDER = (0.99981019, 0.101723917, 6.54966290e-04), (0.434504960, 0.01263941)


def whole(inputs: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights as whole numbers; ValueError: they, or the sums that they can give, do not fit."""
    both = np.round(inputs * ONE), np.round(cells * ONE)
    most = max(np.abs(each).max() for each in both)
    reach = (np.abs(both[0]).sum(axis=1) * LIMIT + np.abs(both[1]).sum(axis=1)).max() / ONE
    if most > 32767 or reach >= REACH:
        raise ValueError(f"weights reach {most / ONE:.2f} each and {reach:.1f} together")
    return both


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    words = parser.parse_args()
    net = np.load(words.weights)
    gain = 32768 / LIMIT / net["deviation"]
    inputs, cells = whole(net["cells.weight_ih_l0"], net["cells.weight_hh_l0"])
    new = len(cells) * 2 // 3  # the first row of this gate, whose sums are kept apart
    bias = net["cells.bias_ih_l0"].copy()
    bias[:new] += net["cells.bias_hh_l0"][:new]
    tables = (
        table("float", "INPUT_GAIN", gain, note="Features to Q13 about their mean."),
        table("float", "INPUT_SHIFT", -net["mean"] * gain),
        sixteens("INPUT_WEIGHT", inputs, "Q10; reset, update, new."),
        sixteens("CELL_WEIGHT", cells, "Q10."),
        table("float", "INPUT_BIAS", bias, note="With the cells' own, but for new."),
        table("float", "CELL_BIAS", net["cells.bias_hh_l0"][new:], note="Of new."),
        table("float", "OUT_WEIGHT", net["out.weight"][0]),
        f"#define OUT_BIAS {net['out.bias'][0]:.9e}f\n",
        table("float", "EARLIER_WEIGHT", net["earlier.weight"][0], note="150 ms ago."),
        f"#define EARLIER_BIAS {net['earlier.bias'][0]:.9e}f\n",
        table("float", "TANH_OVER", np.array(TANH_OVER), note="tanh(x) = x P(x^2) / Q(x^2) up to TANH_MOST."),
        table("float", "TANH_UNDER", np.array(TANH_UNDER)),
        "#define TANH_MOST 5.0f\n",
    )
    write("vad_weights.h", "\n".join(tables), "ext/vad/train/export.py")


if __name__ == "__main__":
    main()
