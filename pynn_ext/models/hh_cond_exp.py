"""Hodgkin-Huxley cell of Traub and Miles (1991) with exponentially decaying synaptic conductances.

``cm dv/dt = -gbar_Na m^3 h (v - e_rev_Na) - gbar_K n^4 (v - e_rev_K) - g_leak (v - e_rev_leak) + I_syn +
i_offset + i_inj`` with the rates of Brette et al. (2007, J. Comput. Neurosci. 23:349, benchmark 3), voltages
relative to v_offset. Fourth-order Runge-Kutta in steps of at most 0.05 ms (a longer time step is divided),
which is stable while the open conductances together stay below 55 cm per ms (five times the default gbar_Na at
the default cm is too much). At 0.1 ms a cell first tries one step of third order, and keeps it if its estimated
error is at most 0.03 mV (see `codegen.trial`): 8 % of the steps at 45 spikes/s fail. Either way it follows NEST's
adaptive solver to 0.03 mV outside spikes.

A spike is counted when v has passed its maximum above v_offset + 30 mV, not within 2 ms of the last, as in
NEST's ``hh_cond_exp_traub``. The gates start at 0 for m and n and 1 for h, PyNN's default initial values;
PyNN's mechanism for NEURON starts h at 0 too, which moves spikes by up to 0.4 ms.

The exponentials of the rates are powers of one, as they have e^(-v/4 mV), e^(-v/5 mV), e^(-v/18 mV) and
e^(-v/40 mV)."""

from pyNN.standardmodels import cells

from ..network import CellModel
from .base import Cell
from .if_cond_exp import EXPONENTIAL, EXPONENTIAL_RECEPTORS, SYNAPTIC_CURRENT

EQUATIONS = (
    "dv/dt = (gbar_Na*m*m*m*h*(e_rev_Na - v) + gbar_K*n*n*n*n*(e_rev_K - v) + g_leak*(e_rev_leak - v)"
    f" + {SYNAPTIC_CURRENT})/cm : volt"
    """
dm/dt = 0.32*4/ms/exprel((13*mV - v + v_offset)/(4*mV))*(1 - m) - 0.28*5/ms/exprel((v - v_offset - 40*mV)/(5*mV))*m : 1
dh/dt = 0.128/ms*exp((17*mV - v + v_offset)/(18*mV))*(1 - h) - 4/ms/(1 + exp((40*mV - v + v_offset)/(5*mV)))*h : 1
dn/dt = 0.032*5/ms/exprel((15*mV - v + v_offset)/(5*mV))*(1 - n) - 0.5/ms*exp((10*mV - v + v_offset)/(40*mV))*n : 1
v_before : volt
""" + EXPONENTIAL
)


class HH_cond_exp(Cell, cells.HH_cond_exp):
    __doc__ = cells.HH_cond_exp.__doc__
    status = "verified against NEST and NEURON, and closed forms"
    cell_model = CellModel(
        name="HH_cond_exp",
        equations=EQUATIONS,
        parameters={
            "gbar_Na": "siemens",
            "gbar_K": "siemens",
            "g_leak": "siemens",
            "cm": "farad",
            "v_offset": "volt",
            "e_rev_Na": "volt",
            "e_rev_K": "volt",
            "e_rev_leak": "volt",
            "e_rev_E": "volt",
            "e_rev_I": "volt",
            "tau_syn_E": "second",
            "tau_syn_I": "second",
            "i_offset": "amp",
        },
        receptors=EXPONENTIAL_RECEPTORS,
        threshold="v >= v_offset + 30*mV and v < v_before",
        refractory="2 ms",
        method="rk4",
        max_step=0.05,
        tolerance={"v": 0.03},
        before="v_before = v",
    )
