"""Time contracts: how long a step of a chip lasts, and in which step a spike acts that an interconnect carries.

A spike is generated at the beginning of a step, in cycle g; its message arrives in cycle a > g; a step has C cycles::

    barrier          a step lasts as long as its slowest work, then all go on      acts in step  g / C
    real-time tick   a step lasts a fixed time, whatever is left undone            acts in step  floor(a / C)
    asynchronous     there are no steps; those of the simulation only sample       acts in step  floor(a / C + 1/2)
    clocked          a step is a fixed number of clock cycles, the same ones       acts in step  ceil(a / C)

To act in step k is to do what a spike does that was fired at the time k C, and then to take the synapse's own delay. A
message is *late* if it acts in a later step than without an interconnect: never at a barrier, and with a clock if it
takes longer than a step. A real-time tick may also drop what is late."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError, suggestion


class TimeContract(ABC):
    """What a chip promises about time."""

    name: ClassVar[str]
    #: Whether a step waits for its messages, so that its cycles are no measure of the time of the network.
    waits: ClassVar[bool] = False
    #: Whether messages that are late are lost.
    loses: bool = False

    @abstractmethod
    def acts(self, generated: Any, arrived: Any, cycles: int) -> Any:
        """Return the steps in which messages act.

        Parameters
        ----------
        generated, arrived : int or ndarray of int
            Cycles; `generated` is the beginning of a step.
        cycles : int
            Cycles of a step.
        """

    @abstractmethod
    def until(self, step: int, cycles: int) -> int:
        """Return the first cycle in which a message arrives too late to act in a step."""

    def late(self, generated: Any, arrived: Any, cycles: int) -> npt.NDArray[np.bool_]:
        """Return which messages act in a later step than without an interconnect."""
        soonest = np.asarray(generated) // cycles
        return np.asarray(self.acts(generated, arrived, cycles) > soonest)

    @abstractmethod
    def lasts(self, work: float) -> float:
        """Return how long a step lasts (s) whose slowest work takes so long (s)."""


@dataclass(frozen=True)
class Barrier(TimeContract):
    """A step lasts as long as its slowest core or message, and what it takes to agree on its end. Spikes are never
    late; steps differ in length.

    Parameters
    ----------
    sync_s : float
        Time (s) that the barrier itself takes.
    """

    sync_s: float = 0.0
    name: ClassVar[str] = "barrier"
    waits: ClassVar[bool] = True

    def acts(self, generated: Any, arrived: Any, cycles: int) -> Any:
        """Return the step in which they were generated."""
        return generated // cycles

    def until(self, step: int, cycles: int) -> int:
        """Return a cycle that is never reached: the step waits."""
        return 1 << 62

    def lasts(self, work: float) -> float:
        """Return the time of the work and of the barrier."""
        return work + self.sync_s


@dataclass(frozen=True)
class RealTimeTick(TimeContract):
    """A step lasts a fixed time. What arrives after its end acts at the beginning of the next one, or is dropped.

    Parameters
    ----------
    tick_s : float
        Time (s) of a step.
    drops : bool
        Whether late messages are dropped.
    """

    tick_s: float = 1e-3
    drops: bool = False
    name: ClassVar[str] = "real-time tick"

    @property
    def loses(self) -> bool:  # type: ignore[override]
        """Whether messages that are late are lost."""
        return self.drops

    def acts(self, generated: Any, arrived: Any, cycles: int) -> Any:
        """Return the steps in which they arrive."""
        return arrived // cycles

    def until(self, step: int, cycles: int) -> int:
        """Return the end of the step."""
        return (step + 1) * cycles

    def lasts(self, work: float) -> float:
        """Return the time of a tick, whatever the work."""
        return self.tick_s


@dataclass(frozen=True)
class Asynchronous(TimeContract):
    """Nothing is in step with anything: a message acts when it arrives, which the simulation rounds to the nearest of
    its own steps."""

    name: ClassVar[str] = "asynchronous"

    def acts(self, generated: Any, arrived: Any, cycles: int) -> Any:
        """Return the steps nearest to their arrival, the later of two."""
        return (2 * arrived + cycles) // (2 * cycles)

    def until(self, step: int, cycles: int) -> int:
        """Return the middle of the step."""
        return -(-(2 * step + 1) * cycles // 2)

    def lasts(self, work: float) -> float:
        """Return the time of the work: there is nothing to wait for."""
        return work


@dataclass(frozen=True)
class Clocked(TimeContract):
    """A step has the same number of clock cycles always, and each thing happens in its own cycle. What arrives during a
    step acts in the next.

    Parameters
    ----------
    clock_hz : float
        Frequency (Hz).
    cycles : int
        Cycles of a step.
    """

    clock_hz: float = 1e6
    cycles: int = 1000
    name: ClassVar[str] = "clocked"

    def acts(self, generated: Any, arrived: Any, cycles: int) -> Any:
        """Return the steps that begin when they have arrived."""
        return -(-arrived // cycles)

    def until(self, step: int, cycles: int) -> int:
        """Return the first cycle of the step itself."""
        return step * cycles + 1

    def late(self, generated: Any, arrived: Any, cycles: int) -> npt.NDArray[np.bool_]:
        """Return which messages take longer than a step."""
        return super().late(generated, np.asarray(arrived) - cycles, cycles)

    @property
    def step_s(self) -> float:
        """Time (s) of a step."""
        return self.cycles / self.clock_hz

    def lasts(self, work: float) -> float:
        """Return the time of a step, whatever the work."""
        return self.step_s


CONTRACTS: dict[str, type[TimeContract]] = {
    kind.name: kind for kind in (Barrier, RealTimeTick, Asynchronous, Clocked)
}


def contract_of(value: str | TimeContract) -> TimeContract:
    """Return a contract given as such, or by its name.

    Raises
    ------
    NetworkError
        For a name that is not known.
    """
    if isinstance(value, TimeContract):
        return value
    if value not in CONTRACTS:
        raise NetworkError(f"a time contract {value!r}", where="chip", remedy=suggestion(value, CONTRACTS))
    return CONTRACTS[value]()
