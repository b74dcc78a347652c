"""Spike-timing-dependent plasticity: a timing dependence, which has the traces, times a weight dependence, and perhaps
a modulator.

A timing dependence gives the change at a pre- and at a postsynaptic spike in terms of its traces and of
``f_plus`` and ``f_minus``, which the weight dependence gives; the weight is then clipped to [w_min, w_max].
Additive: ``f = w_max - w_min``. Multiplicative: ``f_plus = w_max - w``, ``f_minus = w - w_min``. Mixed: ``f_plus =
w_max - w_min``, ``f_minus = w - w_min``. Guetig: ``f_plus = (w_max - w_min) ((w_max - w)/(w_max -
w_min))^mu_plus``, ``f_minus`` likewise with w - w_min (Guetig et al. 2003, J. Neurosci. 23:3697).

Every timing dependence goes with every weight dependence, every `Modulation` and any dendritic_delay_fraction. With a
`rule_sign` the changes at the synapses of each presynaptic cell are multiplied by its +1 or -1 (Ninou, Kadmon and
Cayco-Gajic 2025, curl descent)."""

from dataclasses import replace
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import synapses

from ..errors import UnsupportedError
from ..network import SynapseModel
from .base import Model, Synapse, identity
from .formulas import by_distance
from .modulation import Modulation, direct
from .pairing import PAIRINGS, Rule

SPAN = "(w_max - w_min)"
# negative weights (inhibitory currents) have a negative w_max: the bounds in order
LOWER, UPPER = "clip(w_min, -1e300, w_max)", "clip(w_max, w_min, 1e300)"
# in [0, 1], so that the powers are real; 1e-300 keeps a span of 0 from giving 0/0
ROOM_ABOVE = "clip((w_max - weight)/(w_max - w_min + 1e-300), 0, 1)"
ROOM_BELOW = "clip((weight - w_min)/(w_max - w_min + 1e-300), 0, 1)"


class TimingDependence(Model):
    """When weights change: traces, and the changes as text.

    Attributes
    ----------
    pre_traces, post_traces : dict of str to str
        As those of `SynapseModel`.
    pairing : str
        Which spikes are paired, see `pynn_ext.models.pairing`.
    on_pre, on_post : str
        Change of the weight at a spike of either side; ``{f_plus}`` and ``{f_minus}`` stand for the factors of
        the weight dependence, ``{whole}`` for w_max - w_min, ``{span}`` for its size (1 where changes are
        exponents).
    """

    possible_models: ClassVar[set[str]] = {"stdp"}
    pre_traces: ClassVar[dict[str, str]] = {}
    post_traces: ClassVar[dict[str, str]] = {}
    on_pre: ClassVar[str] = ""
    on_post: ClassVar[str] = ""

    def __init__(self, *args: Any, pairing: str = "all", **parameters: Any) -> None:
        if pairing not in PAIRINGS:
            raise UnsupportedError(
                f"pairing={pairing!r}",
                where=type(self).__name__,
                limit=f"'all' pairs a spike with all of the other side; others are {', '.join(list(PAIRINGS)[1:])}",
                remedy="leave it out for 'all'",
            )
        self.pairing = pairing
        super().__init__(*args, **parameters)
        PAIRINGS[pairing](self.rule)  # refuses what it is not defined for

    @property
    def rule(self) -> Rule:
        """The rule with all spikes paired."""
        return Rule(self.pre_traces, self.post_traces, self.on_pre, self.on_post)


class WeightDependence(Model):
    """What the change depends on: `f_plus` and `f_minus` as text."""

    possible_models: ClassVar[set[str]] = {"stdp"}
    units: ClassVar[dict[str, str]] = {"w_min": "as the weight", "w_max": "as the weight"}
    f_plus: ClassVar[str]
    f_minus: ClassVar[str]
    span: ClassVar[str] = f"({UPPER} - {LOWER} + 1e-300)"
    whole: ClassVar[str] = SPAN

    @classmethod
    def moved(cls, amount: str) -> str:
        """Return the weight after a change."""
        return f"weight + {amount}"

    @classmethod
    def changed(cls, amount: str) -> str:
        """Return the statement for a change of the weight, or nothing if there is none."""
        return f"weight = clip({cls.moved(amount)}, {LOWER}, {UPPER})" if amount else ""


