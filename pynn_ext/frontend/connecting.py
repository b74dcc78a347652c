"""A bar on the terminal while a projection is made, whatever its connector, if that takes more than two seconds.

It is drawn by a thread of its own, so that it moves while one long NumPy call is at work; connectors say how far they
are where they know it, else the seconds are shown."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Any

QUIET = 2.0  # seconds before a bar appears
EVERY = 0.2  # seconds between two drawings
WIDTH = 30


class Progress:
    """The bar of one projection, from entering the context to leaving it.

    Parameters
    ----------
    label : str
        What is being made.
    stream : file, optional
        Where it is drawn if that is a terminal; standard error by default.
    """

    def __init__(self, label: str, stream: Any = None) -> None:
        self._label, self._stream = label, sys.stderr if stream is None else stream
        self._done, self._shown = 0.0, False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Progress:
        self._begin = time.perf_counter()
        if self._stream.isatty():
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if self._shown:
            self._done = 1.0 if kind is None else self._done
            self._draw()
            self._stream.write("\n")
            self._stream.flush()

    def update(self, done: float) -> None:
        """Note that `done`, from 0 to 1, is done."""
        self._done = done

    def _watch(self) -> None:
        wait = QUIET
        while not self._ended.wait(wait):
            self._shown, wait = True, EVERY
            self._draw()

    def _draw(self) -> None:
        elapsed = f"{time.perf_counter() - self._begin:.0f} s"
        bar = (
            f"[{'#' * round(WIDTH * self._done):<{WIDTH}}] {self._done:4.0%}  "
            if self._done
            else "connecting, "
        )
        self._stream.write(f"\r{self._label} {bar}{elapsed}\x1b[K")
        self._stream.flush()


def tell(projection: Any, done: float) -> None:
    """Note how much of a projection is connected; those of other simulators have no bar."""
    progress = getattr(projection, "_progress", None)
    if progress is not None:
        progress.update(done)
