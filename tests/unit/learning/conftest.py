"""The backends that learning procedures are tested on."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

BACKENDS = ("codegen", "mesh", "loihi", "nest", "neuron")


def backend(name: str) -> Any:
    """The module of a backend, or skip if its simulator is not installed."""
    if name in ("nest", "neuron"):
        pytest.importorskip(name)
    return import_module(f"pyNN.{name}")


def begin(module: Any) -> None:
    """Call ``setup(timestep=1.0)`` of a backend."""
    # NEST cannot go back in time: its reset() runs through a pause
    nest = {"spike_precision": "on_grid", "verbosity": "error", "t_flush": 100.0, "max_delay": 50.0}
    module.setup(timestep=1.0, min_delay=1.0, **(nest if module.__name__ == "pyNN.nest" else {}))


@pytest.fixture(params=BACKENDS)
def sim(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each backend after ``setup(timestep=1.0)``."""
    module = backend(request.param)
    begin(module)
    yield module
    module.end()
