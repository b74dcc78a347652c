"""UltraLIF and UltraDLIF: leaky integration with max-plus arithmetic made smooth, and graded spikes (Miñoza 2026,
arXiv:2602.11206).

With ``LSE(x, ...) = epsilon log(sum exp(x / epsilon))`` and sigma the logistic function, one time step, whatever its
length, is::

    UltraLIF:            V = LSE(v + log tau_0, I)
    UltraDLIF, "paper":  V = LSE(v_left, v, v_right) + I
    both:                s = sigma((V - theta) / epsilon),  v = V (1 - s)

    UltraDLIF, "code":   V = tau_0 v + I,  m = LSE(V_left, V, V_right),  s = sigma(m / epsilon),  v = V (1 - s)

``I = bias + graded + jump``: what `GradedSynapse` carries from s of other cells, and the spikes of the step. s is
what the cell sends; for the sake of synapses that carry spikes it also fires in the steps in which s > 0.5. The
neighbours of a cell of UltraDLIF are whatever couplings onto ``left`` and ``right`` say: `pynn_ext.circuits.ring`
closes a population to a ring. The two variants of UltraDLIF are different models, one of the text and one of the code
of the same work; because the code's needs the neighbours' V of the same step, its s is that of the step before.

Two facts that are easily missed. First, for epsilon -> 0 UltraLIF becomes the *tropical* neuron ``V = max(v + log
tau_0, I)``, and not the classical ``tau_0 v + I``: with the same input the one may stay silent where the other fires.
Second, rest is not 0. A silent UltraLIF rises towards ``-epsilon log(1 - tau_0^(1/epsilon))``, which is 2.30 and
above theta for the defaults, and with its reset it sends s = 0.47 for ever; a silent UltraDLIF of the paper drifts up
by ``epsilon log 3`` in every step, and fires in every one, as does that of the code. Only a small epsilon is silent
without input."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardCellType

from ..errors import NetworkError
from ..network import CellModel
from .base import Cell

SIGMOID = "1/(1 + exp(-clip({}/epsilon, -700, 700)))"
INPUT = "drive = bias + graded + jump\njump = 0\n"
FIRE = f"s = {SIGMOID.format('(inner - theta)')}\nv = inner*(1 - s)"
LSE3 = (
    "top = clip(clip({0}, {1}, 1e300), {2}, 1e300)\n"
    "inner = top + epsilon*log(exp(({0} - top)/epsilon) + exp(({1} - top)/epsilon) + exp(({2} - top)/epsilon))\n"
)
LIF_STEP = (
    INPUT
    + "leaked = v + log(tau_0)\n"
    + "inner = clip(leaked, drive, 1e300) + epsilon*log1p(exp(-abs(leaked - drive)/epsilon))\n"
    + FIRE
)
RING_STEPS = {
    "paper": INPUT + LSE3.format("left", "v", "right") + "inner = inner + drive\n" + FIRE,
    # v holds the V of the step before, so that the neighbours' are known
    "code": LSE3.format("left", "v", "right")
    + f"s = {SIGMOID.format('inner')}\n"
    + INPUT
    + "v = tau_0*v*(1 - s) + drive",
}


def ultra_model(name: str, step: str, neighbours: bool) -> CellModel:
    """Return the model whose step is `step`."""
    inputs = ("jump", "graded", *(("left", "right") if neighbours else ()))
    return CellModel(
        name=name,
        equations="\n".join(f"{variable} : 1" for variable in ("v", "s", *inputs)),
        parameters=dict.fromkeys(("tau_0", "theta", "epsilon", "bias"), "1"),
        receptors={"excitatory": ("jump", 1.0), "inhibitory": ("jump", 1.0)},
        after=step,
        threshold="s > 0.5",
        method="update",
    )


class UltraLIF(Cell, StandardCellType):
    """Leaky integration by log-sum-exp, with graded spikes; a step of the grid is a step of the model.

    For epsilon -> 0 it becomes the tropical neuron ``max(v + log tau_0, I)``, not the classical one. Without input it
    does not rest at 0 but approaches ``-epsilon log(1 - tau_0^(1/epsilon))``, 2.30 and above theta for the defaults."""

    status = "exact: the tropical neuron within t epsilon log 2, and the level at rest"
    conductance_based = False
    injectable = False
    default_parameters: ClassVar[dict[str, float]] = {"tau_0": 0.9, "theta": 1.0, "epsilon": 1.0, "bias": 0.0}
    default_initial_values: ClassVar[dict[str, float]] = {"v": 0.0, "s": 0.0}
    recordable: ClassVar[list[str]] = ["spikes", "v", "s"]
    units: ClassVar[dict[str, str]] = dict.fromkeys(("tau_0", "theta", "epsilon", "bias", "v", "s"), "")
    cell_model = ultra_model("UltraLIF", LIF_STEP, False)


class UltraDLIF(Cell, StandardCellType):
    """Log-sum-exp over a cell and its two neighbours, with graded spikes; ``variant`` is "paper" or "code".

    Without input the paper's drifts up by ``epsilon log 3`` in every step, and with the defaults both fire. In the
    variant of the code recorded v is the potential before its reset by s."""

    status = "exact: both variants step by step in NumPy; the tropical limit away from theta"
    conductance_based = False
    injectable = False
    default_parameters: ClassVar[dict[str, float]] = dict(UltraLIF.default_parameters)
    default_initial_values: ClassVar[dict[str, float]] = dict(UltraLIF.default_initial_values)
    recordable: ClassVar[list[str]] = list(UltraLIF.recordable)
    units: ClassVar[dict[str, str]] = dict(UltraLIF.units)
    cell_model = ultra_model("UltraDLIF", RING_STEPS["paper"], True)

    def __init__(self, variant: str = "paper", **parameters: Any) -> None:
        if variant not in RING_STEPS:
            raise NetworkError(
                f"variant={variant!r}",
                where="UltraDLIF",
                limit="variants are 'paper' and 'code'",
                remedy="give one",
            )
        super().__init__(**parameters)
        self.variant = variant
        self.cell_model = ultra_model("UltraDLIF", RING_STEPS[variant], True)  # type: ignore[misc]
