"""PyNN's cells in Loihi's registers.

With V = v - v_reset (mV; a compartment is reset to 0) and S units per mV, decays a = 1 - D_u / 4096 and
b = 1 - D_v / 4096::

    D_u = round(4096 (1 - exp(-dt / tau_syn)))     4096 for IF_curr_delta
    D_v = round(4096 (1 - exp(-dt / tau_m)))
    w_eff = round(S w gain / 64) * 64
    threshold = round(S (v_thresh - v_reset) / 64) * 64
    bias = round(S (1 - b) (v_rest - v_reset + tau_m / cm (i_offset + i_injected)))    mantissa and exponent
    refractory = round(tau_refrac / dt) + 1

The gain keeps the area under a potential: ``tau_syn (1 - a) / cm * tau_m (1 - b) / dt`` (mV / nA) for an exponential
current, ``e tau_syn (1 - a)^2 / cm * tau_m (1 - b) / dt`` for an alpha function, 1 for IF_curr_delta. A compartment has
one current: receptors with another time constant are a dendrite that passes its u. An alpha function is a dendrite
that passes its v, with D_v = D_u chosen so that its charge arrives as late, on average, as it should.

S is the largest for which the largest weight is at most 255, and thresholds, biases and all inputs of a cell at once
fit (but the largest weight keeps six bits). Where projections differ in strength S is larger, as far as the weakest
needs it to use all bits of a weight and potentials keep `HEADROOM` times the height of the threshold; stronger
projections then have a weight exponent, ``w_eff = w 2^e 64``. A delay of d steps is programmed as d: a spike acts
in the same step as on every other backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pynn_ext.mapping import Problem, Roundings, check, quantize
from pynn_ext.network import CellGroup, Connections, Network

from .compartments import DECAY_BITS, PASSES_U, PASSES_V, Q_BITS, V_MAX
from .reward import POOLS
from .weights import EXCITATORY, INHIBITORY, MIXED, RANGES, effective

HEADROOM = 8.0
CELLS = {"IF_curr_exp", "IF_curr_alpha", "IF_curr_delta"}
MANTISSA_MAX, BIAS_MAX, BIAS_EXPONENTS = 2**17 - 1, 4095, 7
WEIGHT_MAX, WEIGHT_EXPONENTS = 255, 7
LEAST_WEIGHT = 63
ONE = 2**DECAY_BITS
SOMA = -1
TAUS = {"excitatory": "tau_syn_E", "inhibitory": "tau_syn_I"}


@dataclass(eq=False)
class Dendrite:
    """A dendrite of every cell of a group: decay of its current (and potential), and what it passes."""

    decay: Any
    passes: int


@dataclass(eq=False)
class Registers:
    """One group of cells in registers.

    Attributes
    ----------
    scale : float
        S, units per mV.
    gain : dict of str to ndarray
        By receptor: mV per nA (1 for IF_curr_delta), shape ``(n,)``.
    site : dict of str to int
        By receptor: the dendrite it is on, or `SOMA`.
    bias_per_na : ndarray
        Units per nA of constant current.
    decay_u, decay_v, threshold, refractory : ndarray
        int64, shape ``(n,)``.
    base, v_zero : ndarray
        Bias in units without injected current, and the potential (mV) that is 0.
    dendrites : list of Dendrite
        Up to two.
    """

    scale: float
    gain: dict[str, Any]
    site: dict[str, int]
    bias_per_na: Any
    decay_u: Any
    decay_v: Any
    threshold: Any
    refractory: Any
    base: Any
    v_zero: Any
    dendrites: list[Dendrite] = field(default_factory=list)

    def bias(self, currents: Any = 0.0) -> Any:
        """Return the bias for injected currents (nA) on top."""
        mantissa, exponent = quantize.mantissa_and_exponent(
            self.base + currents * self.bias_per_na, BIAS_MAX, BIAS_EXPONENTS
        )
        return mantissa << exponent


def problems(network: Network, chip: Any) -> Iterator[Problem]:
    """Give everything in a network that a chip with this record cannot do."""
    rules = {
        block.model.name for block in network.connections if not block.model.static
    }  # `plasticity` sees to them
    nearest = "nearest: IF_curr_exp, StaticSynapse"
    yield from check.models(network, {*CELLS, *POOLS}, {*rules, "StaticSynapse"}, nearest)
    yield from check.delays(network, chip.delay_max)
    for group in network.groups:
        if isinstance(group, CellGroup) and group.model.name in CELLS:
            yield from _cell_problems(group, chip.refractory_max * network.timestep)
    for probe in network.probes:
        if probe.variable == "isyn_inh" and not _two_currents(probe.group):
            yield Problem(
                probe.group.label, "a recording of isyn_inh", "tau_syn_E = tau_syn_I: one current for both receptors",
                "record isyn_exc, which is all of it",
            )  # fmt: skip
        elif probe.group.model.name in POOLS:
            continue
        elif (
            probe.variable not in ("v", "isyn_exc", "isyn_inh")
            or probe.group.model.name != "IF_curr_exp"
            and (probe.variable != "v")
        ):
            yield Problem(
                probe.group.label, f"a recording of {probe.variable}", "it is no register", "record v"
            )


def _two_currents(group: CellGroup) -> bool:
    return "tau_syn_I" in group.parameters and bool(
        np.any(group.parameter("tau_syn_E") != group.parameter("tau_syn_I"))
    )


def _cell_problems(group: CellGroup, longest: float) -> Iterator[Problem]:
    below = np.flatnonzero(group.parameter("v_thresh") <= group.parameter("v_reset"))
    if below.size:
        what = f"v_thresh is not above v_reset (cell {below[0]})"
        yield Problem(group.label, what, "v_reset is 0 and thresholds are positive", "raise v_thresh")
    remedy = "shorten it, or use a larger timestep"
    yield from check.range_of(group, "tau_refrac", 0, longest, remedy)


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
    decay_v = np.clip(quantize.decay(p["tau_m"], timestep, DECAY_BITS), 0, ONE - 1)
    decays, gain = _synaptic(group, p, decay_v, timestep, roundings)
    per_na, height = p["tau_m"] / p["cm"] * decay_v / ONE, p["v_thresh"] - p["v_reset"]
    pull = (p["v_rest"] - p["v_reset"]) * decay_v / ONE
    bias_mv = pull + per_na * p["i_offset"]
    scale = _scale(blocks, gain, height, np.abs(bias_mv) + np.abs(per_na) * largest_injection)
    threshold = np.maximum(quantize.round_half_up(scale * height / 64), 1)
    steps = quantize.round_half_up(p["tau_refrac"] / timestep)
    site, dendrites = _sites(group, decays)
    unused = np.full_like(decay_v, ONE)
    decay_u = decays["excitatory"] if site["excitatory"] == SOMA else unused
    found = Registers(
        scale, gain, site, scale * per_na, decay_u, decay_v, threshold * 64, steps + 1, scale * bias_mv,
        p["v_reset"], dendrites,
    )  # fmt: skip
    roundings.add(
        group.label, "tau_m", p["tau_m"], quantize.time_constant(decay_v, timestep, DECAY_BITS), "ms"
    )
    roundings.add(group.label, "v_thresh", height, threshold * 64 / scale, "mV above v_reset")
    roundings.add(group.label, "bias", bias_mv, found.bias() / scale, "mV in a step")
    roundings.add(group.label, "tau_refrac", p["tau_refrac"], steps * timestep, "ms")
    return found


def _synaptic(
    group: CellGroup, p: dict[str, Any], decay_v: Any, timestep: float, roundings: Roundings
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the decay of the current and the gain, by receptor."""
    decays, gains = {}, {}
    for receptor, name in TAUS.items():
        if group.model.name == "IF_curr_delta":
            decays[receptor], gains[receptor] = np.full(group.size, ONE), np.ones(group.size)
            continue
        tau = p[name]
        alpha = group.model.name == "IF_curr_alpha"
        wanted = _alpha_decay(tau, timestep) if alpha else quantize.decay(tau, timestep, DECAY_BITS)
        decay = np.clip(wanted, 1, ONE)
        gain = quantize.area_preserving_gain(
            tau, p["tau_m"], p["cm"], 1 - decay / ONE, 1 - decay_v / ONE, timestep
        )
        if alpha:
            gain = gain * np.e * decay / ONE
        decays[receptor], gains[receptor] = decay, gain
        if alpha:
            got = timestep * (2 * ONE / decay - 1)
            roundings.add(
                group.label, f"mean delay by {name}", timestep * _alpha_steps(tau, timestep), got, "ms"
            )
        else:
            roundings.add(group.label, name, tau, quantize.time_constant(decay, timestep, DECAY_BITS), "ms")
    return decays, gains


