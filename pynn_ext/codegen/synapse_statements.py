"""The statements of a synapse model on each occasion, and the variables that they may use, for whatever runs them.

Variables have the index of what they belong to: ``_syn`` the synapse, ``_pre`` and ``_post`` the rows of traces (cell
and class), ``_source`` and ``_target`` the cells at the two ends, and 0 where one value is for all. A draw, as
``uniform(0)``, is told its synapse, so that it does not depend on the order in which synapses are taken."""

from __future__ import annotations

from ..network import SynapseModel
from .brian import Variable
from .costly import DRAWS


def synapse_variables(
    model: SynapseModel, arrays: frozenset[str]
) -> tuple[tuple[str, ...], dict[str, Variable]]:
    """Return the names of the columns, and every variable that the statements of `model` may use."""
    columns = ("weight", *model.parameters, *model.state)
    variables = {
        name: Variable(
            "1", "_syn" if name in arrays else "0", writable=name in arrays, double=name in model.times
        )
        for name in columns
    }
    variables.update({name: Variable("1", "_source") for name in model.pre_state})
    variables.update({name: Variable("1", "_target") for name in model.post_state})
    variables.update(
        {name: Variable("1", "_target" if name in arrays else "0") for name in model.modulator_state}
    )
    variables.update({name: Variable("1", "_post") for name in model.post_traces})
    variables.update({name: Variable("1", "_pre") for name in model.pre_traces})
    if model.scale:
        each = has_own_integral(model, arrays)
        variables["scale"] = Variable("1", "0", double=True)
        variables["integral"] = Variable("1", "_post" if each else "0", double=True)
    return (*columns, *model.pre_state, *model.modulator_state, *model.post_state), variables


def has_own_integral(model: SynapseModel, arrays: frozenset[str]) -> bool:
    """Return whether each postsynaptic cell has an integral of its own."""
    return model.scale is not None and (
        model.scale.signal in model.post_state or model.scale.signal in arrays
    )


def drawing(code: str) -> str:
    """Give every draw the synapse that it belongs to, so that it is a function of its arguments."""
    return DRAWS.sub(r"\1(_syn, ", code)


def seeing(model: SynapseModel) -> str:
    """Return the statements at a presynaptic spike; they set ``transmitted``."""
    parts = [part for part in (model.on_pre, model.on_transmit) if part]
    if "transmitted" not in model.on_transmit:
        parts.append("transmitted = weight")
    return drawing("\n".join(parts))


def growing(model: SynapseModel) -> str:
    """Return the statements at a postsynaptic spike."""
    return drawing(model.on_post)


def stepping(model: SynapseModel) -> str:
    """Return the statements of every step."""
    return drawing(model.on_step)


def coupling(model: SynapseModel) -> str:
    """Return the statement of every step; it sets ``_coupled``."""
    return f"_coupled = {model.coupling}"


def rescaling(model: SynapseModel) -> str:
    """Return the statements that bring a synapse to a scale of 1."""
    return drawing(model.on_rescale)
