"""Leaky integrate-and-fire neuron whose input an astrocyte amplifies while it fires: a stand-in, not a published unit.

A slow trace A of the neuron's own spikes stands for the astrocyte and scales what arrives::

    dv/dt = (v_rest - v) / tau_m + ((1 + glia_gain A) (i_syn + i_offset) + i_inj) / cm
    dA/dt = -A / tau_glia,      a spike adds 1 - exp(-1 ms / tau_glia)

so that A, recorded as glia, is the rate of late in spikes per ms; in steps of 1 ms this is ``A <- a A + (1 -
a) s`` with a = 0.99 for the default tau_glia. The equations are inferred, as a stand-in for the astrocyte-modulated
spiking unit (AM-SU) of Shen et al. (2023, arXiv:2312.07625), of which only the abstract was at hand; they are not the
paper's unit. `Astrocyte_LR` with `SlowInwardCurrent` is an astrocyte from published equations. v takes an exponential
step with A and the currents of the middle of the step."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardCellType, cells

from .composition import Membrane
from .lif import LIF
from .neuron_cell import NeuronCell


class LIF_glial_gain(NeuronCell, StandardCellType):
    """Leaky integrate-and-fire neuron with exponential currents that a slow trace of its own spikes amplifies."""

    status = "inferred: a stand-in for AM-SU, not the paper's unit; the trace in closed form, v as IF_curr_exp_gain"
    default_parameters: ClassVar[dict[str, Any]] = {
        **cells.LIF.default_parameters,
        **{"glia_gain": 10.0, "tau_glia": 99.5},
    }
    default_initial_values: ClassVar[dict[str, float]] = {"v": -65.0, "glia": 0.0}
    recordable: ClassVar[list[str]] = ["spikes", "v", "glia"]
    units: ClassVar[dict[str, str]] = {**cells.LIF.units, "glia_gain": "ms", "tau_glia": "ms", "glia": "kHz"}
    membrane = Membrane(
        equations="dv/dt = (v_rest - v)/tau_m + ((1 + glia_gain*glia)*(i_syn + i_offset) + i_inj)/cm"
        " : volt (unless refractory)\n"
        "dglia/dt = -glia/tau_glia : 1",
        parameters={**LIF.membrane.parameters, "glia_gain": "1", "tau_glia": "second"},
        threshold="v >= v_thresh",
        reset="v = v_reset\nglia += 1 - exp(-ms/tau_glia)",
    )