def _alpha_steps(tau: Any, timestep: float) -> Any:
    """Return after how many steps, on average, the charge of an alpha function has arrived: the sum over n of
    ``(1 + n h) exp(-n h)`` with h = timestep / tau."""
    kept = np.exp(-timestep / tau)
    return 1 / (1 - kept) + timestep / tau * kept / (1 - kept) ** 2


def _alpha_decay(tau: Any, timestep: float) -> Any:
    """Return D for which ``(n + 1) a^n`` has that mean, ``1 + 2 a / (1 - a)``."""
    return quantize.round_half_up(ONE * 2 / (_alpha_steps(tau, timestep) + 1))


def _sites(group: CellGroup, decays: dict[str, Any]) -> tuple[dict[str, int], list[Dendrite]]:
    """Return where each receptor is, and the dendrites."""
    alike = np.array_equal(decays["excitatory"], decays["inhibitory"])
    if group.model.name == "IF_curr_alpha":
        if alike:
            return {"excitatory": 0, "inhibitory": 0}, [Dendrite(decays["excitatory"], PASSES_V)]
        return {"excitatory": 0, "inhibitory": 1}, [Dendrite(decays[name], PASSES_V) for name in TAUS]
    if alike:
        return {"excitatory": SOMA, "inhibitory": SOMA}, []
    return {"excitatory": SOMA, "inhibitory": 0}, [Dendrite(decays["inhibitory"], PASSES_U)]


