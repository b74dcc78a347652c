"""NIR's neurons and PyNN's cells, both ways.

With V the millivolts of one NIR unit of potential, R the resistance and tau_mem the membrane time constant of NIR, all
cells have ``cm = tau_mem / (V R)``, so that one NIR unit of current is one nA ::

    LIF      tau dv/dt = (v_leak - v) + R I                          IF_curr_delta, a spike adds V R w width / tau
    IF       dv/dt = R I                                             the same with tau = 1e6 s, a spike adds V R w width
    CubaLIF  tau_mem dv/dt = (v_leak - v) + R i                      IF_curr_exp, a spike adds w_in w width / tau_syn
             tau_syn di/dt = -i + w_in I
    LI, CubaLI                                                       LIF and CubaLIF whose threshold is out of reach

A reset takes no time in NIR: tau_refrac is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Time constant of a neuron without leak (s), and a threshold that is never reached (mV).
NO_LEAK, NO_THRESHOLD = 1e6, 1e9


@dataclass(frozen=True)
class Cells:
    """The cells of one NIR node.

    Attributes
    ----------
    celltype : str
        Name of the PyNN standard cell.
    parameters : dict of str to ndarray
        One value per cell, in PyNN's units.
    gain : ndarray
        Weight in PyNN's units (mV or nA) of a NIR weight of 1, for each cell.
    current : ndarray
        Constant current in nA of a NIR input of 1, for each cell.
    """

    celltype: str
    parameters: dict[str, NDArray[np.float64]]
    gain: NDArray[np.float64]
    current: NDArray[np.float64]


Neuron = Callable[[Any, float, float], Cells]

#: NIR's node types that are neurons, ``{name: (node, unit, spike_width) -> Cells}``.
NEURONS: dict[str, Neuron] = {}


def _neuron(*kinds: str) -> Callable[[Neuron], Neuron]:
    def register(function: Neuron) -> Neuron:
        NEURONS.update(dict.fromkeys(kinds, function))
        return function

    return register


def _flat(value: Any) -> NDArray[np.float64]:
    return np.asarray(value, dtype=float).reshape(-1)


def _membrane(node: Any, tau: Any, unit: float) -> dict[str, NDArray[np.float64]]:
    """Return the parameters that all cells share."""
    tau, r = _flat(tau), _flat(node.r)
    leak = _flat(getattr(node, "v_leak", np.zeros_like(r)))
    threshold = getattr(node, "v_threshold", None)
    return {
        "tau_m": tau * 1e3,
        "cm": tau * 1e3 / (unit * r),
        "v_rest": leak * unit,
        "v_reset": leak * unit if threshold is None else _flat(node.v_reset) * unit,
        "v_thresh": np.full_like(r, NO_THRESHOLD) if threshold is None else _flat(threshold) * unit,
        "tau_refrac": np.zeros_like(r),
    }


@_neuron("LIF", "LI")
def _lif(node: Any, unit: float, spike_width: float) -> Cells:
    parameters = _membrane(node, node.tau, unit)
    gain = spike_width * 1e3 / parameters["cm"]
    return Cells("IF_curr_delta", parameters, gain, np.ones_like(gain))


@_neuron("IF")
def _if(node: Any, unit: float, spike_width: float) -> Cells:
    r = _flat(node.r)
    parameters = _membrane(node, np.full_like(r, NO_LEAK), unit)
    parameters["cm"] = 1e3 / (unit * r)
    return Cells("IF_curr_delta", parameters, spike_width * 1e3 / parameters["cm"], np.ones_like(r))


@_neuron("CubaLIF", "CubaLI")
def _cuba_lif(node: Any, unit: float, spike_width: float) -> Cells:
    tau_syn, w_in = _flat(node.tau_syn), np.broadcast_to(_flat(node.w_in), node.tau_syn.size)
    parameters = _membrane(node, node.tau_mem, unit)
    parameters |= {"tau_syn_E": tau_syn * 1e3, "tau_syn_I": tau_syn * 1e3}
    return Cells("IF_curr_exp", parameters, w_in * spike_width / tau_syn, w_in)


def lif_node(parameters: dict[str, NDArray[np.float64]], unit: float) -> dict[str, NDArray[np.float64]]:
    """Return the fields of the ``LIF`` node of cells of type ``IF_curr_delta``."""
    tau = parameters["tau_m"] / 1e3
    return {
        "tau": tau,
        "r": parameters["tau_m"] / (unit * parameters["cm"]),
        "v_leak": parameters["v_rest"] / unit,
        "v_threshold": parameters["v_thresh"] / unit,
        "v_reset": parameters["v_reset"] / unit,
    }


def cuba_lif_node(parameters: dict[str, NDArray[np.float64]], unit: float) -> dict[str, NDArray[np.float64]]:
    """Return the fields of the ``CubaLIF`` node of cells of type ``IF_curr_exp``."""
    fields = lif_node(parameters, unit)
    fields["tau_mem"] = fields.pop("tau")
    return {**fields, "tau_syn": parameters["tau_syn_E"] / 1e3, "w_in": np.ones_like(fields["r"])}