class AdditiveWeightDependence(WeightDependence, synapses.AdditiveWeightDependence):
    __doc__ = synapses.AdditiveWeightDependence.__doc__
    status = "verified against NEST, and closed forms"
    f_plus, f_minus = SPAN, SPAN


class MultiplicativeWeightDependence(WeightDependence, synapses.MultiplicativeWeightDependence):
    __doc__ = synapses.MultiplicativeWeightDependence.__doc__
    status = "verified against NEST, and closed forms"
    f_plus, f_minus = "(w_max - weight)", "(weight - w_min)"


class AdditivePotentiationMultiplicativeDepression(
    WeightDependence, synapses.AdditivePotentiationMultiplicativeDepression
):
    __doc__ = synapses.AdditivePotentiationMultiplicativeDepression.__doc__
    status = "verified against NEST, and closed forms"
    f_plus, f_minus = SPAN, "(weight - w_min)"


class GutigWeightDependence(WeightDependence, synapses.GutigWeightDependence):
    __doc__ = synapses.GutigWeightDependence.__doc__
    status = "verified against NEST, and closed forms"
    f_plus, f_minus = f"{SPAN}*{ROOM_ABOVE}**mu_plus", f"{SPAN}*{ROOM_BELOW}**mu_minus"


class STDPMechanism(Synapse, synapses.STDPMechanism):
    __doc__ = synapses.STDPMechanism.__doc__
    status = "verified against NEST, and closed forms"
    base_translations: ClassVar[dict[str, Any]] = identity(("weight", "delay", "dendritic_delay_fraction"))
    default_parameters: ClassVar[dict[str, Any]] = {}
    limits: ClassVar[dict[str, tuple[float, float]]] = {"rule_sign": (-1.0, 1.0)}

    def __init__(
        self,
        timing_dependence: Any = None,
        weight_dependence: Any = None,
        voltage_dependence: Any = None,
        dendritic_delay_fraction: float = 1.0,
        weight: Any = 0.0,
        delay: Any = None,
        modulator: Modulation | None = None,
        rule_sign: Any = None,
    ) -> None:
        self.modulation, self.rule_sign = modulator, rule_sign
        many = isinstance(delay, np.ndarray)  # of which PyNN asks whether it is true
        super().__init__(
            timing_dependence,
            weight_dependence,
            voltage_dependence,
            checked_fraction(dendritic_delay_fraction),
            by_distance(weight),
            None if many else by_distance(delay),
        )
        if many:
            self.delay = delay

    def describe(self, template: str | None = "short", engine: str = "default") -> Any:
        """Return the rules and their parameters; another `template`, or None for a dictionary, as PyNN does.

        PyNN asks for a template that it does not have, and answers with its name.
        """
        if template != "short":
            return super().describe(template, engine)
        parts = self._parts
        spaces = [{n: v.base_value for n, v in part.parameter_space.items()} for part in parts]
        rules = [f"{type(part).__name__}({space})" for part, space in zip(parts, spaces, strict=True)]
        rules += ["rule_sign"] if self.rule_sign is not None else []
        return (
            f"STDPMechanism({', '.join(rules)}, dendritic_delay_fraction={self.dendritic_delay_fraction!r})"
        )

    def _build_translations(self) -> None:
        if self.timing_dependence is None or self.weight_dependence is None:
            raise UnsupportedError(
                "STDPMechanism was given no timing_dependence or no weight_dependence",
                limit="a plastic synapse needs both",
                remedy="for example SpikePairRule() and AdditiveWeightDependence(); SONATA files do not hold them",
            )
        if self.voltage_dependence is not None:  # PyNN takes it and leaves it unused
            raise UnsupportedError(
                "STDPMechanism was given a voltage_dependence",
                limit="PyNN has no standard model of one",
                remedy="leave it out; a rule that depends on the potential is a synapse type of its own",
            )
        if not isinstance(self.modulation, Modulation | None):
            raise UnsupportedError(
                f"STDPMechanism was given the modulator {self.modulation!r}",
                limit="a modulator says what its signal does",
                remedy="for example modulator=EligibilityModulation(population), or GainModulation",
            )
        # PyNN updates the class's dictionary in place, so that one instance changes all others
        self.translations = identity(self.get_parameter_names())

    @property
    def _parts(self) -> list[Any]:
        parts = [self.timing_dependence, self.weight_dependence, self.modulation]
        return [part for part in parts if part is not None]

    @property
    def modulator(self) -> Any:
        """The population whose signal modulates the plasticity, or None."""
        return self.modulation and self.modulation.population

    def get_parameter_names(self) -> list[str]:
        """Return the names of the parameters of all parts."""
        return list(self.get_schema())

    def get_schema(self) -> dict[str, type]:
        """Return the parameters of all parts and their types."""
        own = ["weight", "delay", "dendritic_delay_fraction"]
        own += [name for part in self._parts for name in part.default_parameters]
        return dict.fromkeys(own if self.rule_sign is None else [*own, "rule_sign"], float)

    @property
    def parameter_space(self) -> ParameterSpace:
        """The parameters of all parts."""
        values = {name: value for part in self._parts for name, value in part.parameter_space.items()}
        values.update(
            weight=self.weight, delay=self.delay, dendritic_delay_fraction=self.dendritic_delay_fraction
        )
        if self.rule_sign is not None:
            values["rule_sign"] = 1.0  # of each presynaptic cell: see parameters_from_source
        return ParameterSpace(values, self.get_schema())

    @property
    def native_parameters(self) -> ParameterSpace:
        """The same: every engine takes them as they are."""
        return self.parameter_space

    def parameters_from_source(self, size: int) -> dict[str, Any]:
        """Return the rule signs."""
        return {} if self.rule_sign is None else {"rule_sign": checked_signs(self.rule_sign, size)}

    @property
    def synapse_model(self) -> SynapseModel:  # type: ignore[override]
        """The statements of this combination of timing and weight dependence."""
        timing, weight, modulation = self.timing_dependence, self.weight_dependence, self.modulation
        f_plus, f_minus = weight.f_plus, weight.f_minus
        if modulation is not None:
            f_plus, f_minus = modulation.factors(f_plus, f_minus)
        rule = PAIRINGS[timing.pairing](timing.rule)
        factors = {"f_plus": f_plus, "f_minus": f_minus, "span": weight.span, "whole": weight.whole}
        rule = replace(rule, on_pre=rule.on_pre.format(**factors), on_post=rule.on_post.format(**factors))
        if self.rule_sign is not None:
            rule = rule.times("rule_sign")
        names = [n for n in self.get_schema() if n not in self.base_translations]
        pairing = "" if timing.pairing == "all" else f", {timing.pairing} spikes"
        model = {
            "name": " with ".join(type(part).__name__ for part in self._parts) + pairing,
            "parameters": dict.fromkeys(names, "1"),
        }
        if modulation is None:
            return direct(rule, type(weight), **model)
        return modulation.modulated(rule, type(weight), **model)


def checked_fraction(fraction: Any) -> float:
    """Return a dendritic_delay_fraction; PyNN asserts its range without a word."""
    if not isinstance(fraction, Real) or not 0 <= float(fraction) <= 1:
        raise UnsupportedError(
            f"dendritic_delay_fraction={fraction!r}",
            where="STDPMechanism",
            limit="one number from 0 to 1 for all synapses of a projection",
        )
    return float(fraction)


def checked_signs(signs: Any, size: int) -> Any:
    """Return one sign for each of `size` presynaptic cells, float64; refuse other numbers."""
    array = np.asarray(signs, dtype=float)
    if array.shape not in ((), (size,)) or not (np.abs(array) == 1).all():
        raise UnsupportedError(
            f"rule_sign has the shape {array.shape}, and values from {array.min():g} to {array.max():g}",
            where="STDPMechanism",
            limit=f"+1 or -1 for each of the {size} presynaptic cells, or one for all",
        )
    return np.broadcast_to(array, (size,))
