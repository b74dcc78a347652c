"""Spike-timing-dependent plasticity: a timing dependence, which has the traces, times a weight dependence.

A timing dependence gives the change at a pre- and at a postsynaptic spike in terms of its traces and of
``f_plus`` and ``f_minus``, which the weight dependence gives; the weight is then clipped to [w_min, w_max].
Additive: ``f = w_max - w_min``. Multiplicative: ``f_plus = w_max - w``, ``f_minus = w - w_min``. Mixed: ``f_plus =
w_max - w_min``, ``f_minus = w - w_min``. Guetig: ``f_plus = (w_max - w_min) ((w_max - w)/(w_max -
w_min))^mu_plus``, ``f_minus`` likewise with w - w_min (Guetig et al. 2003, J. Neurosci. 23:3697).

Every timing dependence goes with every weight dependence and any dendritic_delay_fraction."""

from typing import Any, ClassVar

from pyNN.standardmodels import synapses

from ..errors import UnsupportedError
from ..network import SynapseModel
from .base import Model, Synapse, identity

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
        ``"all"``: a spike is paired with all of the other side; ``"nearest"``: with the latest one (NEST's
        ``stdp_nn_symm_synapse``).
    on_pre, on_post : str
        Change of the weight at a spike of either side; ``{f_plus}`` and ``{f_minus}`` stand for the factors of
        the weight dependence, ``{span}`` for abs(w_max - w_min).
    """

    possible_models: ClassVar[set[str]] = {"stdp"}
    pre_traces: ClassVar[dict[str, str]] = {}
    post_traces: ClassVar[dict[str, str]] = {}
    on_pre: ClassVar[str] = ""
    on_post: ClassVar[str] = ""

    def __init__(self, *args: Any, pairing: str = "all", **parameters: Any) -> None:
        if pairing not in ("all", "nearest"):
            raise UnsupportedError(
                f"pairing={pairing!r}",
                where=type(self).__name__,
                limit="'all' pairs a spike with all of the other side, 'nearest' with the latest",
                remedy="leave it out for 'all'",
            )
        self.pairing = pairing
        super().__init__(*args, **parameters)

    @property
    def nearest(self) -> tuple[str, ...]:
        """Traces in which only the latest spike counts."""
        return (*self.pre_traces, *self.post_traces) if self.pairing == "nearest" else ()


class WeightDependence(Model):
    """What the change depends on: `f_plus` and `f_minus` as text."""

    possible_models: ClassVar[set[str]] = {"stdp"}
    units: ClassVar[dict[str, str]] = {"w_min": "as the weight", "w_max": "as the weight"}
    f_plus: ClassVar[str]
    f_minus: ClassVar[str]

    def changed(self, change: str) -> str:
        """Return the statement for a change of the weight, or nothing if there is none."""
        if not change:
            return ""
        span = f"({UPPER} - {LOWER} + 1e-300)"
        text = change.format(f_plus=self.f_plus, f_minus=self.f_minus, span=span)
        return f"weight = clip(weight + {text}, {LOWER}, {UPPER})"


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

    def describe(self, template: str | None = "short", engine: str = "default") -> Any:
        """Return the rules and their parameters; another `template`, or None for a dictionary, as PyNN does.

        PyNN asks for a template that it does not have, and answers with its name.
        """
        if template != "short":
            return super().describe(template, engine)
        parts = [self.timing_dependence, self.weight_dependence]
        spaces = [{n: v.base_value for n, v in part.parameter_space.items()} for part in parts]
        rules = [f"{type(part).__name__}({space})" for part, space in zip(parts, spaces, strict=True)]
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
        # PyNN updates the class's dictionary in place, so that one instance changes all others
        self.translations = identity(self.get_parameter_names())

    @property
    def synapse_model(self) -> SynapseModel:  # type: ignore[override]
        """The statements of this combination of timing and weight dependence."""
        timing, weight = self.timing_dependence, self.weight_dependence
        names = (*timing.get_parameter_names(), *weight.get_parameter_names())
        nearest = ", nearest spikes" if timing.nearest else ""
        return SynapseModel(
            name=f"{type(timing).__name__} with {type(weight).__name__}{nearest}",
            parameters={name: "1" for name in names},
            pre_traces=timing.pre_traces,
            post_traces=timing.post_traces,
            nearest=timing.nearest,
            on_pre=weight.changed(timing.on_pre),
            on_post=weight.changed(timing.on_post),
        )
