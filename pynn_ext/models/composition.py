"""Composed cells: a membrane and any number of named receptors make one `CellModel`.

The receptor ``AMPA`` has a variable ``gsyn`` and a parameter ``tau_syn`` of its own, which PyNN calls ``AMPA.gsyn``
and ``AMPA.tau_syn`` and whose columns are ``AMPA_gsyn`` and ``AMPA_tau_syn``. The equations are those that one would
write by hand for a cell with these receptors, and cost the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..network import CellModel
from ..network.cells import STATE_LINE, column_name


@dataclass(frozen=True)
class Membrane:
    """A neuron without its receptors.

    Parameters
    ----------
    equations : str
        As of a `CellModel`; ``i_syn`` stands for the current of all receptors.
    parameters, threshold, reset, refractory, method, max_step
        As of a `CellModel`.
    potential : str
        What receptors see as v.
    linear : bool
        Whether the equations are linear, so that receptors whose current is linear as well are integrated exactly.
    """

    equations: str
    parameters: Mapping[str, str]
    threshold: str
    reset: str
    refractory: str = "tau_refrac"
    potential: str = "v"
    method: str = "exponential_midpoint"
    max_step: float = 0.0
    linear: bool = False


@dataclass(frozen=True)
class Response:
    """What a receptor does.

    Parameters
    ----------
    equations : str
        Differential equations of its variables.
    current : str
        The current into the cell; ``v`` is the membrane potential.
    parameters : mapping of str to str
        Parameter name to Brian2 unit name.
    target : str
        The variable that an arriving spike increases.
    factor : float
        Factor on the weight of a spike.
    linear : bool
        Whether the current is a linear function of the variables.
    """

    equations: str
    current: str
    parameters: Mapping[str, str]
    target: str
    factor: float = 1.0
    linear: bool = False

    def named(self, receptor: str) -> Response:
        """Return the same response with the names of a receptor."""
        states = [a or b for a, b in STATE_LINE.findall(self.equations)]
        words = "|".join(map(re.escape, (*states, *self.parameters)))
        # the d of a derivative stays in front: dgsyn/dt becomes dAMPA_gsyn/dt
        pattern = re.compile(rf"\b(d(?=\w+\s*/\s*dt\b))?({words})\b")

        def rename(match: re.Match[str]) -> str:
            return (match[1] or "") + column_name(f"{receptor}.{match[2]}")

        return Response(
            pattern.sub(rename, self.equations),
            pattern.sub(rename, self.current),
            {column_name(f"{receptor}.{name}"): unit for name, unit in self.parameters.items()},
            column_name(f"{receptor}.{self.target}"),
            self.factor,
            self.linear,
        )


def compose(name: str, membrane: Membrane, responses: Mapping[str, Response]) -> CellModel:
    """Return the model of a cell with the given receptors."""
    named = {receptor: response.named(receptor) for receptor, response in responses.items()}
    seen = membrane.potential if membrane.potential == "v" else f"({membrane.potential})"
    currents = [re.sub(r"\bv\b", seen, response.current) for response in named.values()]
    total = " + ".join(currents) or "0*amp"
    exact = membrane.linear and all(response.linear for response in named.values())
    return CellModel(
        name=name,
        equations="\n".join(
            [re.sub(r"\bi_syn\b", f"({total})", membrane.equations), *(r.equations for r in named.values())]
        ),
        parameters={**membrane.parameters, **{p: u for r in named.values() for p, u in r.parameters.items()}},
        receptors={receptor: (response.target, response.factor) for receptor, response in named.items()},
        threshold=membrane.threshold,
        reset=membrane.reset,
        refractory=membrane.refractory,
        method="exact" if exact else membrane.method,
        max_step=0.0 if exact else membrane.max_step,
    )
