"""NeuroCoreX against its own RTL: every register of the trace, every write and every transmitted byte, to the cycle."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pynn_ext.backends._neurocorex import stream
from pynn_ext.backends._neurocorex.board import STEP_CYCLES, TRACE, Board

HERE = Path(__file__).parent
RUNS = sorted((HERE / "neurocorex").iterdir())
#: The reference samples at the falling edge of the slow clock and names the rising one.
HALF_SLOW_CYCLE = 500
STATE = ("t_ref_ctr", "spikes_l_prev", "weight_prev", "weight_ff_prev", "tpost", "apost")
SNAPSHOTS = {
    "snap_w_aa": "w_aa",
    "snap_w_ff": "w_ff",
    "snap_tpre_AA": "tpre_aa",
    "snap_tpre_FF": "tpre_ff",
    "snap_apre_AA": "apre_aa",
    "snap_apre_FF": "apre_ff",
}


#: Neuron controller, queue of potentials and packing of spikes in the order of the reference; queues by name and port.
CONTROLLER: tuple[tuple[str, ...], ...] = (
    ("state",), ("counter0",), ("v", "rd"), ("v", "wr"), ("v", "dout"), ("vin",), ("port_vout",), ("v", "din"),
    ("spike_out",), ("spike_index",), ("spike", "wr"), ("spike", "din"), ("s_in",),
)  # fmt: skip


def table(path: Path) -> NDArray[np.int64]:
    """Numbers of a compressed text file, one row per line."""
    lines = gzip.decompress(path.read_bytes()).split(b"\n")
    rows = [np.fromstring(line, np.int64, sep=" ") for line in lines if line]
    return np.array(rows) if rows else np.zeros((0, 3), np.int64)


def powered(folder: Path, **options: bool) -> tuple[Board, dict]:
    """A board with a run's memory contents, its bytes on the way to the decoder."""
    given = json.loads((folder / "input.json").read_text())
    board = Board(**options)
    with np.load(folder / "memories.npz") as contents:
        for name in ("w_aa", "w_ff", "stdp_aa", "stdp_ff"):
            board.memory(name)[:] = contents[name]
    data = table(folder / "bytes.txt.gz")
    cycles, now = [], 0
    for earliest in data[:, 0]:
        now = max(now + 10, int(earliest) + 1)
        cycles.append(now)
    board.deliver(bytes(data[:, 1].astype(np.uint8)), cycles)
    return board, given


def assert_traces_equal(board: Board, folder: Path) -> None:
    """All columns; ``active`` is that of the next slow edge, because the reference samples it later."""
    expected = table(folder / "trace.txt.gz")
    trace = board.trace
    rows = np.searchsorted(trace[:, 0], expected[:, 0])
    ours = trace[rows]
    ours[:, TRACE.index("active")] = trace[rows + 1, TRACE.index("active")]
    np.testing.assert_array_equal(ours, expected)


def assert_controller_equal(board: Board, folder: Path) -> None:
    """The state of the neuron controller in every slow cycle while it runs."""
    expected = table(folder / "lif.txt.gz")
    ours = np.empty_like(expected)
    for row, cycle in zip(ours, expected[:, 0], strict=True):
        board.run(int(cycle) + HALF_SLOW_CYCLE)
        found = (board.register(*name) if len(name) == 1 else board.queue(*name) for name in CONTROLLER)
        row[:] = (cycle, *found)
    np.testing.assert_array_equal(ours, expected)


def assert_events_equal(board: Board, folder: Path) -> None:
    for name in ("aa", "ff"):
        np.testing.assert_array_equal(board.weight_writes(f"w_{name}"), table(folder / f"wlog_{name}.txt.gz"))
    np.testing.assert_array_equal(board.sent(), table(folder / "tx.txt.gz"))


def snapshots(folder: Path) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Memories the reference recorded after each step: name, and one row per step."""
    for file, name in SNAPSHOTS.items():
        if (folder / f"{file}.txt.gz").exists():
            yield name, table(folder / f"{file}.txt.gz")


@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.name)
def test_run(folder: Path) -> None:
    board, given = powered(folder)
    states = table(folder / "state.txt.gz")
    memories = list(snapshots(folder))
    for step, state in enumerate(states):
        board.run(int(state[1]) + HALF_SLOW_CYCLE)
        assert [board.register("sin_latch"), board.register("sin_prev")] == list(state[2:4])
        ours = np.concatenate([board.array(name) for name in STATE])
        np.testing.assert_array_equal(ours, state[4:], err_msg=f"step {step}")
        for name, rows in memories:
            np.testing.assert_array_equal(
                board.memory(name).ravel(), rows[step, 1:], err_msg=f"{name}, {step}"
            )
    board.run(given["cycles"])
    assert_traces_equal(board, folder)
    assert_events_equal(board, folder)


@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.name)
def test_neuron_controller(folder: Path) -> None:
    board, _ = powered(folder)
    assert_controller_equal(board, folder)


def test_whole_board() -> None:
    """Programming, emulation and read-back over the serial line, 43.6 million clock cycles."""
    folder = HERE / "neurocorex_uart"
    given = json.loads((folder / "input.json").read_text())
    board = Board()
    board.send((folder / "program.bin").read_bytes(), at=0)
    board.send((folder / "spikes.bin").read_bytes(), at=given["t_spikes"])
    board.send(stream.read_back(), at=given["t_read"])
    assert_controller_equal(board, folder)
    board.run(43_700_000)
    assert_traces_equal(board, folder)
    assert_events_equal(board, folder)
    read = stream.decode_weights(board.answer(given["t_read"]))
    np.testing.assert_array_equal(read.ravel()[:-1], board.memory("w_ff").ravel()[:-1])


@pytest.mark.parametrize("name", ["random0", "random1", "uart_run"])
def test_streams(name: str) -> None:
    """The bytes of the host, and of the board, for a network."""
    folder = HERE / "uart_streams" / name
    given = json.loads((folder / "network.json").read_text())
    values = {
        key: np.array(value) if isinstance(value, list) else value for key, value in given["network"].items()
    }
    program = stream.Program(**values).to_bytes(given["info"]["order"].split())
    spikes = stream.spikes(given["info"]["spikes"])
    assert program == (folder / "program.bin").read_bytes()
    assert spikes == (folder / "spikes0.bin").read_bytes()
    board = Board(keep_trace=False)
    board.send(program)
    start = 26_000_000
    board.run(start)
    board.send(spikes)
    board.run(start + 40 * STEP_CYCLES)
    answer = board.answer(start)
    assert list(answer) == given["tx_bytes"]
    decoded = stream.decode_spikes(answer)
    np.testing.assert_array_equal(decoded, board.steps().spikes[: len(decoded)])


@pytest.mark.parametrize("name", ["run065_quiet_drift", "run062_two_segments", "run047_both_stdp"])
def test_skipped_cycles_change_nothing(name: str) -> None:
    """Evaluating each edge gives the state of skipping the idle ones."""
    fast, _ = powered(HERE / "neurocorex" / name)
    slow, _ = powered(HERE / "neurocorex" / name, jump=False)
    # Just after a slow edge: later in the cycle the word at a read port that nobody uses is not followed.
    end = 799_504
    for board in (fast, slow):
        board.run(end)
    np.testing.assert_array_equal(fast.trace, slow.trace)
    assert fast.state() == slow.state()
