"""Terms of a rule as products of Loihi's learning engine."""

from __future__ import annotations

import pytest
from pynn_ext.backends._loihi.microcode import compiled

from pynn_ext.network import SynapseModel

TRIPLET = SynapseModel(
    "triplet", parameters=dict.fromkeys(("A2", "A3", "tau"), "1"), pre_traces={"x": "tau"},
    post_traces={"y": "tau", "slow": "tau"}, on_pre="weight = clip(weight - A2*y, 0, 1)",
    on_post="weight = clip(weight + x*(A2 + A3*slow), 0, 1)",
)  # fmt: skip


def test_a_product_of_traces_takes_the_impulse_of_its_own_spike_away() -> None:
    """Pfister and Gerstner's rule sees the slow trace before the spike; the engine's has the impulse of it already."""
    code = compiled(TRIPLET, {"A2": 0.1, "A3": 0.3, "tau": 20.0}, 255.0)
    (product,) = [p for p in code.products if len(p.factors) == 2]
    own = next(factor for factor in product.factors if factor.variable == "y2")
    assert own.constant == -round(code.impulses["y2"]) and product.dependency == "y0"
    size = product.mantissa * 2.0 ** (product.exponent - product.shift)
    assert size * code.impulses["x1"] * code.impulses["y2"] == pytest.approx(0.3 * 255, rel=0.01)
