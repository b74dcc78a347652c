"""Astrocyte with the calcium dynamics of Li and Rinzel (1994, J. Theor. Biol. 166:461) and a slow inward current
(Nadkarni and Jung 2003, Phys. Rev. Lett. 91:268101).

::

    dIP3/dt = (IP3_0 - IP3) / tau_IP3,         a spike on receptor glutamate adds delta_IP3 w
    dCa/dt = J_channel - J_pump + J_leak
    J_channel = ratio_ER_cyt rate_IP3R (m n h_IP3R)^3 (Ca_ER - Ca),  m = IP3 / (IP3 + Kd_IP3_1),  n = Ca / (Ca + Kd_act)
    J_pump = rate_SERCA Ca^2 / (Km_SERCA^2 + Ca^2),   J_leak = ratio_ER_cyt rate_L (Ca_ER - Ca)
    Ca_ER = (Ca_tot - Ca) / ratio_ER_cyt
    dh/dt = k_IP3R (Kd_inh (IP3 + Kd_IP3_1) / (IP3 + Kd_IP3_2) (1 - h) - Ca h)
    sic = SIC_scale log(y) pA for y = (Ca - SIC_th) / nM > 1, else 0

Concentrations are in uM. `SlowInwardCurrent` takes sic to neurons; the astrocyte itself does not fire. Parameters
have the names and values of NEST's ``astrocyte_lr_1994``. Runge and Kutta's fourth order, in steps of at most 1 ms."""

from __future__ import annotations

from typing import ClassVar

from pyNN.standardmodels import StandardCellType

from ..network import CellModel
from .base import Cell

CALCIUM = """dIP3/dt = (IP3_0 - IP3)/tau_IP3 : 1
dCa/dt = rate_IP3R*ratio_ER_cyt*(IP3/(IP3 + Kd_IP3_1)*Ca/(Ca + Kd_act)*h_IP3R)**3*((Ca_tot - Ca)/ratio_ER_cyt - Ca) \
- rate_SERCA*Ca**2/(Km_SERCA**2 + Ca**2) + ratio_ER_cyt*rate_L*((Ca_tot - Ca)/ratio_ER_cyt - Ca) : 1
dh_IP3R/dt = k_IP3R*(Kd_inh*(IP3 + Kd_IP3_1)/(IP3 + Kd_IP3_2)*(1 - h_IP3R) - Ca*h_IP3R) : 1
sic : amp
arrived : 1"""
RATES = ("k_IP3R", "rate_IP3R", "rate_L", "rate_SERCA")


class Astrocyte_LR(Cell, StandardCellType):
    """Astrocyte: inositol trisphosphate, calcium, its channels' inactivation, and the slow inward current of
    neurons."""

    status = "verified against NEST: astrocyte_lr_1994"
    conductance_based = False
    injectable = False
    default_parameters: ClassVar[dict[str, float]] = {
        **{
            "Ca_tot": 2.0,
            "IP3_0": 0.16,
            "Kd_IP3_1": 0.13,
            "Kd_IP3_2": 0.9434,
            "Kd_act": 0.08234,
            "Kd_inh": 1.049,
        },
        **{"Km_SERCA": 0.1, "SIC_scale": 1.0, "SIC_th": 0.19669, "delta_IP3": 0.0002, "k_IP3R": 0.0002},
        **{
            "rate_IP3R": 0.006,
            "rate_L": 0.00011,
            "rate_SERCA": 0.0009,
            "ratio_ER_cyt": 0.185,
            "tau_IP3": 7142.0,
        },
    }
    default_initial_values: ClassVar[dict[str, float]] = {
        "IP3": 0.16,
        "Ca": 0.073,
        "h_IP3R": 0.793,
        "sic": 0.0,
    }
    recordable: ClassVar[list[str]] = ["spikes", "IP3", "Ca", "h_IP3R", "sic"]
    units: ClassVar[dict[str, str]] = {
        **dict.fromkeys(default_parameters, "uM"),
        **{"SIC_scale": "", "ratio_ER_cyt": "", "tau_IP3": "ms", "k_IP3R": "/(uM ms)", "rate_SERCA": "uM/ms"},
        **{"rate_IP3R": "/ms", "rate_L": "/ms", "IP3": "uM", "Ca": "uM", "h_IP3R": "", "sic": "nA"},
    }
    cell_model = CellModel(
        name="Astrocyte_LR",
        equations=CALCIUM,
        parameters={
            name: "hertz" if name in RATES else "second" if name == "tau_IP3" else "1"
            for name in default_parameters
        },
        receptors={"glutamate": ("arrived", 1.0)},
        before="IP3 += delta_IP3*arrived\narrived = 0",
        # at 1 nM above SIC_th the logarithm is 0
        after="sic = SIC_scale*1e-3*nA*log(clip((Ca - SIC_th)*1000, 1, 1e300))",
        threshold="",
        method="rk4",
        max_step=1.0,
    )
