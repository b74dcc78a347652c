"""Adaptive exponential integrate-and-fire cell with an afterdepolarization and an adaptive threshold, whose filtered
potentials `ClopathSTDP` needs (Clopath, Buesing, Vasilaki and Gerstner 2010, Nat. Neurosci. 13:344; the form of NEST's
``aeif_psc_delta_clopath``).

::

    cm dv/dt = cm/tau_m (v_rest - v + delta_T exp((v - v_t)/delta_T)) - w + z + i_offset + i_inj
    tau_w dw/dt = a (v - v_rest) - w        tau_z dz/dt = -z        tau_t dv_t/dt = v_thresh - v_t

A spike at v >= v_spike: v is held at v_clamp for t_clamp and then set to v_reset; ``w += b``, ``z = i_sp``, ``v_t =
v_t_max``. While v is held w stands still and input is lost. A synaptic event changes v by its weight (mV). The filtered
potentials are those of `voltage_traces`, with the delay `delay_u`, which all cells of a population share.

Fourth-order Runge-Kutta in steps of at most 0.1 ms, with v capped at v_spike on the right-hand sides. NEST integrates
with steps that adapt, and a synaptic event acts within its step a little later."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np
from pyNN.standardmodels import StandardCellType

from ..errors import NetworkError
from ..network import CellModel
from . import voltage_traces
from .base import Cell
from .voltage_traces import delay_steps, with_traces

CAPPED = "clip(v, -1*volt, v_spike)"
FREE = "int(hold < 0.5)"
SPIKE_CURRENT = f"delta_T*exp(clip(({CAPPED} - v_t)/delta_T, -50, 50))"
MODEL = CellModel(
    name="AdEx_clopath",
    equations=(
        f"dv/dt = ((v_rest - {CAPPED} + {SPIKE_CURRENT})/tau_m + (i_offset + i_inj - w + z)/cm)*{FREE} : volt\n"
        f"dw/dt = (a*1e-3*({CAPPED} - v_rest) - w)/tau_w*{FREE} : amp\n"
        "dz/dt = -z/tau_z : amp\n"
        "dv_t/dt = (v_thresh - v_t)/tau_t : volt\n"
        "arrived : volt\n"
        "hold : 1\n"
    ),
    parameters={
        **dict.fromkeys(
            ("v_rest", "v_reset", "v_thresh", "v_t_max", "v_spike", "v_clamp", "delta_T"), "volt"
        ),
        **dict.fromkeys(("tau_m", "tau_w", "tau_z", "tau_t", "t_clamp"), "second"),
        **{"cm": "farad", "a": "siemens", "b": "amp", "i_sp": "amp", "i_offset": "amp"},
    },
    receptors={"excitatory": ("arrived", 1.0), "inhibitory": ("arrived", 1.0)},
    before=f"v = v + arrived*{FREE}\narrived = 0*mV",
    # the last step in which v is held ends with the reset
    after="ending = 1.0*int(hold > 0.5)*int(hold < 1.5)\nv = v + ending*(v_reset - v)\nhold = clip(hold - 1, 0, 1e9)",
    threshold="v >= v_spike",
    reset="hold = t_clamp/dt\nv = v_clamp + (v_reset - v_clamp)*int(hold < 0.5)\nw += b\nz = i_sp\nv_t = v_t_max",
    refractory="t_clamp",
    method="rk4",
    max_step=0.1,
)


class AdEx_clopath(Cell, StandardCellType):
    """Cell for `ClopathSTDP`: ``AdEx_clopath(delay_u=5.0, v_reset=-60.0)``.

    Parameters
    ----------
    delay_u : float
        Delay of the filtered potentials (ms), at least a time step: one number for all cells, which is given here
        and cannot be changed later.
    cm, tau_m, v_rest, delta_T, a, b, tau_w, v_spike, v_reset, i_offset : float
        As those of `EIF_cond_exp_isfa_ista`.
    v_thresh, v_t_max, tau_t : float
        Threshold at rest and after a spike (mV), and its time constant (ms).
    i_sp, tau_z : float
        Afterdepolarizing current (nA) and its decay (ms).
    v_clamp, t_clamp : float
        Potential (mV) in the time (ms) after a spike.
    tau_u_plus, tau_u_minus, tau_u_bar : float
        Time constants of the filtered potentials (ms).
    theta_plus, theta_minus : float
        Their thresholds (mV).
    """

    status: ClassVar[str] = "verified against NEST: aeif_psc_delta_clopath"
    conductance_based = False
    injectable = True
    default_parameters: ClassVar[dict[str, float]] = {
        "cm": 0.281, "tau_m": 281.0 / 30.0, "v_rest": -70.6, "delta_T": 2.0, "a": 4.0, "b": 0.0805, "tau_w": 144.0,
        "v_spike": 33.0, "v_reset": -60.0, "i_offset": 0.0, "v_thresh": -50.4, "v_t_max": 30.4, "tau_t": 50.0,
        "i_sp": 0.4, "tau_z": 40.0, "v_clamp": 33.0, "t_clamp": 2.0, **voltage_traces.DEFAULTS,
    }  # fmt: skip
    default_initial_values: ClassVar[dict[str, float]] = {
        "v": -70.6, "w": 0.0, "z": 0.0, "v_t": -50.4, "u_bar_plus": -70.6, "u_bar_minus": -70.6, "u_bar_bar": -70.6,
    }  # fmt: skip
    recordable: ClassVar[list[str]] = ["spikes", "v", "w", "z", "v_t", *voltage_traces.RECORDABLE]
    units: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            ("v_rest", "v_reset", "v_thresh", "v_t_max", "v_spike", "v_clamp", "delta_T", "v", "v_t"), "mV"
        ),
        **dict.fromkeys(("tau_m", "tau_w", "tau_z", "tau_t", "t_clamp"), "ms"),
        **dict.fromkeys(("b", "i_sp", "i_offset", "w", "z"), "nA"),
        **{"cm": "nF", "a": "nS"},
        **voltage_traces.UNITS,
    }
    cell_model = with_traces(MODEL, delay_steps(5.0, 0.1), CAPPED)

    def __init__(self, delay_u: float = 5.0, **parameters: Any) -> None:
        super().__init__(**parameters)
        timestep = self._simulator.state.dt if self._simulator else 0.1
        if not isinstance(delay_u, Real):
            raise NetworkError(
                f"delay_u={delay_u!r}",
                where="AdEx_clopath",
                limit="one number (ms) for all cells of a population",
                remedy="a Population for each value, and an Assembly of them",
            )
        if not np.isfinite(delay_u) or delay_u < timestep * (1 - 1e-9):
            raise NetworkError(
                f"delay_u={delay_u} ms", where="AdEx_clopath", limit=f"at least a time step, {timestep:g} ms"
            )
        self.delay_u = float(delay_u)
        self.cell_model = with_traces(MODEL, delay_steps(delay_u, timestep), CAPPED)  # type: ignore[misc]
