"""A bar for every connector that takes long, on a terminal only."""

from __future__ import annotations

import io
import re
import time
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.frontend import connecting, projections


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_appears_late_and_ends_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "EVERY", 0.005)
    shown = Terminal()
    monkeypatch.setattr(connecting, "QUIET", 0.03)
    with connecting.Progress("a→b", shown) as progress:
        time.sleep(0.005)
        assert not shown.getvalue()
        while "connecting, 0 s" not in shown.getvalue():
            time.sleep(0.005)
        progress.update(0.5)
        while f"\ra→b [{'#' * 15:<30}]  50%" not in shown.getvalue():
            time.sleep(0.005)
    assert shown.getvalue().endswith(f"\ra→b [{'#' * 30}] 100%  0 s\x1b[K\n")


def test_nothing_is_drawn_where_nobody_looks_or_there_is_nothing_to_wait_for() -> None:
    for stream in (io.StringIO(), Terminal()):
        with connecting.Progress("a→b", stream) as progress:
            progress.update(0.5)
        assert not stream.getvalue()


def test_an_error_leaves_the_bar_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "QUIET", 0.0)
    monkeypatch.setattr(connecting, "EVERY", 0.001)
    shown = Terminal()
    with pytest.raises(ValueError, match="no"), connecting.Progress("a→b", shown) as progress:
        progress.update(0.3)
        while "30%" not in shown.getvalue():
            time.sleep(0.001)
        raise ValueError("no")
    assert "100%" not in shown.getvalue() and shown.getvalue().endswith("\n")


def connectors(rng: Any) -> dict[str, Any]:
    matrix = np.random.default_rng(1).random((60, 60)) < 0.3
    return {
        "all to all": sim.AllToAllConnector(),
        "one to one": sim.OneToOneConnector(),
        "probability": sim.FixedProbabilityConnector(0.3, rng=rng),
        "total": sim.FixedTotalNumberConnector(500, rng=rng),
        "pre": sim.FixedNumberPreConnector(5, rng=rng),
        "post": sim.FixedNumberPostConnector(5, rng=rng),
        "distance": sim.DistanceDependentProbabilityConnector("exp(-d/50)", rng=rng),
        "list": sim.FromListConnector([(i, i, 0.1, 1.0) for i in range(60)]),
        "array": sim.ArrayConnector(matrix),
    }


@pytest.mark.parametrize("native", [False, True], ids=["numpy", "native"])
@pytest.mark.parametrize("name", connectors(None))
def test_every_connector_has_it(name: str, native: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = Terminal()

    class Slow(connecting.Progress):
        def __init__(self, label: str) -> None:
            super().__init__(label, drawn)

        def __exit__(self, *ends: Any) -> None:
            while not self._shown:  # as if it had taken long
                time.sleep(0.001)
            super().__exit__(*ends)

    monkeypatch.setattr(connecting, "QUIET", 0.0)
    monkeypatch.setattr(projections, "Progress", Slow)
    sim.setup()
    rng = sim.NativeRNG(seed=1) if native else sim.NumpyRNG(seed=1)
    cells = sim.Population(60, sim.IF_curr_exp())
    connector = connectors(rng)[name]
    projection = sim.Projection(
        cells, cells, connector, sim.StaticSynapse(weight=0.1, delay=1.0), label="slow"
    )
    assert len(projection) > 0
    assert re.fullmatch(r"(\rslow [^\r]*)+100%  0 s\x1b\[K\n", drawn.getvalue())
