"""sPyNNaker's rules of plasticity beyond PyNN's, as the rules of this package that have the same equations.

With additive weight dependence sPyNNaker multiplies amplitudes by w_max (its ``timing_*_impl.h`` and
``weight_dependence_additive*.py``): those of triplets always, those of pairs until October 2021 (commit e8a67bfc).
Since then it takes these as they are, while PyNN's are in units of w_max: a line says so where w_max is not 1. x, r
count presynaptic and y, o postsynaptic spikes, all pairs ::

    Vogels2011Rule        pre:  w += A_plus w_max (y - alpha)              post:  w += A_plus w_max x
    PfisterSpikeTriplet   pre:  w -= w_max o1 (A_minus + A3_minus r2)      post:  w += w_max r1 (A_plus + A3_plus o2)

so ``eta = A_plus w_max`` and ``rho = alpha/(2e-3 tau)`` of `Vogels2011Rule` (A_minus has no part in it), and the
amplitudes of `TripletRule` are those, times ``w_max/(w_max - w_min)``. What stays different: sPyNNaker computes in 16
bits, and its inhibitory rule pairs spikes that reach the synapse in the same step, which none of ours does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import UnsupportedError
from . import without_effect


@dataclass(frozen=True)
class Vogels2011Rule:
    """sPyNNaker's rule for inhibitory synapses; `alpha` is the depression at each presynaptic spike, tau is in ms."""

    alpha: float
    tau: float = 20.0
    A_plus: float = 0.01
    A_minus: float = 0.01

    def here(self, backend: Any, weight: Any) -> tuple[Any, Any]:
        """Return this backend's timing and weight dependence."""
        if not isinstance(weight, backend.AdditiveWeightDependence):
            raise _unlike(self, weight, "AdditiveWeightDependence")
        w_max = _bounds(weight.parameter_space)[1]
        rate = self.alpha / (2e-3 * self.tau)
        return backend.Vogels2011Rule(tau=self.tau, eta=self.A_plus * w_max, rho=rate), weight


@dataclass(frozen=True)
class WeightDependenceAdditiveTriplet:
    """sPyNNaker's weight dependence of triplets, which holds their amplitudes."""

    w_min: float = 0.0
    w_max: float = 1.0
    A3_plus: float = 0.01
    A3_minus: float = 0.01


@dataclass(frozen=True)
class PfisterSpikeTriplet:
    """sPyNNaker's triplet rule; time constants in ms."""

    tau_plus: float
    tau_minus: float
    tau_x: float
    tau_y: float
    A_plus: float = 0.01
    A_minus: float = 0.01

    def here(self, backend: Any, weight: Any) -> tuple[Any, Any]:
        """Return this backend's timing and weight dependence."""
        if not isinstance(weight, WeightDependenceAdditiveTriplet):
            raise _unlike(self, weight, "extra_models.WeightDependenceAdditiveTriplet")
        if weight.w_max == weight.w_min:
            raise UnsupportedError("WeightDependenceAdditiveTriplet", limit="w_max is not w_min")
        unit = weight.w_max / (weight.w_max - weight.w_min)
        timing = backend.TripletRule(
            tau_plus=self.tau_plus, tau_x=self.tau_x, tau_minus=self.tau_minus, tau_y=self.tau_y,
            A2_plus=unit * self.A_plus, A3_plus=unit * weight.A3_plus,
            A2_minus=unit * self.A_minus, A3_minus=unit * weight.A3_minus,
        )  # fmt: skip
        return timing, backend.AdditiveWeightDependence(w_min=weight.w_min, w_max=weight.w_max)


#: Names in ``extra_models``.
RULES: dict[str, Callable[..., Any]] = {
    rule.__name__: rule for rule in (Vogels2011Rule, PfisterSpikeTriplet, WeightDependenceAdditiveTriplet)
}


def mechanism(backend: Any) -> Any:
    """Return ``STDPMechanism`` that takes sPyNNaker's parts as well."""
    told = without_effect(
        "AdditiveWeightDependence",
        "has amplitudes in units of w_max here, as in PyNN; sPyNNaker since October 2021 takes them as they are: "
        "divide A_plus and A_minus by w_max to have its changes",
    )

    class STDPMechanism(backend.STDPMechanism):  # type: ignore[misc]
        __doc__ = backend.STDPMechanism.__doc__

        def __init__(
            self, timing_dependence: Any = None, weight_dependence: Any = None, *args: Any, **kwargs: Any
        ) -> None:
            if isinstance(weight_dependence, backend.AdditiveWeightDependence):
                if weight_dependence.parameter_space["w_max"].base_value != 1.0:
                    told()
            if hasattr(timing_dependence, "here"):
                timing_dependence, weight_dependence = timing_dependence.here(backend, weight_dependence)
            elif isinstance(weight_dependence, WeightDependenceAdditiveTriplet):
                raise UnsupportedError(
                    f"{type(timing_dependence).__name__} with WeightDependenceAdditiveTriplet",
                    where="STDPMechanism",
                    limit="that holds amplitudes of triplets",
                    remedy="use it with extra_models.PfisterSpikeTriplet, or AdditiveWeightDependence",
                )
            super().__init__(timing_dependence, weight_dependence, *args, **kwargs)

    return STDPMechanism


def _unlike(timing: Any, weight: Any, needed: str) -> UnsupportedError:
    return UnsupportedError(
        f"extra_models.{type(timing).__name__} with {type(weight).__name__}",
        where="STDPMechanism",
        limit="its changes do not depend on the weight: other weight dependences have no counterpart here",
        remedy=f"use {needed}",
    )


def _bounds(space: Any) -> tuple[float, float]:
    """Return w_min and w_max, which are numbers: amplitudes are multiplied by them."""
    values = [space[name].base_value for name in ("w_min", "w_max")]
    if not all(isinstance(value, int | float) for value in values):
        raise UnsupportedError(
            f"w_min={values[0]!r}, w_max={values[1]!r}",
            where="STDPMechanism",
            limit="amplitudes of sPyNNaker's rules are in units of w_max, so it is one number",
            remedy="make a projection for each value",
        )
    return float(values[0]), float(values[1])
