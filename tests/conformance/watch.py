"""A pytest plugin for the process that runs PyNN's tests: puts a backend in place and logs what happens.

The tests run as they are in PyNN's tree. Scenarios take their simulators from a module ``fixtures``: the one here,
which runs each scenario on the backend under test, whichever backends it lists, and does not skip one that cannot
be imported. Tests written for pyNN.mock, pyNN.brian2 or pyNN.nest find the backend under that name.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import sys
import types
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pyNN
import pytest

import pynn_ext  # noqa: F401  (makes pyNN.<backend> importable from a checkout)

STAND_INS = ("mock", "brian2", "nest")


class Simulator:
    """A backend whose text is its name: some tests look for "nest" in it, which a path may hold."""

    def __init__(self, name: str) -> None:
        self.__name__ = f"pyNN.{name}"
        self._module = importlib.import_module(self.__name__)

    def __str__(self) -> str:
        return self.__name__

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def replace_fixtures(simulator: Simulator) -> None:
    """Let every scenario run on `simulator`."""
    fixtures = types.ModuleType("system.scenarios.fixtures")
    parameters = [pytest.param(simulator, id=simulator.__name__)]
    fixtures.run_with_simulators = lambda *names: pytest.mark.parametrize("sim", parameters)  # type: ignore[attr-defined]
    sys.modules[fixtures.__name__] = fixtures


def stand_in(name: str) -> None:
    """Let the backend `name` answer to the names of others."""
    module = importlib.import_module(f"pyNN.{name}")
    for other in STAND_INS:
        if other != name:
            sys.modules[f"pyNN.{other}"] = module
            setattr(pyNN, other, module)


class FiringLikeMock:
    """The backend's engine, after each run of which every cell has fired as pyNN.mock pretends: at ID and ID + 5 ms.

    Some of PyNN's tests of counting and collecting spikes assert these invented times.
    """

    def __init__(self, state: Any, engine: Any) -> None:
        self._state, self._engine = state, engine

    def run(self, steps: int) -> None:
        self._engine.run(steps)
        for population in (recorder.population for recorder in self._state.recorders):
            log = population.group.spikes
            if log is not None:
                ids = np.tile(population.all_cells.astype(float), 2)
                ids[population.size :] += 5
                times = ids % self._state.t
                order = np.argsort(times)
                log.clear()
                log.append(times[order], (order % population.size).astype(np.int32))


def fire_like_mock(state: Any) -> None:
    """Let the engines that a backend's `state` makes fire like those of pyNN.mock."""
    make = state._engine_factory
    state._engine_factory = lambda *args, **kwargs: FiringLikeMock(state, make(*args, **kwargs))


class Log:
    """Writes one JSON line per event; leaves out the tests that an earlier process has done."""

    def __init__(self, path: Path, done: set[str]) -> None:
        self._path, self._done = path, done

    def _write(self, **event: Any) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(event) + "\n")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid not in self._done]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._write(test=report.nodeid, outcome="CollectError", message=report.longreprtext[-1000:])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._write(test=nodeid, outcome="started")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        report = yield
        if call.excinfo is not None:
            kind = "Skipped" if report.skipped else call.excinfo.typename
            where = call.excinfo.traceback[-1]
            message = f"{call.excinfo.value} [{Path(str(where.path)).name}:{where.lineno + 1}]"
            self._write(test=item.nodeid, outcome=kind, message=message)
        elif report.when == "call":
            self._write(test=item.nodeid, outcome="passed")
        return report


def pytest_configure(config: pytest.Config) -> None:
    """Put the backend in place before PyNN's tests are imported."""
    name = os.environ["CONFORMANCE_BACKEND"]
    stand_in(name)
    replace_fixtures(Simulator(name))
    module = importlib.import_module(f"pyNN.{name}")
    if "CONFORMANCE_MOCK_SPIKES" in os.environ:
        fire_like_mock(module.simulator.state)
    if "CONFORMANCE_TIMESTEP" in os.environ:
        module.setup = functools.partial(module.setup, timestep=float(os.environ["CONFORMANCE_TIMESTEP"]))  # type: ignore[attr-defined]
    done = set(os.environ["CONFORMANCE_DONE"].splitlines())
    config.pluginmanager.register(Log(Path(os.environ["CONFORMANCE_LOG"]), done))
