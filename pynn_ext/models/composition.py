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

CURRENT_RECEPTORS = """disyn_exc/dt = -isyn_exc/tau_syn_E : amp
disyn_inh/dt = -isyn_inh/tau_syn_I : amp"""
CONDUCTANCE_RECEPTORS = """dgsyn_exc/dt = -gsyn_exc/tau_syn_E : siemens
dgsyn_inh/dt = -gsyn_inh/tau_syn_I : siemens"""
RECTIFYING_STEP = 0.1  # ms


@dataclass(frozen=True)
class Membrane:
    """A neuron without its receptors.

    Parameters
    ----------
    equations : str
        As of a `CellModel`; ``i_syn`` stands for the current of all receptors.
    parameters, threshold, reset, refractory, after, method, max_step
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
    after: str = ""
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
        Differential equations of its variables, or declarations of variables without dynamics.
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
    rectifying : bool
        Whether the current is a nonlinear function of the potential; the cell is then integrated by Runge and Kutta's
        method of fourth order.
    after : str
        Statements executed after each step; ``v`` is the membrane potential.
    """

    equations: str
    current: str
    parameters: Mapping[str, str]
    target: str
    factor: float = 1.0
    linear: bool = False
    rectifying: bool = False
    after: str = ""

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
            self.rectifying,
            pattern.sub(rename, self.after),
        )


def compose(name: str, membrane: Membrane, responses: Mapping[str, Response]) -> CellModel:
    """Return the model of a cell with the given receptors."""
    named = {receptor: response.named(receptor) for receptor, response in responses.items()}
    seen = membrane.potential if membrane.potential == "v" else f"({membrane.potential})"
    currents = [re.sub(r"\bv\b", seen, response.current) for response in named.values()]
    return _assembled(
        name,
        membrane,
        " + ".join(currents) or "0*amp",
        "\n".join(response.equations for response in named.values()),
        {p: u for r in named.values() for p, u in r.parameters.items()},
        {receptor: (response.target, response.factor) for receptor, response in named.items()},
        [re.sub(r"\bv\b", seen, response.after) for response in named.values()],
        linear=all(response.linear for response in named.values()),
        rectifying=any(response.rectifying for response in named.values()),
    )


def standalone(name: str, membrane: Membrane, conductances: bool = False) -> CellModel:
    """Return the model of a cell with exponential receptors ``excitatory`` and ``inhibitory``, named as those of
    ``IF_curr_exp`` or, with `conductances`, of ``IF_cond_exp``."""
    seen = membrane.potential if membrane.potential == "v" else f"({membrane.potential})"
    parameters = {"tau_syn_E": "second", "tau_syn_I": "second"}
    if conductances:
        current = f"gsyn_exc*(e_rev_E - {seen}) + gsyn_inh*(e_rev_I - {seen})"
        parameters |= {"e_rev_E": "volt", "e_rev_I": "volt"}
    else:
        current = "isyn_exc + isyn_inh"
    variable = "gsyn" if conductances else "isyn"
    return _assembled(
        name,
        membrane,
        current,
        CONDUCTANCE_RECEPTORS if conductances else CURRENT_RECEPTORS,
        parameters,
        {"excitatory": (f"{variable}_exc", 1.0), "inhibitory": (f"{variable}_inh", 1.0)},
        [],
        linear=not conductances,
        rectifying=False,
    )


def _assembled(
    name: str, membrane: Membrane, current: str, equations: str, parameters: Mapping[str, str],
    receptors: Mapping[str, tuple[str, float]], after: list[str], linear: bool, rectifying: bool,
) -> CellModel:  # fmt: skip
    method, max_step = membrane.method, membrane.max_step
    if membrane.linear and linear:
        method, max_step = "exact", 0.0
    elif rectifying and method == "exponential_midpoint":
        method, max_step = "rk4", RECTIFYING_STEP
    return CellModel(
        name=name,
        equations="\n".join([re.sub(r"\bi_syn\b", f"({current})", membrane.equations), equations]),
        parameters={**membrane.parameters, **parameters},
        receptors=receptors,
        threshold=membrane.threshold,
        reset=membrane.reset,
        refractory=membrane.refractory,
        after="\n".join(filter(None, [membrane.after, *after])),
        method=method,
        max_step=max_step,
    )
