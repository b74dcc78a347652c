"""Chains of linear nodes against SciPy's correlation and against sums written out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.signal import correlate

from pynn_ext.errors import UnsupportedError
from pynn_ext.nir.linear import NODES, LinearMap

RNG = np.random.default_rng(0)


def node(kind: str, **fields: Any) -> Any:
    """A stand-in for a NIR node of that type."""
    return type(kind, (SimpleNamespace,), {})(**fields)


def applied(so_far: LinearMap, x: np.ndarray) -> np.ndarray:
    return (so_far.matrix @ x.reshape(-1) + so_far.bias).reshape(so_far.shape)


def convolution(weight: np.ndarray, **other: Any) -> Any:
    fields = {"bias": RNG.normal(size=weight.shape[0]), "stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    return node("Conv2d" if weight.ndim == 4 else "Conv1d", weight=weight, **(fields | other))


def reference(x: np.ndarray, conv: Any) -> np.ndarray:
    """Pad, correlate each group with kernels spread by the dilation, take every stride-th value."""
    kernel_dims = conv.weight.shape[2:]
    dilation = np.broadcast_to(conv.dilation, len(kernel_dims))
    spread = np.zeros(
        (*conv.weight.shape[:2], *(d * (k - 1) + 1 for d, k in zip(dilation, kernel_dims, strict=True)))
    )
    spread[(..., *(slice(None, None, d) for d in dilation))] = conv.weight
    pad = [(0, 0), *((p, p) for p in np.broadcast_to(conv.padding, len(kernel_dims)))]
    x = np.pad(x, pad)
    per_group, inputs = conv.weight.shape[0] // conv.groups, conv.weight.shape[1]
    out = []
    for o in range(conv.weight.shape[0]):
        first = o // per_group * inputs
        out.append(
            sum(correlate(x[first + c], spread[o, c], mode="valid") for c in range(inputs)) + conv.bias[o]
        )
    strides = tuple(slice(None, None, s) for s in np.broadcast_to(conv.stride, len(kernel_dims)))
    return np.array(out)[(slice(None), *strides)]


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"stride": (2, 3)},
        {"padding": (1, 2)},
        {"dilation": (2, 1)},
        {"groups": 2, "stride": 2, "padding": 1, "dilation": 2},
    ],
    ids=str,
)
def test_a_convolution_is_scipy_s(other: dict[str, Any]) -> None:
    conv = convolution(RNG.normal(size=(4, 4 // other.get("groups", 1), 3, 2)), **other)
    x = RNG.normal(size=(4, 9, 8))
    found = applied(LinearMap.identity(x.shape).then("conv", conv), x)
    assert np.allclose(found, reference(x, conv), atol=1e-12)


def test_one_dimension() -> None:
    conv = convolution(RNG.normal(size=(3, 2, 4)), stride=2, padding=1)
    x = RNG.normal(size=(2, 11))
    assert np.allclose(
        applied(LinearMap.identity(x.shape).then("conv", conv), x), reference(x, conv), atol=1e-12
    )


def test_same_keeps_the_size() -> None:
    conv = convolution(np.ones((1, 1, 3, 3)), padding="same", bias=np.zeros(1))
    found = applied(LinearMap.identity((1, 4, 4)).then("conv", conv), np.ones((1, 4, 4)))
    assert found.shape == (1, 4, 4) and found[0, 0, 0] == 4.0 and found[0, 1, 1] == 9.0


@pytest.mark.parametrize(("kind", "reduce"), [("SumPool2d", np.sum), ("AvgPool2d", np.mean)])
def test_pools(kind: str, reduce: Any) -> None:
    x = RNG.normal(size=(3, 4, 6))
    pool = node(kind, kernel_size=np.array([2, 3]), stride=np.array([2, 3]), padding=np.array([0, 0]))
    expected = reduce(x.reshape(3, 2, 2, 2, 3), axis=(2, 4))
    assert np.allclose(applied(LinearMap.identity(x.shape).then("pool", pool), x), expected)


def test_a_chain_multiplies_and_carries_biases_on() -> None:
    a, b = RNG.normal(size=(4, 3)), RNG.normal(size=(2, 4))
    chain = LinearMap.identity((3,)).then("a", node("Affine", weight=a, bias=np.arange(4.0)))
    chain = chain.then("s", node("Scale", scale=np.array([1.0, 2.0, 3.0, 4.0]))).then(
        "b", node("Linear", weight=b)
    )
    x = RNG.normal(size=3)
    assert np.allclose(applied(chain, x), b @ (np.arange(1.0, 5.0) * (a @ x + np.arange(4.0))))


def test_delays_beside_source_and_target_are_kept_apart() -> None:
    chain = LinearMap.identity((2,)).then("d", node("Delay", delay=np.array([1e-3, 2e-3])))
    chain = chain.then("w", node("Linear", weight=np.ones((3, 2))))
    chain = chain.then("e", node("Delay", delay=np.array([0.0, 1e-3, 5e-3])))
    assert chain.before.tolist() == [1e-3, 2e-3] and chain.after.tolist() == [0.0, 1e-3, 5e-3]


def test_what_cannot_be_is_refused() -> None:
    start = LinearMap.identity((2,))
    with pytest.raises(UnsupportedError, match="node of type Softmax.*between neurons: Affine"):
        start.then("odd", node("Softmax"))
    with pytest.raises(UnsupportedError, match="2 values go into it.*it takes 3"):
        start.then("w", node("Linear", weight=np.ones((1, 3))))
    mixed = start.then("w", node("Linear", weight=np.ones((2, 2)))).then(
        "d", node("Delay", delay=np.array([0, 1e-3]))
    )
    with pytest.raises(UnsupportedError, match="one delay"):
        mixed.then("w2", node("Linear", weight=np.ones((1, 2))))
    with pytest.raises(UnsupportedError, match="channels"):
        start.then("conv", convolution(np.ones((1, 1, 2, 2))))


def test_every_linear_node_is_tried_here() -> None:
    tried = {"Affine", "Linear", "Scale", "Flatten", "Delay", "Conv1d", "Conv2d", "SumPool2d", "AvgPool2d"}
    assert set(NODES) == tried
    flat = LinearMap.identity((2, 3)).then("flat", node("Flatten", start_dim=0, end_dim=-1))
    assert flat.shape == (6,) and flat.is_identity
