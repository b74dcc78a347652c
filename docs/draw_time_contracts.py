"""Draw ``images/time_contracts.svg``: the same messages on the same mesh, under each time contract.

``python docs/draw_time_contracts.py`` (with matplotlib). Arrival cycles come from the network on chip, the steps in
which messages act from the contracts."""

from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from pynn_ext.chip.contracts import Asynchronous, Barrier, Clocked, RealTimeTick
from pynn_ext.chip.noc import Mesh, Messages, Network

STEP, WORK, SYNC = 40, 9, 6  # cycles of a step, that cells take, and of the barrier itself
DESTINATION, FLITS = (1, 10, 15), (1, 1, 8)
CONTRACTS = (
    (Barrier(), "barrier: a step lasts as long as its slowest work"),
    (RealTimeTick(), "real-time tick: a step has a fixed length, what is late acts in the next"),
    (
        Asynchronous(),
        "asynchronous: a message acts when it arrives; the simulation rounds to its nearest step",
    ),
    (Clocked(cycles=STEP), "clocked: what arrives during a step acts in the next"),
)
COLOURS = ("#3b7dd8", "#3fa66b", "#e07b39")


def carried(contract):
    """Return the beginnings of the steps, and rows (message, generated, arrived, acts, late)."""
    network, starts, rows = Network(Mesh(4, 4)), [0], []
    for step, messages in enumerate(((0, 1, 2), (0, 1))):
        start = max(starts[-1], network.now)
        chosen = list(messages)
        network.send(
            Messages([start] * len(chosen), [0] * len(chosen), [DESTINATION[m] for m in chosen],
                     [FLITS[m] for m in chosen])
        )  # fmt: skip
        if contract.waits:
            network.drain()
        else:
            network.advance((step + 1) * STEP)
        starts.append(network.now + SYNC if contract.waits else starts[-1] + STEP)
    network.drain()
    trace = network.trace()
    for m, generated, arrived in zip((0, 1, 2, 0, 1), trace.generated, trace.arrived, strict=True):
        if contract.waits:
            acts, late = starts.index(max(s for s in starts if s <= generated)), False
        else:
            acts = int(contract.acts(generated, arrived, STEP))
            late = bool(contract.late(generated, arrived, STEP))
        rows.append((m, int(generated), int(arrived), acts, late))
    return starts, rows


def draw(axis, contract, title):
    """Draw two steps."""
    starts, rows = carried(contract)
    for k, start in enumerate(starts[:-1]):
        end = starts[k + 1]
        axis.axvspan(start, end, color="#eef1f6" if k % 2 == 0 else "#dfe5ee", lw=0)
        axis.text(
            (start + end) / 2, 3.62, f"step {k}: {end - start} cycles", ha="center", va="center", fontsize=8
        )
        axis.barh(2.95, WORK, left=start, height=0.36, color="#9aa4b2")
        axis.text(start + WORK + 0.8, 2.95, "cells", va="center", fontsize=7, color="#5a6472")
        if contract.waits:
            axis.barh(2.95, SYNC, left=end - SYNC, height=0.36, color="#c9a227")
            axis.text(end - SYNC - 0.8, 2.95, "barrier", va="center", ha="right", fontsize=7, color="#8a6d10")
    if isinstance(contract, Clocked):
        axis.vlines(range(0, starts[-1] + 1), 3.2, 3.32, color="#9aa4b2", lw=0.6)
    for m, generated, arrived, acts, late in rows:
        y, colour = 2.2 - 0.85 * m, COLOURS[m]
        axis.plot([generated], [y], "o", color=colour, ms=4)
        axis.annotate(
            "", (arrived, y), (generated, y), arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.6}
        )
        text = f"acts in step {acts}" + (", late" if late else "")
        place = max(arrived, generated + 14)
        axis.text(
            place, y + 0.24, text, va="center", ha="right", fontsize=7.5, color="#b3261e" if late else "black"
        )
    axis.set_xlim(-1, 97)
    axis.set_ylim(0, 3.95)
    axis.set_yticks([])
    axis.set_title(title, loc="left", fontsize=9, fontweight="bold")
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(labelsize=7.5)


def main():
    """Write the figure."""
    figure = Figure(figsize=(9, 8.4), layout="constrained")
    for axis, (contract, title) in zip(figure.subplots(4, 1, sharex=True), CONTRACTS, strict=True):
        draw(axis, contract, title)
    axis.set_xlabel("clock cycles; three messages of 1, 4 and 6 hops, the last one of 8 flits", fontsize=8.5)
    with matplotlib.rc_context(
        {"svg.fonttype": "none", "font.family": "sans-serif", "svg.hashsalt": "time contracts"}
    ):
        path = Path(__file__).resolve().parent / "images" / "time_contracts.svg"
        figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
