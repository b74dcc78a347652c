"""The benchmarks measure, compare and print; a peer that is not installed is left out and named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import networks, run


def figures(run_s: float, rate: float = 10.0) -> dict[str, float]:
    return {
        "run_s": run_s, "build_s": 2 * run_s, "first_s": 0.1, "cold_s": 1.0, "peak_mb": 100.0, "rate": rate,
        "neurons": 1000, "synapses": 5000,
    }  # fmt: skip


def test_ratios_are_multiples_of_our_figure() -> None:
    results = {
        "codegen": figures(0.5),
        "nest": figures(5.0, rate=12.0),
        "brian2": {"error": "not done after 3 s"},
    }
    run.compare("coba", results)
    lines = run.table("coba", results).splitlines()
    assert lines[0] == "### coba: 1,000 cells, 5,000 synapses"
    assert lines[4] == "| **codegen** | 0.5 | 1 | 1 | 0.1 | 100 | 10.00 |"
    assert lines[5] == "| pyNN.nest | 5 (10x) | 10 (10x) | 1 | 0.1 | 100 | 12.00 (differs) |"
    assert lines[6].startswith("| pyNN.brian2 | not done after 3 s |")


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_scale(name: str) -> None:
    small, full = networks.network(name, 0.5), networks.network(name)
    if isinstance(full, networks.Layered):
        assert isinstance(small, networks.Layered)
        np.testing.assert_allclose(2 * small.sizes, full.sizes, atol=2)
        np.testing.assert_allclose(4 * small.numbers, full.numbers, rtol=0.03, atol=30)
        assert small.offsets.min() > full.offsets.min() > 0
        return
    assert 2 * small.size == full.size and 0 < full.probability <= small.probability <= 1.0


def test_a_missing_peer_is_left_out_and_ours_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(run.NEEDS, "nest", "no_such_module")
    file = tmp_path / "figures.json"
    arguments = [
        "--networks",
        "cuba",
        "--peers",
        "nest",
        "--scale",
        "0.1",
        "--repeats",
        "1",
        "--json",
        str(file),
    ]
    assert run.main(arguments) == 0
    assert "pyNN.nest is left out" in capsys.readouterr().out
    ours = json.loads(file.read_text())["networks"]["cuba"]["codegen"]
    assert ours["neurons"] == 400 and ours["cold_s"] > ours["first_s"] > 0 and 1.0 < ours["rate"] < 20.0


def test_wrong_names_are_usage_errors() -> None:
    with pytest.raises(SystemExit) as stop:
        run.main(["--networks", "nonsense"])
    assert stop.value.code == 2
