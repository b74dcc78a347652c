"""Invariants of the neutral network: the layout of connections loses and moves nothing, time only goes forward."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pynn_ext.network import (
    ArraySource,
    CellGroup,
    CellModel,
    Connections,
    SourceGroup,
    SpikeLog,
    SynapseModel,
)
from pynn_ext.network.cells import PADDING

EXAMPLES = settings(max_examples=60, deadline=None, derandomize=True)
CELLS = CellModel("cells", "dv/dt = -v/tau : volt", {"tau": "second"}, {"excitatory": ("v", 1.0)}, "v > 1*mV")
STATIC = SynapseModel("static")
PLASTIC = SynapseModel(
    "plastic",
    parameters={"tau": "1", "gain": "1"},
    state={"u": "gain", "last": -1.0},
    pre_traces={"x": "tau"},
    on_post="weight = weight + gain*x",
)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[Connections, dict[str, np.ndarray]]:
    """Connections and the table, in the order of creation, that they were built from."""
    n_pre, n_post = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    n = draw(st.integers(0, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    model = draw(st.sampled_from([STATIC, PLASTIC]))
    table = {
        "pre": rng.integers(0, n_pre, n),
        "post": rng.integers(0, n_post, n),
        "delay": rng.integers(1, draw(st.integers(2, 6)), n),
        "weight": np.arange(n) + 0.5,  # a name for each synapse
    }
    if model is PLASTIC:
        table |= {"tau": rng.choice([5.0, 7.0], n), "gain": rng.uniform(0.0, 1.0, n)}
    columns: dict[str, Any] = {k: v for k, v in table.items() if k not in ("pre", "post", "delay")}
    pre, post = SourceGroup(n_pre), CellGroup(n_post, CELLS)
    connections = Connections.build(
        pre, post, "excitatory", model, table["pre"], table["post"], table["delay"], columns
    )
    return connections, table


def rows(connections: Connections) -> list[tuple[float, ...]]:
    """Every synapse as a row, sorted."""
    columns = [connections.get(name) for name in sorted(connections.columns)]
    ends = [connections.pre_indices(), connections.post_index, connections.delays()]
    return sorted(zip(*(c.tolist() for c in [*ends, *columns]), strict=True))


@EXAMPLES
@given(layouts())
def test_every_synapse_is_there_once(made: tuple[Connections, dict[str, np.ndarray]]) -> None:
    connections, table = made
    at = np.argsort(connections.get("weight"))  # where each synapse went, in the order of creation
    assert len(connections) == len(table["pre"])
    np.testing.assert_array_equal(connections.pre_indices()[at], table["pre"])
    np.testing.assert_array_equal(connections.post_index[at], table["post"])
    np.testing.assert_array_equal(connections.delays()[at], table["delay"])
    for name in set(table) - {"pre", "post", "delay"}:
        np.testing.assert_array_equal(connections.get(name)[at], table[name])
    if connections.model is PLASTIC:
        np.testing.assert_array_equal(connections.get("u")[at], table["gain"])
        np.testing.assert_array_equal(connections.get("last"), -1.0)


@EXAMPLES
@given(layouts())
def test_rows_are_delimited_and_sorted(made: tuple[Connections, dict[str, np.ndarray]]) -> None:
    """A spike reaches, after the delay of a class, the synapses between two offsets, in order of the target."""
    connections, table = made
    classes = len(connections.delay_steps)
    assert len(connections.offsets) == connections.pre.size * classes + 1
    assert connections.offsets[0] == 0 and connections.offsets[-1] == len(connections)
    for row, (a, b) in enumerate(zip(connections.offsets, connections.offsets[1:], strict=False)):
        assert a <= b and np.all(np.diff(connections.post_index[a:b].astype(int)) >= 0)
        assert np.all(connections.pre_indices()[a:b] == row // classes)
        assert np.all(connections.delays()[a:b] == connections.delay_steps[row % classes])
        for name, values in connections.class_values.items():
            assert np.all(connections.get(name)[a:b] == values[row % classes])


@EXAMPLES
@given(layouts(), st.integers(0, 2**32 - 1), st.sampled_from(["one", "each"]))
def test_new_delays_move_synapses_and_say_where(
    made: tuple[Connections, dict[str, np.ndarray]], seed: int, how: str
) -> None:
    connections, _ = made
    n, rng = len(connections), np.random.default_rng(seed)
    before = {name: connections.get(name).copy() for name in connections.columns}
    ends = connections.pre_indices(), connections.post_index.copy()
    initial = {name: value.copy() for name, value in connections.initial.items()}
    steps: Any = 3 if how == "one" else rng.integers(1, 5, n)
    order = connections.set_delays(steps)
    assert sorted(order) == list(range(n))
    np.testing.assert_array_equal(connections.delays(), np.broadcast_to(steps, (n,))[order])
    np.testing.assert_array_equal(connections.pre_indices(), ends[0][order])
    np.testing.assert_array_equal(connections.post_index, ends[1][order])
    for name, values in before.items():
        np.testing.assert_array_equal(connections.get(name), values[order])
    for name, values in initial.items():
        np.testing.assert_array_equal(connections.initial[name], values[order])


@EXAMPLES
@given(layouts(), st.integers(0, 2**32 - 1))
def test_delays_there_and_back(made: tuple[Connections, dict[str, np.ndarray]], seed: int) -> None:
    connections, _ = made
    before, delays = rows(connections), connections.delays().copy()
    order = connections.set_delays(np.random.default_rng(seed).integers(1, 9, len(connections)))
    connections.set_delays(delays[order])
    assert rows(connections) == before


@EXAMPLES
@given(layouts(), st.data())
def test_what_is_set_is_read_and_survives_a_reset(
    made: tuple[Connections, dict[str, np.ndarray]], data: st.DataObject
) -> None:
    connections, _ = made
    n = len(connections)
    name = data.draw(st.sampled_from(sorted(connections.columns)))
    number = data.draw(st.sampled_from([2.0, 11.0]))
    value: Any = data.draw(st.sampled_from([number, number + np.arange(n) % 3]))
    others = {k: connections.get(k).copy() for k in connections.columns if k != name}
    order = connections.set(name, value)
    place = np.arange(n) if order is None else order
    np.testing.assert_array_equal(connections.get(name), np.broadcast_to(value, (n,))[place])
    for other, values in others.items():
        np.testing.assert_array_equal(connections.get(other), values[place])
    for column in connections.initial:  # a run changes what may change
        connections.columns[column] += 1.0
    connections.reset()
    np.testing.assert_array_equal(connections.get(name), np.broadcast_to(value, (n,))[place])
    for other, values in others.items():
        np.testing.assert_array_equal(connections.get(other), values[place])


# On a grid of 0.5 ms: quarters of a step tell rounding apart.
trains = st.lists(
    st.lists(st.integers(0, 80).map(lambda k: k / 8), max_size=6).map(sorted), min_size=1, max_size=4
)


@EXAMPLES
@given(trains, st.integers(0, 20), st.data())
def test_new_spike_times_change_the_future_alone(
    given_trains: list[list[float]], now: int, data: st.DataObject
) -> None:
    source = ArraySource(len(given_trains))
    source.set_times([np.array(t) for t in given_trains], 0.5, 0)
    assert np.all(np.diff(source.steps) >= 0)
    assert np.all(np.abs(source.steps * 0.5 - source.times) <= 0.25)
    source.position = int(np.sum(source.steps <= now)) if now else 0
    past = list(zip(source.steps[: source.position], source.index[: source.position], strict=True))
    member = data.draw(st.integers(0, source.size - 1))
    others = [
        (s, i)
        for s, i in zip(source.steps, source.index, strict=True)
        if i != member and (s > now or not now)
    ]
    new = data.draw(trains)[0]
    source.set_times([np.array(new)], 0.5, now, [member])
    after = list(zip(source.steps, source.index, strict=True))
    assert after[: source.position] == past
    assert [(s, i) for s, i in after[source.position :] if i != member] == others
    own = [s for s, i in after[source.position :] if i == member]
    assert len(own) == sum(np.floor(t / 0.5 + 0.5) > now or not now for t in new)
    assert all(s > now or not now for s in own)


@EXAMPLES
@given(st.lists(st.lists(st.integers(0, 5), max_size=5), max_size=6))
def test_a_spike_log_keeps_the_order_of_its_chunks(chunks: list[list[int]]) -> None:
    log = SpikeLog()
    for k, chunk in enumerate(chunks):
        log.append(np.full(len(chunk), float(k)), np.array(chunk, np.int32))
        if k % 2:
            log.arrays()
    times, index = log.arrays()
    assert index.tolist() == [i for chunk in chunks for i in chunk]
    assert times.tolist() == [float(k) for k, chunk in enumerate(chunks) for _ in chunk]
    log.clear()
    assert len(log.arrays()[0]) == len(log.arrays()[1]) == 0


@EXAMPLES
@given(st.integers(1, 200), st.data())
def test_a_column_reads_as_it_was_written(size: int, data: st.DataObject) -> None:
    """Whole, in part, one value or many; what lies behind the last cell repeats it."""
    group = CellGroup(size, CELLS)
    expected = np.full(size, 4.0)
    group.set_parameter("tau", 4.0)
    for _ in range(data.draw(st.integers(1, 4))):
        index: Any = data.draw(
            st.one_of(st.just(slice(None)), st.lists(st.integers(0, size - 1), unique=True).map(np.array))
        )
        index = index if isinstance(index, slice) else index.astype(int)
        n = len(expected[index])
        value: Any = data.draw(st.sampled_from([1.0, 2.0, np.arange(n) + 1.0]))
        group.set_parameter("tau", value, index)
        expected[index] = value
        np.testing.assert_array_equal(group.parameter("tau"), expected)
        column = group.parameters["tau"]
        if column.ndim:
            whole = np.lib.stride_tricks.as_strided(column, (-(-size // PADDING) * PADDING,))
            assert np.all(whole[size:] == column[-1])
