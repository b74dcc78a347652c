"""Ctrl-C: the first ends the simulation at a time step, the second the script.

A simulation of an hour must not be lost because it was stopped. While an engine runs, the first SIGINT is only noted;
the run ends after the present piece, and the script goes on with what was simulated: it reads, plots and writes it.
Further calls of ``run`` simulate nothing, so a script that calls it in a loop comes to its end too. Afterwards SIGINT
means what it always does. At a prompt the next ``run`` goes on where this one stopped."""

from __future__ import annotations

import signal
import sys
import threading
import time

# The functions of `signal` itself call these and convert handlers to enumerations: a third of the time of a short run.
from _signal import getsignal  # type: ignore[import-not-found]
from _signal import signal as handle
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

PIECE = 0.1  # seconds that a piece of a run is meant to take
GROWTH = 8  # how many times longer than the last a piece may be


class StoppedError(Exception):
    """A run ended before its time; what was simulated is there."""


class Interrupts:
    """What SIGINT has asked of this process.

    Attributes
    ----------
    asked : bool
        Whether it came while an engine ran.
    """

    def __init__(self) -> None:
        self.asked = False

    def begin(self) -> None:
        """Forget an earlier interruption if somebody at a prompt asks for a new run."""
        if hasattr(sys, "ps1"):
            self.asked = False

    @contextmanager
    def listening(self) -> Iterator[bool]:
        """Note SIGINT, unless the script handles it itself or this is not the main thread; tell which it is."""
        if threading.current_thread() is not threading.main_thread() or (
            getsignal(signal.SIGINT) is not signal.default_int_handler
        ):
            yield False
            return
        handle(signal.SIGINT, self._note)
        try:
            yield True
        finally:
            handle(signal.SIGINT, signal.default_int_handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


INTERRUPTS = Interrupts()


class Pieces:
    """Divides runs into pieces of about `PIECE` seconds, after which an engine can stop."""

    def __init__(self) -> None:
        self._length = 1

    def of(self, steps: int) -> Iterator[int]:
        """Give the lengths (steps) of the pieces of a run, at least one; each is timed until the next is wanted."""
        while True:
            n = min(self._length, steps)
            began = time.perf_counter()
            yield n
            steps -= n
            if n == self._length:
                faster = PIECE / max(time.perf_counter() - began, 1e-9)
                self._length = max(1, int(n * min(faster, GROWTH)))
            if steps <= 0:
                return
