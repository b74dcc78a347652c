"""PyNN's cells in Loihi's registers.

With V = v - v_rest (mV) and S units per mV, decays a = 1 - D_u / 4096 and b = 1 - D_v / 4096::

    D_u = round(4096 (1 - exp(-dt / tau_syn)))     4096 for IF_curr_delta
    D_v = round(4096 (1 - exp(-dt / tau_m)))
    gain = tau_syn (1 - a) / cm * tau_m (1 - b)     mV / nA, keeps the area under a potential; 1 for IF_curr_delta
    w_eff = round(S w gain / 64) * 64
    threshold = round(S (v_thresh - v_rest) / 64) * 64
    bias = round(S tau_m (1 - b) / cm * (i_offset + i_injected))       mantissa and exponent
    refractory = round(tau_refrac / dt) + 1

S is the largest for which the largest weight is at most 255, and thresholds and biases fit. A delay of d steps is
programmed as d, so that a spike acts in the same step as on every other backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pynn_ext.mapping import Problem, Roundings, check, quantize
from pynn_ext.network import CellGroup, Connections, Network

from .compartments import DECAY_BITS
from .weights import EXCITATORY, INHIBITORY, MIXED, effective

CELLS = {"IF_curr_exp", "IF_curr_delta"}
MANTISSA_MAX, BIAS_MAX, BIAS_EXPONENTS, WEIGHT_MAX = 2**17 - 1, 4095, 7, 255
DELAY_MAX, REFRACTORY_MAX = 62, 62
ONE = 2**DECAY_BITS


@dataclass(eq=False)
class Registers:
    """One group of cells in registers.

    Attributes
    ----------
    scale : float
        S, units per mV.
    gain : ndarray
        mV per nA (1 for IF_curr_delta), shape ``(n,)``.
    bias_per_na : ndarray
        Units per nA of constant current.
    decay_u, decay_v, threshold, bias, refractory : ndarray
        int64, shape ``(n,)``.
    """

    scale: float
    gain: Any
    bias_per_na: Any
    decay_u: Any
    decay_v: Any
    threshold: Any
    bias: Any
    refractory: Any
    v_rest: Any


def problems(network: Network) -> Iterator[Problem]:
    """Give everything in a network that the chip cannot do."""
    synapses = {block.model.name for block in network.connections if block.model.static or _additive(block)}
    nearest = "nearest: IF_curr_exp, static synapses, STDP with SpikePairRule and AdditiveWeightDependence"
    yield from check.models(network, CELLS, synapses | {"StaticSynapse"}, nearest)
    yield from check.delays(network, DELAY_MAX)
    for group in network.groups:
        if isinstance(group, CellGroup) and group.model.name in CELLS:
            yield from _cell_problems(group, network.timestep)
    for probe in network.probes:
        if probe.variable == "isyn_inh":
            yield Problem(
                probe.group.label, "a recording of isyn_inh", "a compartment has one current for both receptors",
                "record isyn_exc, which is all of it",
            )  # fmt: skip


def _additive(block: Connections) -> bool:
    return block.model.name == "SpikePairRule with AdditiveWeightDependence"


def _cell_problems(group: CellGroup, timestep: float) -> Iterator[Problem]:
    nearest = "choose equal values, or compare with codegen to see what the difference does"
    if group.model.name == "IF_curr_exp":
        yield from check.equal_parameters(
            group, {"tau_syn_E": "tau_syn_I"}, "a compartment has one synaptic current", nearest
        )
    yield from check.equal_parameters(
        group, {"v_reset": "v_rest"}, "a compartment is reset to 0, which is v_rest", nearest
    )
    below = np.flatnonzero(group.parameter("v_thresh") <= group.parameter("v_rest"))
    if below.size:
        yield Problem(
            group.label, f"v_thresh is not above v_rest (cell {below[0]})", "thresholds are positive", nearest
        )
    yield from check.range_of(
        group, "tau_refrac", 0, REFRACTORY_MAX * timestep, "shorten it, or use a larger timestep"
    )


def registers(
    group: CellGroup,
    blocks: list[Connections],
    timestep: float,
    roundings: Roundings,
    largest_injection: float = 0.0,
) -> Registers:
    """Return a group of cells in registers and note what was rounded.

    Parameters
    ----------
    group : CellGroup
        The cells.
    blocks : list of Connections
        What reaches them.
    timestep : float
        ms.
    roundings : Roundings
        Gets an entry for each quantity.
    largest_injection : float
        nA; the bias has room for it.
    """
    p = {name: group.parameter(name).astype(float) for name in group.parameters}
    exponential = group.model.name == "IF_curr_exp"
    decay_v = np.clip(quantize.decay(p["tau_m"], timestep, DECAY_BITS), 0, ONE - 1)
    decay_u = np.full(group.size, ONE)
    gain = np.ones(group.size)
    if exponential:
        decay_u = np.clip(quantize.decay(p["tau_syn_E"], timestep, DECAY_BITS), 1, ONE)
        gain = quantize.area_preserving_gain(
            p["tau_syn_E"], p["tau_m"], p["cm"], 1 - decay_u / ONE, 1 - decay_v / ONE
        )
        roundings.add(
            group.label,
            "tau_syn",
            p["tau_syn_E"],
            quantize.time_constant(decay_u, timestep, DECAY_BITS),
            "ms",
        )
    per_na = p["tau_m"] / p["cm"] * decay_v / ONE
    height = p["v_thresh"] - p["v_rest"]
    scale = _scale(blocks, gain, height, np.abs(per_na) * (np.abs(p["i_offset"]) + largest_injection))
    threshold = np.maximum(quantize.round_half_up(scale * height / 64), 1)
    bias = scale * per_na * p["i_offset"]
    mantissa, exponent = quantize.mantissa_and_exponent(bias, BIAS_MAX, BIAS_EXPONENTS)
    steps = quantize.round_half_up(p["tau_refrac"] / timestep)
    roundings.add(
        group.label, "tau_m", p["tau_m"], quantize.time_constant(decay_v, timestep, DECAY_BITS), "ms"
    )
    roundings.add(group.label, "v_thresh", height, threshold * 64 / scale, "mV above v_rest")
    roundings.add(group.label, "i_offset", p["i_offset"], mantissa * 2.0**exponent / (scale * per_na), "nA")
    roundings.add(group.label, "tau_refrac", p["tau_refrac"], steps * timestep, "ms")
    return Registers(
        scale,
        gain,
        scale * per_na,
        decay_u,
        decay_v,
        threshold * 64,
        mantissa << exponent,
        steps + 1,
        p["v_rest"],
    )


def _scale(blocks: list[Connections], gain: Any, height: Any, bias: Any) -> float:
    """Return S: as large as weights of 255, thresholds of 17 bits and biases allow."""
    bounds = [
        MANTISSA_MAX * 64 / float(height.max()),
        BIAS_MAX * 2.0**BIAS_EXPONENTS / max(float(bias.max()), 1e-300),
    ]
    for block in blocks:
        if len(block):
            strongest = np.abs(_largest(block)) * gain[block.post_index]
            if strongest.max() > 0:
                bounds.append(WEIGHT_MAX * 64 / float(strongest.max()))
    return min(bounds)


def _largest(block: Connections) -> Any:
    """Return the largest magnitude that each weight can have."""
    if block.model.static:
        return block.get("weight")
    return np.maximum(np.abs(block.get("w_max")), np.abs(block.get("weight")))


def weights(block: Connections, registers: Registers, roundings: Roundings, where: str) -> tuple[Any, int]:
    """Return stored weights of a block and its sign mode."""
    asked = block.get("weight").astype(float)
    units = registers.scale * registers.gain[block.post_index] / 64
    mode = EXCITATORY if asked.min(initial=0.0) >= 0 else INHIBITORY if asked.max(initial=0.0) <= 0 else MIXED
    low, high = {EXCITATORY: (0, 255), INHIBITORY: (-255, 0), MIXED: (-256, 254)}[mode]
    grain = 2 if mode == MIXED else 1  # nine bits with sign leave steps of two
    whole = quantize.round_half_up(asked * units / grain) * grain
    stored = np.clip(whole, low, high)
    unit = "mV" if np.all(registers.gain == 1.0) else "nA"
    roundings.add(
        where, "weight", asked, effective(stored) / 64 / units, unit, int(np.count_nonzero(stored != whole))
    )
    return stored, mode
