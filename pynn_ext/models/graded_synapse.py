"""Graded synapse: ``target_post += weight source_pre`` in every step, without spikes and without delay.

It carries any state variable of the presynaptic cells to any input of the postsynaptic ones, which is a variable that
their equations declare without dynamics, or the injected current. The default takes ``s``, the graded spike of
`UltraLIF`, to ``graded``. What acts from t to t + dt is the source at t. Weights have either sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from pyNN.standardmodels import StandardSynapseType

from ..errors import NetworkError
from ..network import SynapseModel
from .base import Synapse


def named(owner: str, **names: str) -> None:
    """Refuse names that are no identifiers, before they reach the equations."""
    for role, name in names.items():
        if not (isinstance(name, str) and name.isidentifier() and name.isascii()):
            raise NetworkError(
                f"{role}={name!r}",
                where=owner,
                limit="it is the name of a state variable",
                remedy="give one such as 'v'",
            )


class GradedSynapse(Synapse, StandardSynapseType):
    """Synapse that carries a state variable: ``GradedSynapse(weight=0.5, source="s", target="graded")``."""

    status = "exact: sums in closed form"
    default_parameters: ClassVar[dict[str, float]] = {"weight": 0.0}
    units: ClassVar[dict[str, str]] = {"weight": "target / source"}
    parameter_checks: ClassVar[dict[str, Callable[..., Any]]] = {}  # PyNN's refuses weights of both signs
    synapse_model = SynapseModel(
        "GradedSynapse", pre_state={"source_pre": "s"}, coupling="weight*source_pre", couples_to="graded"
    )

    def __init__(self, source: str = "s", target: str = "graded", **parameters: Any) -> None:
        named("GradedSynapse", source=source, target=target)
        super().__init__(**parameters)
        self.synapse_model = SynapseModel(
            "GradedSynapse",
            pre_state={"source_pre": source},
            coupling="weight*source_pre",
            couples_to=target,
        )
