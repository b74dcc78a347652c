"""Filtered potentials of a cell, and what `ClopathSTDP` reads of them (Clopath, Buesing, Vasilaki and Gerstner 2010,
Nat. Neurosci. 13:344; delayed as in NEST's ``clopath_archiving_node``).

::

    tau_u_plus du_bar_plus/dt = v - u_bar_plus      ltp(t) = [v(t) - theta_plus]+ [u_bar_plus(t - d) - theta_minus]+
    tau_u_minus du_bar_minus/dt = v - u_bar_minus   ltd(t) = [u_bar_minus(t - d) - theta_minus]+
    tau_u_bar du_bar_bar/dt = u_bar_minus - u_bar_bar

The delay d is a whole number of time steps, at least one, and the same for all cells; the past of a filter is kept in a
ring of as many columns, which begins full of its first value; age says where in it the present is, 0 before there is
one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..network import CellModel
from ..network.kernels import Arrays, Kernel

FILTERS = ("plus", "minus")
PARAMETERS = {
    "tau_u_plus": "second", "tau_u_minus": "second", "tau_u_bar": "second", "theta_plus": "volt", "theta_minus": "volt",
}  # fmt: skip
DEFAULTS = {
    "tau_u_plus": 7.0, "tau_u_minus": 10.0, "tau_u_bar": 500.0, "theta_plus": -45.3, "theta_minus": -70.6,
}  # fmt: skip
RECORDABLE = ("u_bar_plus", "u_bar_minus", "u_bar_bar", "ltp", "ltd")
UNITS = {
    **{name: "ms" if unit == "second" else "mV" for name, unit in PARAMETERS.items()},
    **{"u_bar_plus": "mV", "u_bar_minus": "mV", "u_bar_bar": "mV", "ltp": "mV^2", "ltd": "mV"},
}
SOURCE = """
  const int64_t age = (int64_t)A[C_age][block], now = age % STEPS, oldest = (age + 1) % STEPS;
  const int u[2] = {C_u_bar_plus, C_u_bar_minus}, past[2] = {C_past_plus_0, C_past_minus_0};
  const int delayed[2] = {C_delayed_plus, C_delayed_minus};
  for (int side = 0; side < 2; side++) {
    for (int64_t i = age ? now : 0; i < (age ? now + 1 : STEPS); i++)
      memcpy(A[past[side] + i] + block, A[u[side]] + block, 64 * sizeof(real));
    memcpy(A[delayed[side]] + block, A[past[side] + oldest] + block, 64 * sizeof(real));
  }
  for (int l = 0; l < 64; l++) A[C_age][block + l] = (real)(now + 1);
"""


def ring(steps: int) -> Callable[[Arrays, Arrays, float], Any]:
    """Return the same for whole columns in NumPy."""

    def step(columns: Arrays, tables: Arrays, timestep: float) -> None:
        age = int(columns["age"][0]) if len(columns["age"]) else 0
        for side in FILTERS:
            for i in [age % steps] if age else range(steps):
                columns[f"past_{side}_{i}"][:] = columns[f"u_bar_{side}"]
            columns[f"delayed_{side}"][:] = columns[f"past_{side}_{(age + 1) % steps}"]
        columns["age"][:] = age % steps + 1

    return step


def above(value: str, threshold: str) -> str:
    """Return the part of a potential above a threshold, in mV."""
    return f"clip({value} - {threshold}, 0*mV, 1e9*mV)/mV"


def with_traces(model: CellModel, steps: int, potential: str = "v", after_reset: str = "v") -> CellModel:
    """Return a cell with filtered potentials.

    Parameters
    ----------
    model : CellModel
        With a state variable v, and without a kernel.
    steps : int
        The delay of the filters in time steps.
    potential, after_reset : str
        What the filters and ``ltp`` see of v, as an expression, and what ``ltp`` sees after a spike.
    """
    ltp = "ltp = " + above("{}", "theta_plus") + "*" + above("delayed_plus", "theta_minus")
    past = "".join(f"past_{side}_{i} : volt\n" for side in FILTERS for i in range(steps))
    return replace(
        model,
        equations=f"{model.equations.rstrip()}\n"
        f"du_bar_plus/dt = ({potential} - u_bar_plus)/tau_u_plus : volt\n"
        f"du_bar_minus/dt = ({potential} - u_bar_minus)/tau_u_minus : volt\n"
        "du_bar_bar/dt = (u_bar_minus - u_bar_bar)/tau_u_bar : volt\n"
        f"{past}delayed_plus : volt\ndelayed_minus : volt\nage : 1\nltp : 1\nltd : 1",
        parameters={**model.parameters, **PARAMETERS},
        after=f"{model.after}\n{ltp.format(potential)}\nltd = {above('delayed_minus', 'theta_minus')}".strip(),
        reset=f"{model.reset}\n{ltp.format(after_reset)}".strip(),
        kernel=Kernel(f"  constexpr int64_t STEPS = {steps};\n{SOURCE}", ring(steps), single=True),
    )


def delay_steps(delay: float, timestep: float) -> int:
    """Return a delay of filters in time steps, at least one."""
    return max(int(np.floor(delay / timestep + 0.5)), 1)
