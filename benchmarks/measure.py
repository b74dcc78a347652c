"""Wall and CPU time of the phases of one process, and its largest memory."""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

TO_MB = (
    1 / 1024**2 if sys.platform == "darwin" else 1 / 1024
)  # ru_maxrss counts bytes there, kilobytes elsewhere


class Clock:
    """Collects figures; each `phase` lasts from the end of the one before."""

    def __init__(self) -> None:
        self.figures: dict[str, Any] = {}
        self._last, self._used = time.perf_counter(), time.process_time()

    def phase(self, name: str) -> None:
        """End a phase."""
        now, used = time.perf_counter(), time.process_time()
        self.figures[f"{name}_s"], self.figures[f"{name}_cpu_s"] = now - self._last, used - self._used
        self._last, self._used = now, used

    def finish(self, **figures: Any) -> None:
        """Print everything as one line of JSON, the last of the process."""
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * TO_MB
        print(json.dumps({"peak_mb": own, **self.figures, **figures}), flush=True)
