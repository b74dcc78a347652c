"""The third part of a plastic synapse: a signal M(t) of other cells, which decides what becomes of the changes.

The signal is a state variable of a population: of one cell, for all synapses, or of as many cells as there are
postsynaptic ones, for the synapses of each its own. It may be dopamine (`DopaminePool`), an astrocyte, an error or a
gate (`ModulatorPool`), or a current or potential of any cell.

`EligibilityModulation`: the change that the other two parts demand enters an eligibility c, and the weight follows
``dw/dt = c (M - b)``, ``dc/dt = -c/tau_c`` (Izhikevich 2007, Cereb. Cortex 17:2443). With R the integral of ``M - b``
times the decay of c since the last time that all synapses were brought up to date, the weight between two spikes is ``W
+ c R`` with a constant W: synapses are touched at their spikes, every 4 tau_c, and before they are read. The weight is
held between its bounds at these times. M is taken as constant in a time step, but exact where the cells say how it
decays, as those of `DopaminePool` do.

`GainModulation`: the change, or only its potentiation or depression, is multiplied by ``baseline + gain M`` as it is
when the spike is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pyNN.standardmodels import StandardModelType

from ..errors import UnsupportedError, suggestion
from ..network import Eligibility, Scale, SynapseModel
from .base import Model
from .pairing import Rule

if TYPE_CHECKING:
    from .stdp import WeightDependence

SIDES = ("both", "potentiation", "depression")
REACH = "reach = integral - b*tau_c*(1 - 1/scale)\n"


def direct(rule: Rule, weight: type[WeightDependence], **model: Any) -> SynapseModel:
    """Return a synapse whose weight changes at the spikes; the changes of `rule` are without placeholders."""
    on_post = weight.changed(rule.on_post) + (rule.after_post and f"\n{rule.after_post.strip()}")
    return SynapseModel(
        pre_traces=rule.pre_traces,
        post_traces=rule.post_traces,
        nearest=rule.nearest,
        state=rule.state,
        on_pre=weight.changed(rule.on_pre),
        on_post=on_post.strip(),
        **model,
    )


def eligible(
    rule: Rule, weight: type[WeightDependence], signal: dict[str, str], decay: str, **model: Any
) -> SynapseModel:
    """Return a synapse whose changes enter an eligibility, which `signal`, name and variable, turns into weight.

    Between spikes the column ``weight`` holds W; while statements of a spike run it is the weight."""
    begin = f"{REACH}{weight.changed('c*reach')}\n"
    end = f"weight = {weight.moved('-c*reach')}"
    change = "c = c + ({})*scale\n"
    on_pre = change.format(rule.on_pre) if rule.on_pre else ""
    on_post = f"{begin}{change.format(rule.on_post)}{rule.after_post.strip()}\n{end}" if rule.on_post else ""
    # hardware can do without the scale where c adds to the weight and spikes do nothing else
    plain = weight.moved("c") == "weight + c" and not (rule.state or rule.nearest or rule.after_post)
    name = next(iter(signal))
    return SynapseModel(
        pre_traces=rule.pre_traces,
        post_traces=rule.post_traces,
        nearest=rule.nearest,
        state={**rule.state, "c": 0.0},
        modulator_state=signal,
        on_pre=(begin + on_pre).strip(),
        on_transmit=f"transmitted = weight\n{end}",
        on_post=on_post,
        scale=Scale("tau_c", name, decay),
        on_rescale=f"{begin}c = c/scale",
        observed=("c", *signal),
        eligibility=Eligibility(rule.on_pre, rule.on_post, "tau_c", "b", "c", name) if plain else None,
        **model,
    )


class Modulation(Model):
    """A signal and what it does.

    Parameters
    ----------
    population : Population
        The cells that hold the signal: one, or as many as there are postsynaptic ones.
    variable : str, optional
        Their state variable; pools name theirs.
    """

    possible_models: ClassVar[set[str]] = {"stdp"}
    names: ClassVar[tuple[str, ...]] = ()  # that statements use besides parameters

    def __init__(self, population: Any = None, variable: str = "", **parameters: Any) -> None:
        state = getattr(getattr(population, "group", None), "state", {})
        self.population = population
        cell: Any = getattr(population, "celltype", None)
        self.variable = variable or getattr(cell, "signal", "")
        if self.variable not in state:
            named = "no modulator"
            if population is not None:
                named = (
                    f"'{self.variable}' of '{population.label}'"
                    if self.variable
                    else f"no variable of '{population.label}'"
                )
            raise UnsupportedError(
                f"{type(self).__name__} was given {named}",
                limit="its signal is a state variable of the cells of a Population",
                remedy=suggestion(self.variable, state)
                if state and self.variable
                else f"one of {', '.join(state)}"
                if state
                else "for example a Population of DopaminePool or ModulatorPool",
            )
        self.decay = cell.signal_decay if self.variable == cell.signal else ""
        super().__init__(**parameters)

    def modulated(self, rule: Rule, weight: type[WeightDependence], **model: Any) -> SynapseModel:
        """Return the synapse; the changes of `rule` are without placeholders."""
        raise NotImplementedError

    def factors(self, f_plus: str, f_minus: str) -> tuple[str, str]:
        """Return the factors of the weight dependence as the signal leaves them."""
        return f_plus, f_minus


class EligibilityModulation(Modulation, StandardModelType):
    """Changes enter an eligibility that the signal turns into weight: ``dw/dt = c (M - b)``.

    Parameters
    ----------
    population : Population
        The cells that hold the signal: one, or as many as there are postsynaptic ones.
    variable : str, optional
        Their state variable; pools name theirs.
    tau_c : float
        Decay of the eligibility (ms).
    b : float
        Signal without effect, in units of the signal.
    """

    status: ClassVar[str] = "verified against NEST: stdp_dopamine_synapse, to nine digits"
    default_parameters: ClassVar[dict[str, Any]] = {"tau_c": 1000.0, "b": 0.0}
    units: ClassVar[dict[str, str]] = {"tau_c": "ms", "b": "as the signal", "c": "as the weight"}

    def modulated(self, rule: Rule, weight: type[WeightDependence], **model: Any) -> SynapseModel:
        """Return the synapse."""
        return eligible(rule, weight, {"signal": self.variable}, self.decay, **model)


class GainModulation(Modulation, StandardModelType):
    """Changes are multiplied by ``baseline + gain M``.

    Parameters
    ----------
    population : Population
        The cells that hold the signal: one, or as many as there are postsynaptic ones.
    variable : str, optional
        Their state variable; pools name theirs.
    on : str
        ``"both"``, or only ``"potentiation"`` or ``"depression"``, the factor f_plus or f_minus of the weight
        dependence.
    baseline, gain : float
        What multiplies the change: ``baseline + gain M``.
    """

    status: ClassVar[str] = "exact: equal to the changes of parameters set by hand"
    default_parameters: ClassVar[dict[str, Any]] = {"baseline": 0.0, "gain": 1.0}
    units: ClassVar[dict[str, str]] = {}

    def __init__(
        self, population: Any = None, variable: str = "", on: str = "both", **parameters: Any
    ) -> None:
        if on not in SIDES:
            raise UnsupportedError(
                f"on={on!r}",
                where="GainModulation",
                limit=f"one of {', '.join(SIDES)}",
                remedy=suggestion(on, SIDES),
            )
        self.on = on
        super().__init__(population, variable, **parameters)

    def factors(self, f_plus: str, f_minus: str) -> tuple[str, str]:
        """Return the factors, of which the signal multiplies one if not both."""
        scaled = "(baseline + gain*signal)*({})"
        return (
            scaled.format(f_plus) if self.on == "potentiation" else f_plus,
            scaled.format(f_minus) if self.on == "depression" else f_minus,
        )

    def modulated(self, rule: Rule, weight: type[WeightDependence], **model: Any) -> SynapseModel:
        """Return the synapse."""
        if self.on == "both":
            rule = rule.times("(baseline + gain*signal)")
        return direct(rule, weight, modulator_state={"signal": self.variable}, observed=("signal",), **model)
