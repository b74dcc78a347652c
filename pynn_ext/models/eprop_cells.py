"""Cells of e-prop (Bellec et al. 2020, Nat. Commun. 11:3625): leaky integrate-and-fire with a soft reset, without and
with an adaptive threshold.

In steps of dt, with ``a = exp(-dt/tau_m)`` and z = 1 in a step with a spike ::

    v_(t+1) = v_rest + a (v_t - v_rest) + input - (v_thresh - v_rest) z_t
    b_(t+1) = exp(-dt/tau_b) b_t + z_t                      (ALIF_eprop)
    spike if v > v_thresh + beta b

Each weight (mV) that arrives at t is part of the input at t + dt, as in `IF_curr_delta`. The threshold is subtracted
one step after the spike, so that v, recorded, is that of the pseudo-derivative of `pynn_ext.learning.eprop`. Without a
refractory period. beta is in mV per spike."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardCellType

from ..network import CellModel
from .base import Cell

MEMBRANE = "dv/dt = (v_rest - v)/tau_m + (i_offset + i_inj)/cm : volt\njump : volt\nz : 1"
PARAMETERS = {"v_rest": "volt", "cm": "farad", "tau_m": "second", "i_offset": "amp", "v_thresh": "volt"}
DEFAULTS = {"v_rest": 0.0, "cm": 1.0, "tau_m": 20.0, "i_offset": 0.0, "v_thresh": 1.0}
JUMP = {"excitatory": ("jump", 1.0), "inhibitory": ("jump", 1.0)}
AFTER = "v += jump - (v_thresh - v_rest)*z\njump = 0*volt"
STATUS = "verified: e-prop equals backpropagation through time with the same pseudo-derivative"


class LIF_eprop(Cell, StandardCellType):  # noqa: N801
    """Leaky integrate-and-fire cell from which a spike takes the threshold; weights in mV."""

    status: ClassVar[str] = STATUS
    default_parameters: ClassVar[dict[str, Any]] = DEFAULTS
    default_initial_values: ClassVar[dict[str, Any]] = {"v": 0.0, "z": 0.0}
    recordable: ClassVar[list[str]] = ["spikes", "v", "z"]
    injectable = True
    conductance_based = False
    units: ClassVar[dict[str, str]] = {
        "v_rest": "mV", "cm": "nF", "tau_m": "ms", "i_offset": "nA", "v_thresh": "mV", "v": "mV", "z": "dimensionless"
    }  # fmt: skip
    cell_model = CellModel(
        name="LIF_eprop",
        equations=MEMBRANE,
        parameters=PARAMETERS,
        receptors=JUMP,
        threshold="v > v_thresh",
        after=f"{AFTER}\nz = 0",
        reset="z = 1",
        method="exact",
    )


class ALIF_eprop(Cell, StandardCellType):  # noqa: N801
    """`LIF_eprop` whose threshold rises by beta at each spike and falls back with tau_b; weights in mV."""

    status: ClassVar[str] = STATUS
    default_parameters: ClassVar[dict[str, Any]] = {**DEFAULTS, "beta": 0.2, "tau_b": 200.0}
    default_initial_values: ClassVar[dict[str, Any]] = {"v": 0.0, "z": 0.0, "b": 0.0}
    recordable: ClassVar[list[str]] = ["spikes", "v", "z", "b"]
    injectable = True
    conductance_based = False
    units: ClassVar[dict[str, str]] = {
        **LIF_eprop.units, "beta": "mV", "tau_b": "ms", "b": "dimensionless"
    }  # fmt: skip
    cell_model = CellModel(
        name="ALIF_eprop",
        equations=f"{MEMBRANE}\ndb/dt = -b/tau_b : 1",
        parameters={**PARAMETERS, "beta": "volt", "tau_b": "second"},
        receptors=JUMP,
        threshold="v > v_thresh + beta*b",
        after=f"{AFTER}\nb += z\nz = 0",
        reset="z = 1",
        method="exact",
    )