def _scale(blocks: list[Connections], gain: dict[str, Any], height: Any, bias: Any) -> float:
    """Return S (see the module)."""
    bounds = [
        MANTISSA_MAX * 64 / float(height.max()),
        BIAS_MAX * 2.0**BIAS_EXPONENTS / max(float(bias.max()), 1e-300),
    ]
    strongest, together = [], np.zeros((2, len(height)))
    for block in blocks:
        if len(block):
            size = np.abs(_largest(block)) * gain[block.receptor][block.post_index]
            strongest.append(float(size.max()))
            sign = np.asarray(block.get("weight") < 0, dtype=np.int64)
            np.add.at(together, (sign, block.post_index.astype(np.int64)), size)
    strongest = [value for value in strongest if value > 0]
    if not strongest:
        return min(bounds)
    at_once = 2.0 ** (Q_BITS - 1) / float(together.max())
    # all inputs in one step fit the accumulator, as far as that leaves the largest weight enough bits
    usual = [WEIGHT_MAX * 64 / max(strongest), max(at_once, LEAST_WEIGHT * 64 / max(strongest))]
    weakest = [WEIGHT_MAX * 64 / min(strongest), at_once, (V_MAX + 1) / (HEADROOM * float(height.max()))]
    return max(min(*bounds, *usual), min(*bounds, *weakest))


def _largest(block: Connections) -> Any:
    """Return the largest magnitude that each weight can have."""
    return np.max([np.abs(values) for values in _extremes(block)], axis=0)


def _extremes(block: Connections) -> list[Any]:
    """Return the weights and, where they learn, their bounds."""
    bounds = [name for name in ("w_min", "w_max") if not block.model.static and name in block.columns]
    return [block.get(name).astype(float) for name in ("weight", *bounds)]


@dataclass(eq=False)
class Stored:
    """Weights of a block as they are stored.

    Attributes
    ----------
    values : ndarray
        int64, shape ``(n,)``.
    mode, exponent : int
        Sign mode and weight exponent of its format.
    units : ndarray
        Units that are a weight of 1, shape ``(n,)``.
    """

    values: Any
    mode: int
    exponent: int
    units: Any

    @property
    def effective(self) -> Any:
        """What a spike adds to the accumulator."""
        return effective(self.values, self.exponent)

    @property
    def as_weights(self) -> Any:
        """In the units of the network."""
        return self.values / self.units


def weights(block: Connections, registers: Registers, bits: int, roundings: Roundings, where: str) -> Stored:
    """Return the stored weights of a block, with so many bits.

    Raises
    ------
    MappingError
        If the exponent cannot be large enough.
    """
    asked = block.get("weight").astype(float)
    least, most = (f([f(v, initial=0.0) for v in _extremes(block)]) for f in (np.min, np.max))
    mode = EXCITATORY if least >= 0 else INHIBITORY if most <= 0 else MIXED
    grain = 2 ** (8 - (bits - (1 if mode == MIXED else 0)))  # nine bits with sign leave steps of two
    low, high = (grain * int(limit / grain) for limit in RANGES[mode])
    units = registers.scale * registers.gain[block.receptor][block.post_index] / 64
    size = float((_largest(block) * units).max(initial=0.0)) if len(block) else 0.0
    exponent = 0
    while exponent < WEIGHT_EXPONENTS and size > (WEIGHT_MAX + 0.5) * 2**exponent:
        exponent += 1
    units = units / 2.0**exponent
    whole = quantize.round_half_up(asked * units / grain) * grain
    values = np.clip(whole, low, high)
    unit = "mV" if np.all(registers.gain[block.receptor] == 1.0) else "nA"
    clipped = int(np.count_nonzero(values != whole))
    roundings.add(where, "weight", asked, values / units, unit, clipped)
    return Stored(values, mode, exponent, units)
