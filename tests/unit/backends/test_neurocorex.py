"""A PyNN script on NeuroCoreX: what runs, what is refused and why, and the stream for the board."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pynn_ext.backends.neurocorex as sim
import pytest
from pyNN.standardmodels import ModelNotAvailable
from pynn_ext.backends._neurocorex import stream
from pynn_ext.backends._neurocorex.board import STEP_CYCLES, Board

from pynn_ext.chip.record import entries
from pynn_ext.errors import MappingError, NetworkError, StrictError, UnsupportedError, UsageError
from pynn_ext.models.registry import all_models

STEP = 0.96
CELL = {"v_rest": -65.0, "v_reset": -65.0, "v_thresh": -55.0, "tau_refrac": 1.92, "tau_m": 1e9}


def network(backend: Any = sim, weight: float = 2.0, size: int = 20, **options: Any) -> Any:
    """Sources that fire one after the other, and cells that drive each other."""
    backend.setup(timestep=STEP, **options)
    times = [[STEP * (1 + 3 * i + 20 * j) for j in range(4)] for i in range(5)]
    source = backend.Population(5, backend.SpikeSourceArray(spike_times=times), label="source")
    cells = backend.Population(size, backend.IF_curr_delta(**CELL), label="cells")
    rng = backend.NumpyRNG(seed=1)
    backend.Projection(
        source,
        cells,
        backend.FixedProbabilityConnector(0.6, rng=rng),
        backend.StaticSynapse(weight=6.0, delay=STEP),
    )
    if weight:
        backend.Projection(
            cells,
            cells,
            backend.FixedProbabilityConnector(0.2, rng=rng, allow_self_connections=False),
            backend.StaticSynapse(weight=weight, delay=STEP),
        )
    cells.record(["v", "spikes"])
    return cells


def raster(cells: Any, steps: int) -> np.ndarray:
    """Spikes by step and cell."""
    found = np.zeros((steps + 1, cells.size), int)
    for cell, train in enumerate(cells.get_data().segments[-1].spiketrains):
        found[np.rint(np.asarray(train) / STEP).astype(int), cell] += 1
    return found


def potentials(cells: Any) -> np.ndarray:
    return np.asarray(cells.get_data().segments[-1].filter(name="v")[0])


@pytest.mark.parametrize("clean", [False, True])
def test_a_board_does_the_same_from_the_stream(clean: bool, tmp_path: Path) -> None:
    cells = network(clean=clean)
    sim.run(60 * STEP)
    assert sim.write_stream(tmp_path / "board.bin") == len((tmp_path / "board.bin").read_bytes())
    board = Board(clean=clean, keep_trace=False)
    end = board.send((tmp_path / "board.bin").read_bytes())
    board.run(end + 70 * STEP_CYCLES)
    steps = board.steps()
    assert steps.v.shape == (60, 90)
    scale = sim.chip_report()["scale_per_mV"]
    np.testing.assert_allclose(potentials(cells)[1:], steps.v[:, :20] / 1024 / scale - 65.0, atol=1e-9)
    spikes = raster(cells, 60)
    np.testing.assert_array_equal(spikes[:60], steps.spikes[:, :20])
    assert spikes.sum() > 30
    answer = stream.decode_spikes(board.answer(end - STEP_CYCLES))
    np.testing.assert_array_equal(answer, steps.spikes[: len(answer)])


def test_without_leak_it_is_the_cell_of_the_compiled_engine() -> None:
    """Spike for spike, where no input meets a cell that is above threshold or refractory."""
    import pynn_ext.backends.codegen as codegen

    rasters = []
    for backend in (sim, codegen):
        cells = network(backend, weight=0.0, clean=True)
        backend.run(80 * STEP)
        rasters.append(raster(cells, 80))
    np.testing.assert_array_equal(*rasters)
    assert rasters[0].sum() > 10


def test_runs_in_pieces_and_after_a_reset_are_one_run() -> None:
    cells = network(clean=True)
    sim.run(40 * STEP)
    whole = potentials(cells)
    sim.reset()
    sim.run(15 * STEP)
    sim.run(25 * STEP)
    np.testing.assert_array_equal(potentials(cells), whole)


def test_all_problems_come_at_once() -> None:
    sim.setup(timestep=1.0)
    cells = sim.Population(100, sim.IF_curr_delta(v_reset=-70.0), label="cells")
    source = sim.Population(95, sim.SpikeSourcePoisson(rate=10.0), label="noise")
    sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=5.0))
    cells.set(i_offset=0.1)
    with pytest.raises(MappingError) as raised:
        sim.run(10.0)
    texts = [str(problem) for problem in raised.value.problems]
    for part in ("timestep", "delay", "100 neurons", "95 sources", "v_reset", "i_offset"):
        assert any(part in text for text in texts), part
    assert all("Remedy" in text for text in texts)


REFUSED = [
    name
    for name, model in vars(sim).items()
    if isinstance(model, type) and issubclass(model, ModelNotAvailable) and name in all_models()
]


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_chip_lacks_names_the_nearest(name: str) -> None:
    sim.setup(timestep=STEP)
    with pytest.raises(UnsupportedError, match="nearest"):
        getattr(sim, name)()


def test_roundings_are_counted_and_strict_makes_them_errors() -> None:
    cells = network(weight=1.234)
    sim.Projection(
        cells, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.777, delay=STEP), label="other"
    )
    sim.run(3 * STEP)
    rows = {(row["where"], row["quantity"]): row for row in sim.chip_report()["roundings"]}
    assert 0 < rows["other", "weight"]["changed"] <= 20
    assert "chip_report" in cells.get_data().annotations
    network(weight=1.234, strict=True)
    with pytest.raises(StrictError, match="rounded"):
        sim.run(STEP)


def test_the_lost_synapse_is_reported() -> None:
    """The RTL loses the synapse to the neuron before; corrected, the self-connection."""
    for clean, lost in ((False, (5, 4)), (True, (5, 5))):
        sim.setup(timestep=STEP, clean=clean)
        cells = sim.Population(10, sim.IF_curr_delta(**CELL), label="cells")
        pairs = [(5, 4), (5, 5), (5, 6)]
        sim.Projection(
            cells, cells, sim.FromListConnector(pairs), sim.StaticSynapse(weight=1.0, delay=STEP), label="p"
        )
        sim.run(STEP)
        (row,) = [row for row in sim.chip_report()["roundings"] if row["where"] == "p"]
        assert row["clipped"] == 1
        matrix = sim.simulator.state.engine.program.words.w_aa
        row_of, column = lost[1] + 6, lost[0] + 5
        assert matrix[row_of, column] == 0 and np.count_nonzero(matrix) == 2


def test_inputs_wait_their_turn() -> None:
    sim.setup(timestep=STEP, clean=True)
    source = sim.Population(4, sim.SpikeSourceArray(spike_times=[STEP]))
    cells = sim.Population(4, sim.IF_curr_delta(**CELL))
    sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=5.0, delay=STEP))
    cells.record("v")
    sim.run(8 * STEP)
    rises = [int(np.argmax(v > -65.0)) for v in potentials(cells).T]
    assert rises == [3, 4, 5, 6]
    assert sim.chip_report()["input_spikes_late"] == 3


def test_what_needs_programming_needs_a_reset() -> None:
    cells = network()
    sim.run(5 * STEP)
    cells.set(v_thresh=-50.0)
    with pytest.raises(UnsupportedError, match="reset"):
        sim.run(STEP)
    sim.reset()
    sim.run(5 * STEP)


@pytest.mark.parametrize(("first", "second"), [(0, 3), (3, 0)])
def test_a_pair_of_spikes_changes_the_weight(first: int, second: int) -> None:
    """Potentiated if the presynaptic cell fires first, depressed otherwise, by A (w_max - w_min)."""
    sim.setup(timestep=STEP, clean=True)
    times = [[STEP * (2 + first)], [STEP * (2 + second)]]
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=times))
    cells = sim.Population(2, sim.IF_curr_delta(**CELL))
    sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=11.0, delay=STEP))
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(tau_plus=10 * STEP, tau_minus=10 * STEP, A_plus=0.1, A_minus=0.1),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=4.0),
        weight=2.0,
        delay=STEP,
    )
    plastic = sim.Projection(cells[0:1], cells[1:2], sim.AllToAllConnector(), rule)
    sim.run(12 * STEP)
    (weight,) = plastic.get("weight", format="list", with_address=False)
    scale = sim.chip_report()["scale_per_mV"]
    change = round(0.4 * scale) / scale
    assert weight == pytest.approx(2.0 + (change if first < second else -change), abs=0.5 / scale)
    assert weight != pytest.approx(2.0, abs=0.5 / scale)


CHILD = """
import hashlib
import numpy as np
from pynn_ext.backends._neurocorex.board import Board
board = Board()
rng = np.random.default_rng(3)
board.memory("w_aa")[:] = rng.integers(-3, 12, (96, 96))
board.memory("w_ff")[:] = rng.integers(0, 90, (96, 96))
board.memory("stdp_aa")[:] = board.memory("stdp_ff")[:] = rng.random((96, 96)) < 0.5
board.array("vthr")[:] = 30 * 1024
board.array("tref")[:] = 1
board.array("stdp")[:3] = 5 | 5 << 8, 6 | 4 << 8, 1 | 2 << 8
packets = [0, 20, 0, 0, 30, 0, 0, 40, 0, 0, 50, 0, 0, 60, 0, 0, 70, 0]
board.deliver(bytes([0x30, *packets, 255, 255, 255]), 95_000 + 20 * np.arange(22))
board.run(590_000)
rest = (board.trace, board.sent(), board.weight_writes("w_aa"), board.weight_writes("w_ff"))
assert len(rest[2]) > 10
print(hashlib.sha256(board.state() + b"".join(part.tobytes() for part in rest)).hexdigest())
"""


def test_plain_python_gives_equal_bytes() -> None:
    root = str(Path(__file__).resolve().parents[3])
    results = [
        subprocess.run(
            [sys.executable, "-c", CHILD],
            env={**os.environ, "PYTHONPATH": root, "NUMBA_DISABLE_JIT": flag},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for flag in ("0", "1")
    ]
    assert results[0] == results[1]


def test_bad_streams_are_refused() -> None:
    with pytest.raises(NetworkError, match="-128 to 127"):
        stream.Program(w_aa=np.full((96, 96), 200)).to_bytes()
    with pytest.raises(NetworkError, match="0 to 255"):
        stream.spikes([(256, 4)])
    with pytest.raises(NetworkError, match="0xFF"):
        stream.decode_spikes(b"\x00\x01")
    with pytest.raises(NetworkError, match="bytes of read-back"):
        stream.decode_weights(b"\x00")
    with pytest.raises(NetworkError, match="1 Mbaud"):
        Board().send(b"\x00", every=100)


def test_a_serial_port_without_pyserial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(UsageError, match="pip install pyserial"):
        stream.exchange("loop://", b"", 0)


def test_the_serial_line() -> None:
    """pyserial's loop-back port returns what was sent."""
    pytest.importorskip("serial")
    assert stream.exchange("loop://", b"\x50\x7a", 2, timeout=0.1) == b"\x50\x7a"


