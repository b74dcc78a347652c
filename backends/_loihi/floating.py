"""The network that Loihi holds, in floating point.

The same difference equations, with decays, thresholds, biases and weights as the registers have them, in PyNN's
units and without any rounding, for the engine of `codegen`: what then still differs is the chip's arithmetic. With
the decays a and b of current and potential, for each receptor ::

    v = b v + (1 - b) (v_base - v_reset) + gain y + v_reset,    y = a y       IF_curr_exp, IF_curr_delta (a = 0)
    z = a z + y, y = a y, and z instead of y in v                             IF_curr_alpha

For an exponential current that is the exact solution up to its gain. While a cell is refractory v stays at v_reset."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pynn_ext.network import CellGroup, CellModel, Connections, Network, SpikeLog, SynapseModel

from .compartments import PASSES_V
from .quantize import ONE, SOMA, Registers, Stored

if TYPE_CHECKING:
    from .program import LoihiProgram

RECEPTORS = ("excitatory", "inhibitory")
PARAMETERS = (
    *("kept_v", "base", "per_na", "v_reset", "v_thresh", "steps"),
    *(f"{name}_{receptor}" for receptor in RECEPTORS for name in ("kept", "gain")),
)


def _model(alpha: bool) -> CellModel:
    chain = "z_{0} = kept_{0}*z_{0} + y_{0}\n" if alpha else ""
    passed = "z" if alpha else "y"
    step = "".join(chain.format(receptor) for receptor in RECEPTORS)
    step += "v = v_reset + int(countdown <= 0)*(kept_v*(v - v_reset) + base + per_na*i_inj"
    step += "".join(f" + gain_{receptor}*{passed}_{receptor}" for receptor in RECEPTORS) + ")\n"
    step += "".join(f"y_{receptor} = kept_{receptor}*y_{receptor}\n" for receptor in RECEPTORS)
    step += "countdown = countdown - 1"
    states = [
        "v",
        "countdown",
        *(f"{s}_{receptor}" for s in ("yz" if alpha else "y") for receptor in RECEPTORS),
    ]
    return CellModel(
        name="Loihi's difference equations" + (" of an alpha function" if alpha else ""),
        equations="\n".join(f"{name} : 1" for name in states),
        parameters=dict.fromkeys(PARAMETERS, "1"),
        receptors={receptor: (f"y_{receptor}", 1.0) for receptor in RECEPTORS},
        threshold="v > v_thresh",
        reset="v = v_reset\ncountdown = steps",
        after=step,
        method="euler",
    )


STATIC = SynapseModel("static synapse")
MODELS = {alpha: _model(alpha) for alpha in (False, True)}


def floating_point(program: LoihiProgram) -> Network:
    """Return the network of a program in floating point; weights that learn keep their first values.

    Parameters
    ----------
    program : LoihiProgram
        Placed and quantised.

    Returns
    -------
    Network
        Its spike sources and currents are those of the program's network, its cells log their spikes.
    """
    before = program.network
    network = Network(before.timestep, before.seed, before.step)
    groups: dict[int, Any] = {}
    for number, group in enumerate(before.groups):
        if isinstance(group, CellGroup) and number in program.registers:
            new: Any = _cells(group, program.registers[number])
        else:
            new = group  # a source, or a pool
        groups[id(group)] = new
        network.add_group(new)
    for block, stored in program.blocks:
        network.add_connections(_connections(block, stored, groups))
    for injection in before.injections:
        network.add_injection(replace(injection, group=groups[id(injection.group)]))
    return network


def _decay(registers: Registers, receptor: str) -> Any:
    site = registers.site[receptor]
    return registers.decay_u if site == SOMA else registers.dendrites[site].decay


def _cells(group: CellGroup, registers: Registers) -> CellGroup:
    alpha = any(dendrite.passes == PASSES_V for dendrite in registers.dendrites)
    new = CellGroup(group.size, MODELS[alpha], group.label)
    values = {
        "kept_v": 1 - registers.decay_v / ONE,
        "base": registers.bias() / registers.scale,
        "per_na": registers.bias_per_na / registers.scale,
        "v_reset": registers.v_zero,
        "v_thresh": registers.v_zero + registers.threshold / registers.scale,
        "steps": registers.refractory - 1.0,
    }
    for receptor in RECEPTORS:
        values[f"kept_{receptor}"] = 1 - _decay(registers, receptor) / ONE
        values[f"gain_{receptor}"] = registers.gain[receptor]
    for name, value in values.items():
        new.set_parameter(name, value)
    new.set_initial("v", group.initial["v"])
    new.spikes = SpikeLog()
    return new


def _connections(block: Connections, stored: Stored, groups: dict[int, Any]) -> Connections:
    return Connections.build(
        groups[id(block.pre)], groups[id(block.post)], block.receptor, STATIC, block.pre_indices(), block.post_index,
        block.delays(), {"weight": stored.as_weights}, block.dendritic_delay_fraction, block.label,
    )  # fmt: skip
