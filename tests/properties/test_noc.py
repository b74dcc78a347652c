"""What holds for any mesh and any traffic: nothing is lost, flows stay in order, runs repeat, pieces add up."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import astuple, replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pynn_ext.chip.noc import Mesh, Messages, Network, Trace, simulate

EXAMPLES = settings(max_examples=60, deadline=None, derandomize=True)


@st.composite
def meshes(draw: st.DrawFn) -> Mesh:
    """Any mesh that can be built."""
    torus = draw(st.booleans())
    routing = draw(st.sampled_from(["xy", "yx"] if torus else ["xy", "yx", "xy-yx"]))
    speculative = draw(st.booleans())
    interval = draw(st.integers(1, 3))

    def between(low: int, high: int) -> Any:
        return draw(st.integers(low, high))

    if not torus and routing != "xy-yx" and draw(st.integers(0, 3)) == 0:
        shape = {"cores": between(1, 3), "virtual_channels": between(1, 4), "buffer": between(1, 4)}
        return Mesh(between(1, 5), between(1, 4), routing=routing, router="handshake", **shape)
    return Mesh(
        between(1, 5),
        between(1, 4),
        cores=between(1, 3),
        torus=torus,
        virtual_channels=between(2 if torus or routing == "xy-yx" else 1, 4),
        buffer=between(1, 4),
        routing=routing,
        route_delay=between(0, 2),
        vc_delay=1 if speculative else between(1, 2),
        switch_delay=between(1, 2),
        crossbar_delay=between(1, 2),
        credit_delay=between(0, 2),
        speculative=speculative,
        latency_x=between(1, 9),
        latency_y=between(1, 9),
        latency_core=between(1, 3),
        interval_x=interval,
        interval_y=interval if routing == "xy-yx" else between(1, 3),
        interval_core=between(1, 2),
    )


@st.composite
def traffic(draw: st.DrawFn, mesh: Mesh, flits: int = 4, fan_out: int = 1) -> Messages:
    """Bursts and pauses."""
    n = draw(st.integers(1, 80))
    seed = draw(st.integers(0, 1000))
    draws = np.random.default_rng(seed)
    span = draw(st.sampled_from([1, 30, 3000]))
    counts = draws.integers(1, fan_out + 1, n)
    targets = [draws.permutation(mesh.terminals)[:count] for count in counts]
    first = np.cumsum([0, *map(len, targets)])
    return Messages(
        draws.integers(0, span, n),
        draws.integers(0, mesh.terminals, n),
        np.concatenate(targets),
        draws.integers(1, flits + 1, n),
        first,
    )


def same(a: Trace, b: Trace) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(astuple(a), astuple(b), strict=True))


@EXAMPLES
@given(st.data())
def test_everything_arrives_in_order_and_all_credits_come_back(data: st.DataObject) -> None:
    mesh = data.draw(meshes())
    network = Network(mesh)
    messages = data.draw(traffic(mesh))
    network.send(messages)
    arrived = network.drain()
    trace = network.trace()
    assert np.array_equal(np.sort(arrived), np.arange(len(trace)))
    assert (trace.generated <= trace.injected).all() and (trace.blocked >= 0).all()
    flits = np.asarray(messages.flits)
    assert network.traffic[:, 4:].sum() == flits.sum()
    assert network.traffic[:, :4].sum() == (flits * trace.hops).sum()
    network.advance(network.now + 100)
    state = network._state
    assert (state.out["credits"] == mesh.buffer).all() and (state.queue_credits == mesh.buffer).all()
    assert (state.out["owner"] == -1).all() and not state.ivc["count"].any()
    if mesh.virtual_channels == 1:
        for flow in {*zip(trace.source.tolist(), trace.destination.tolist(), strict=True)}:
            chosen = (trace.source == flow[0]) & (trace.destination == flow[1])
            order = np.lexsort((trace.message[chosen], trace.generated[chosen]))
            assert (np.diff(trace.arrived[chosen][order]) > 0).all()


@EXAMPLES
@given(st.data())
def test_a_run_in_pieces_saved_and_restored_is_the_run_in_one(data: st.DataObject) -> None:
    mesh = data.draw(meshes())
    messages = data.draw(traffic(mesh))
    whole = simulate(mesh, messages)
    pieces = Network(mesh)
    pieces.send(messages)
    while pieces.in_flight:
        pieces.advance(pieces.now + data.draw(st.sampled_from([1, 7, 400])))
        pieces = Network.restore(mesh, pieces.save())
    assert same(whole, pieces.trace())


@EXAMPLES
@given(st.data())
def test_a_tree_delivers_what_replication_delivers_with_less_traffic(data: st.DataObject) -> None:
    mesh = data.draw(meshes().filter(lambda mesh: not mesh.torus and mesh.router == "pipelined"))
    messages = data.draw(traffic(mesh, flits=mesh.buffer, fan_out=5))
    copies, tree = Network(mesh), Network(replace(mesh, multicast="tree"))
    for network in (copies, tree):
        network.send(messages)
        network.drain()
    assert np.array_equal(copies.trace().destination, tree.trace().destination)
    assert np.array_equal(copies.trace().source, tree.trace().source)
    assert (tree.trace().arrived >= 0).all()
    assert tree.traffic.sum() <= copies.traffic.sum()


SCRIPT = """
import numpy as np, hashlib
from pynn_ext.chip.noc import Mesh, Messages, Network
draws = np.random.default_rng(0)
variants = [dict(), dict(torus=True), dict(speculative=True, cores=2), dict(multicast="tree"), dict(router="handshake")]
for changes in variants:
    network = Network(Mesh(3, 3, virtual_channels=2, buffer=3, **changes))
    n = 150
    ends = draws.integers(0, 9, (2, 2 * n))
    network.send(Messages(draws.integers(0, 40, n), ends[0, :n], ends[1], 2, np.arange(0, 2 * n + 1, 2)))
    network.drain()
    digest = hashlib.sha256()
    for array in network.save().values():
        digest.update(array.tobytes())
    print(digest.hexdigest())
"""


def test_compiled_and_plain_python_give_the_same_bytes() -> None:
    results = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "NUMBA_DISABLE_JIT": off},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for off in ("0", "1")
    ]
    assert results[0] == results[1] and len(results[0].split()) == 5
