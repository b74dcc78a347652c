"""The ``cycle`` model of a step's time: every message through the two router meshes of the chip.

A core makes its messages one after another and hands each to one of the two meshes in turn (Davies 2018, p. 86: two
physical meshes, dimension order); routers, links and the buffers of cores hold messages back as they fill. The chip
has no clock: the unit of time is 0.1 ns, of which all published times are multiples, and a hop takes as long as is
published. A router takes two units of it, the link the rest.

Not published, and taken from SANA-FE 2.2.9: that a message is one flit, and that buffers have 8 places, that of a core
for both meshes together.

SANA-FE's own ``cycle`` mode (BookSim2, 1 ns a cycle) differs in one thing: once the last message of the step has been
handed over, it lets what remains happen one after the other, first the messages that are on their way, then the
compartments that remain, then what the cores still have to receive. On the chip, and here, these overlap;
`MeshStep.in_turn` is the time if they did not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pynn_ext.chip.contracts import Barrier
from pynn_ext.chip.noc.asynchronous import AsynchronousMesh
from pynn_ext.chip.noc.cores import Course, Work, work_off

from .costs import Costs
from .timing import COLUMNS, CORES_PER_TILE, ROWS, StepCosts, StepMessages

UNIT_S = 1e-10
PLANES, BUFFER = 2, 8
DIRECTIONS = ("east", "west", "north", "south")


def units(seconds: object) -> np.ndarray:
    """Return times in whole units."""
    return np.rint(np.asarray(seconds, float) / UNIT_S).astype(np.int64)


def mesh(costs: Costs, chips: int = 1) -> AsynchronousMesh:
    """Return the two meshes; chips stand side by side."""
    x, y, local, link = (
        int(t) for t in units([c.time for c in (costs.hop_x, costs.hop_y, costs.local, costs.link)])
    )
    return AsynchronousMesh(
        COLUMNS * chips, ROWS, CORES_PER_TILE, PLANES, BUFFER, BUFFER // PLANES,
        latency_x=x, latency_y=y, latency_core=max(1, local // 2),
        interval_x=link, interval_y=link, interval_core=link,
    )  # fmt: skip


@dataclass(frozen=True)
class MeshStep:
    """A step on the mesh.

    Attributes
    ----------
    messages : StepMessages
    course : Course
        When what happened, in units of 0.1 ns.
    contract : Barrier
        What ends the step.
    """

    messages: StepMessages
    course: Course
    contract: Barrier

    @property
    def time(self) -> float:
        """Time (s) of the step."""
        return self.contract.lasts(self.course.end * UNIT_S)

    @property
    def critical(self) -> int:
        """The core that was done last, -1 if none had anything to do."""
        m, course = self.messages, self.course
        if not len(m.source):
            return -1
        made, worked = int(course.ready.argmax()), int(course.processed.argmax())
        late = course.processed[worked] > course.ready[made]
        return int(m.destination[worked] if late else m.source[made])

    @property
    def waiting(self) -> float:
        """Time (s) that messages spent waiting in sources and in the mesh, all together."""
        course, real = self.course, self.messages.destination >= 0
        return float((course.blocked + course.injected - course.ready)[real].sum() * UNIT_S)

    @property
    def in_turn(self) -> float:
        """Time (s) of the step if, after the last message has been handed over, messages, compartments and
        reception followed each other."""
        course, alone = self.course, self.messages.destination < 0
        taken = int(course.injected.max(initial=0))
        drained = max(int(course.arrived.max(initial=0)), taken)
        making = max(int(course.ready[alone].max(initial=0)) - taken, 0)
        working = max(int(course.processed.max(initial=0)) - drained, 0)
        return self.contract.lasts((drained + making + working) * UNIT_S)


def cycle(costs: StepCosts, messages: StepMessages, chips: int = 1) -> MeshStep:
    """Return how the messages of a step fare."""
    work = Work(
        _terminal(messages.source, chips),
        np.where(messages.destination >= 0, _terminal(messages.destination, chips), -1),
        units(messages.generation),
        units(messages.processing),
    )
    return MeshStep(messages, work_off(mesh(costs.costs, chips), work), costs.contract)


def busiest(traffic: np.ndarray, chips: int = 1) -> dict[str, int | str]:
    """Return the link between two tiles that carried most, for `Course.traffic` of a step or a sum of them."""
    links = traffic[:, :, : len(DIRECTIONS)].sum(axis=0)
    router, direction = np.unravel_index(int(links.argmax()), links.shape)
    y, x = divmod(int(router), COLUMNS * chips)
    return {"tile": x * ROWS + y, "towards": DIRECTIONS[int(direction)], "messages": int(links.max())}


def _terminal(core: np.ndarray, chips: int) -> np.ndarray:
    """Return the terminals of cores: tiles are numbered column by column, routers row by row."""
    tile, place = np.divmod(core, CORES_PER_TILE)
    x, y = np.divmod(tile, ROWS)
    return (y * COLUMNS * chips + x) * CORES_PER_TILE + place
