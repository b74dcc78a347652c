"""Diffusive coupling of any state variable x: ``input_post += weight (x_pre - x_post)`` in every step, and the same
for the
presynaptic cell with the two exchanged (Bouvrie and Slotine 2010, arXiv:1001.2457).

The input is a variable that the cells' equations declare without dynamics and use as they like; `ElectricalSynapse`
is this for the membrane potential and the injected current. The coupling of a step is computed from both values at
its beginning. ``pynn_ext.circuits`` has ``couple``, which makes one from a graph, and ``coupled``, which gives any
cell type such an input. With symmetric=False only the postsynaptic cell feels it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from pyNN.standardmodels import StandardSynapseType

from ..network import SynapseModel
from .base import Synapse
from .graded_synapse import named


class DiffusiveCoupling(Synapse, StandardSynapseType):
    """Coupling by differences: ``DiffusiveCoupling(weight=0.1, variable="u", target="u_coupling")``."""

    status = "exact: variances of coupled noisy systems from the spectrum of the Laplacian"
    default_parameters: ClassVar[dict[str, float]] = {"weight": 0.0}
    units: ClassVar[dict[str, str]] = {"weight": "target / variable"}
    parameter_checks: ClassVar[dict[str, Callable[..., Any]]] = {}  # PyNN's refuses weights of both signs
    synapse_model = SynapseModel(
        "DiffusiveCoupling",
        pre_state={"x_pre": "v"},
        post_state={"x_post": "v"},
        coupling="weight*(x_pre - x_post)",
        couples_to="v_coupling",
        symmetric=True,
    )

    def __init__(
        self, variable: str = "v", target: str = "", symmetric: bool = True, **parameters: Any
    ) -> None:
        target = target or f"{variable}_coupling"
        named("DiffusiveCoupling", variable=variable, target=target)
        super().__init__(**parameters)
        self.synapse_model = SynapseModel(
            "DiffusiveCoupling",
            pre_state={"x_pre": variable},
            post_state={"x_post": variable},
            coupling="weight*(x_pre - x_post)",
            couples_to=target,
            symmetric=symmetric,
        )
