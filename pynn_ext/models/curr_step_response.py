"""Receptor with a current that lasts one time step: what arrives at t acts, with the size of its weight, until t + dt.

CARLsim's synapses in its current-based mode (Niedermeier et al. 2022, IJCNN, CARLsim 6). There a step is 1 ms, so that
one spike carries ``weight 1 ms`` of charge; here it is the timestep of ``setup``, and a finer grid carries less."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels.base import StandardPostSynapticResponse

from .base import Receptor
from .composition import Response


class CurrStepPostSynapticResponse(Receptor, StandardPostSynapticResponse):
    """Current with the size of the weight, for the one time step after the arrival of a spike."""

    status = "exact: answer of a leaky membrane to a current of one step, in closed form"
    aliases = ("StepPSR",)
    conductance_based = False
    default_parameters: ClassVar[dict[str, Any]] = {"locations": 0.5}
    default_initial_values: ClassVar[dict[str, float]] = {"isyn": 0.0}
    recordable: ClassVar[tuple[str, ...]] = ()  # it is over when a step is recorded
    units: ClassVar[dict[str, str]] = {"isyn": "nA"}
    response = Response(
        equations="isyn : amp",
        current="isyn",
        parameters={},
        target="isyn",
        linear=True,
        after="isyn = 0*amp",
    )