def test_each_number_of_the_chip_has_a_source() -> None:
    described = list(entries(sim.CHIP))
    assert {entry.name for entry in described} == set(sim.Chip.__dataclass_fields__) - {"name"}
    assert all(entry.source and entry.what for entry in described)
    assert sim.CHIP.step_ms == pytest.approx(STEP)


def random_board(seed: int, jump: bool) -> Board:
    """Random weights, thresholds, windows, steps and enable bits, and an input spike in most steps."""
    rng = np.random.default_rng(seed)
    board = Board(clean=bool(seed % 2), jump=jump)
    for name, low, high in (("w_aa", -3, 6), ("w_ff", 0, 14), ("stdp_aa", 0, 2), ("stdp_ff", 0, 2)):
        board.memory(name)[:] = rng.integers(low, high, (96, 96))
    board.array("vthr")[:] = 1024 * rng.integers(5, 15)
    board.array("tref")[:] = rng.integers(1, 5, 96)
    windows = rng.integers(1, 15, 4)
    board.array("stdp")[:3] = windows[0] | windows[1] << 8, windows[2] | windows[3] << 8, 1 | 2 << 8
    packets = np.zeros((20, 3), np.uint8)
    packets[:, 0], packets[:, 1] = rng.integers(0, 2, 20), rng.integers(0, 96, 20)
    board.deliver(b"\x30" + packets.tobytes(), 95_000 + 20 * np.arange(61))
    return board


@pytest.mark.parametrize("seed", range(4))
def test_random_networks_are_the_same_edge_by_edge(seed: int) -> None:
    fast, slow = random_board(seed, True), random_board(seed, False)
    for board in (fast, slow):
        board.run(504 + 1000 * (96 * 12 + 37 * seed))
    np.testing.assert_array_equal(fast.trace, slow.trace)
    for name in ("w_aa", "w_ff"):
        np.testing.assert_array_equal(fast.weight_writes(name), slow.weight_writes(name))
    assert fast.state() == slow.state() and fast.steps().spikes.sum() > 50
    assert len(fast.weight_writes("w_aa")) > 1000 and len(fast.weight_writes("w_ff")) > 50
