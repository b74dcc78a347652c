"""The benchmarks measure, compare and print; a peer that is not installed is left out and named."""

from __future__ import annotations

import argparse
import ctypes
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import kernels, latency, marks, networks, run


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


def test_kernels_leave_subnormal_numbers_on() -> None:
    ctypes.CDLL(None).fesetenv(ctypes.c_void_p(-1))  # the default of C, whatever was loaded before
    assert np.float64(5e-324) * 1.0 > 0
    kernels.library.cache_clear()
    kernels.library()
    assert np.float64(5e-324) * 1.0 > 0


@pytest.mark.parametrize("name", ["coba", "hh", "stdp", "microcircuit"])
def test_kernels_simulate_the_same_network(name: str) -> None:
    """Their rates are those of the engine, so that they do the same work."""
    expected = {"coba": (10.0, 18.0), "hh": (25.0, 45.0), "stdp": (6.0, 12.0), "microcircuit": (2.0, 5.0)}[
        name
    ]
    net = networks.network(name)
    assert kernels.has(net)
    figures = kernels.measure(dataclasses.replace(net, duration=200.0))
    assert expected[0] < figures["rate"] < expected[1] and figures["run_cpu_s"] > 0


def test_a_mark_is_a_limit_from_above_for_kernels_and_from_below_for_peers() -> None:
    assert marks.Mark("coba", "kernel", 1.5).met(1.4) and not marks.Mark("coba", "kernel", 1.5).met(1.6)
    assert marks.Mark("coba", "nest", 100).met(120) and not marks.Mark("coba", "nest", 100).met(80)
    assert {mark.network for mark in marks.MARKS} <= set(networks.NETWORKS)
    assert marks.Mark("hh", "nest").row(0.5, 90.0) == "| hh (0.5 s) | nest | 90 |  |  |"
    assert (
        marks.Mark("coba", "kernel", 1.5, "single").row(0.5, 2.0)
        == "| coba, single (0.5 s) | kernel | 2 | ≤ 1.5 | missed |"
    )


@pytest.mark.parametrize(("ratio", "code"), [(1.2, 0), (1.3, 1)])
def test_the_gate_closes_at_a_quarter_more(
    ratio: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = marks.gate_ratios()
    kinds = json.loads(marks.GATE.read_text())
    assert before in kinds.values() and len({frozenset(ratios) for ratios in kinds.values()}) == 1
    stall = iter([9.0, 1.1] * 100)  # other work adds to some measurements, the first compiles
    monkeypatch.setattr(
        marks, "measure", lambda _, name, *__: {"run_cpu_s": ratio * before[name] * next(stall)}
    )
    monkeypatch.setattr(marks, "peer_time", lambda *_: 1.1)
    assert marks.main(["--gate"]) == code
    assert ("slower than before" in capsys.readouterr().out) == bool(code)


def test_latencies_are_measured_from_an_empty_cache_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ratios.json"
    once = dict.fromkeys(latency.REPEATS, 1)
    monkeypatch.setattr(latency.first_steps, "__defaults__", (once,))
    marks.main(["--rows", "latency", "--json", str(file)])
    found = json.loads(file.read_text())["ratios"]
    assert found.keys() == marks.LATENCIES.keys() | marks.FIRST.keys()
    assert found["first step, cold"] > found["first step, warm"] > 0
    assert found["build COBA 4000 with NumpyRNG"] > found["build COBA 4000 with NativeRNG"] > 0
    out = capsys.readouterr().out
    limits = {**marks.FIRST, **{what: most for what, (*_, most) in marks.LATENCIES.items()}}
    assert out.count("missed") == sum(value > limits[what] for what, value in found.items())
    assert out.count(latency.PLAIN) == 2


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_genn_simulates_the_same_network(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pygenn")
    from benchmarks import genn_peer

    scale = 0.25
    genn_peer.main(name, scale, 0)
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    ours = run.measure("codegen", name, 1, "", argparse.Namespace(scale=scale, limit=100.0))
    assert found["neurons"] == pytest.approx(ours["neurons"], abs=4)  # populations are rounded one by one
    assert found["synapses"] == pytest.approx(ours["synapses"], rel=0.02)
    assert found["rate"] == pytest.approx(ours["rate"], rel=0.35)


def test_growth_is_measured_and_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from benchmarks import growth

    for name, value in {"CELLS": 200, "INPUTS": (20, 10), "STEPS": 3, "DURATION": 100.0}.items():
        monkeypatch.setattr(growth, name, value)
    plot, file = tmp_path / "growth.png", tmp_path / "growth.json"
    growth.main(["--most", "4e4", "--repeats", "1", "--plot", str(plot), "--json", str(file)])
    found = json.loads(file.read_text())
    assert [p["cells"] for p in found["synapses"]["points"]] == [200] * 3
    few, many = found["cells of 10 inputs"], found["cells of 20 inputs"]
    assert [p["cells"] for p in few["points"]] == [1000, 2000, 4000]
    assert [p["cells"] for p in many["points"]] == [500, 1000, 2000]
    assert all(
        p["spikes"] > p["cells"] / 3 for series in (found["synapses"], few, many) for p in series["points"]
    )
    assert "| 4,000 |" in capsys.readouterr().out and plot.stat().st_size > 5000
    exact = [growth.Point(n, 10 * n, n, 2e-6 * n) for n in (10, 100, 1000)]
    assert growth.exponent(exact) == pytest.approx(1.0)
    assert growth.line(exact) == pytest.approx((0.0, 2e-7, 0.0), abs=1e-12)
