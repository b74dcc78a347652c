"""NeuroCoreX: clock cycles per CPU second, against GHDL's simulation of the RTL.

``python -m benchmarks.neurocorex`` runs 90 recurrent, plastic neurons for 200 steps (19.2 million cycles of 10 ns),
from one in eight that fires in a step to half of them, which is all that the refractory period allows, and prints the
ratios to GHDL's figure. That one is recorded, not measured here: the RTL (github.com/ORNL/NeuroCoreX) is not part of
this package.
"""

from __future__ import annotations

import time

import numpy as np
from pynn_ext.backends._neurocorex.board import STEP_CYCLES, Board
from pynn_ext.backends._neurocorex.stream import FIRST_COLUMN, FIRST_ROW, NEURONS

#: Fast clock cycles per CPU second of GHDL 2.0 (mcode) on the RTL with behavioural memories, recorded.
GHDL_CYCLES_PER_SECOND = 117_000
STEPS = 200
FIRST_PACKET = 95_000
#: Refractory steps, and threshold.
CASES = {"usual": (4, 40), "busy": (1, 40), "busiest": (1, 10)}


def powered(refractory: int, threshold: int, seed: int = 1) -> Board:
    """A board with a random recurrent network, all of whose lateral synapses learn."""
    rng = np.random.default_rng(seed)
    board = Board(keep_trace=False, clean=True)
    rows, columns = slice(FIRST_ROW, FIRST_ROW + NEURONS), slice(FIRST_COLUMN, FIRST_COLUMN + NEURONS)
    board.memory("w_aa")[rows, columns] = rng.integers(-2, 4, (90, 90))
    board.memory("w_ff")[rows, 2:95] = rng.integers(0, 12, (90, 93))
    board.memory("stdp_aa")[rows, columns] = 1
    board.array("vthr")[:] = threshold * 1024
    board.array("tref")[:] = 1  # also the factor of input weights
    board.array("tref")[4:94] = refractory
    board.array("stdp")[:3] = 0, 10 | 10 << 8, 1 | 1 << 8
    packets = np.zeros((STEPS + 20, 3), np.uint8)
    packets[:, 1] = rng.integers(2, 95, len(packets))
    data = b"\x30" + packets.tobytes()
    board.deliver(data, FIRST_PACKET + 20 * np.arange(len(data)))
    return board


def main() -> int:
    """Measure and print."""
    powered(4, 40).run(3 * STEP_CYCLES)  # compile
    for name, (refractory, threshold) in CASES.items():
        board = powered(refractory, threshold)
        board.run(2 * STEP_CYCLES)
        first, start = board.cycle, time.thread_time()
        board.run(first + STEPS * STEP_CYCLES)
        seconds = time.thread_time() - start
        rate = (board.cycle - first) / seconds
        firing, written = board.steps().spikes[1:].mean(), len(board.weight_writes("w_aa"))
        print(
            f"{name}: {100 * firing:.0f} % of the neurons fire in a step, {written} weights written, "
            f"{rate / 1e6:.0f} million clock cycles per CPU second, {rate / GHDL_CYCLES_PER_SECOND:.0f} times GHDL"
        )
    print(f"GHDL: {GHDL_CYCLES_PER_SECOND} clock cycles per CPU second, recorded")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
