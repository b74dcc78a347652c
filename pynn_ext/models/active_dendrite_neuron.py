"""Neuron with dendritic segments that recognize sparse patterns (Ahmad and Hawkins 2016, arXiv:1601.00720).

``cm dv/dt = cm/tau_m (v_rest - v) + i_nmda plateau + isyn_exc + isyn_inh + i_offset + i_inj``, integrated exactly,
with threshold and reset as `IF_curr_exp`. Segment k counts in ``a_k`` the weights that arrived within the window
t_win. When ``a_k >= theta`` and its last plateau is over, ``p_k`` is 1 for t_nmda; ``plateau = min(1, sum_k p_k)``
acts from the time of arrival on. With an i_nmda below rheobase such a neuron is *predicted*, and answers earlier to
what arrives at the soma; with a larger one it detects the patterns.

The static part, a threshold on the number of active synapses, is the paper's, and so are about 20 synapses per
segment and a theta near 10; window, plateau and current are inferred. ``seg0`` and so on are the receptors. What has
arrived at a segment is taken back after t_win by the connections themselves: use `SegmentConnector`, or add to each
connection of weight w and delay d one of weight -w and delay ``d + t_win``."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardCellType, cells

from ..errors import NetworkError
from ..network import CellModel
from .base import Cell
from .if_curr_exp import CURRENT_MEMBRANE, LIF_PARAMETERS

# sums of weights are right to 1e-6; a plateau that is over in half a step is over
SEGMENT = """begins = 1.0*int(a_{k} >= theta - 1e-6)*int(left_{k} < 0.5*dt)
left_{k} = begins*t_nmda + (1 - begins)*clip(left_{k} - dt, 0*second, 1e9*second)
p_{k} = int(left_{k} > 0.5*dt)
"""
MAX_SEGMENTS = 1024


def dendrite_model(n_segments: int) -> CellModel:
    """Return the model with a number of segments."""
    numbers = range(n_segments)
    plateau = f"plateau = clip({' + '.join(f'p_{k}' for k in numbers)}, 0, 1)"
    return CellModel(
        name="ActiveDendriteNeuron",
        equations=CURRENT_MEMBRANE.replace("(isyn_exc", "(i_nmda*plateau + isyn_exc")
        + "disyn_exc/dt = -isyn_exc/tau_syn_E : amp\n"
        + "disyn_inh/dt = -isyn_inh/tau_syn_I : amp\n"
        + "plateau : 1\n"
        + "\n".join(f"a_{k} : 1\np_{k} : 1\nleft_{k} : second" for k in numbers),
        parameters={**LIF_PARAMETERS, "theta": "1", "t_win": "second", "t_nmda": "second", "i_nmda": "amp"},
        receptors={
            "excitatory": ("isyn_exc", 1.0),
            "inhibitory": ("isyn_inh", 1.0),
            **{f"seg{k}": (f"a_{k}", 1.0) for k in numbers},
        },
        before="".join(SEGMENT.format(k=k) for k in numbers) + plateau,
        threshold="v >= v_thresh",
        reset="v = v_reset",
        refractory="tau_refrac",
        method="exact",
    )


class ActiveDendriteNeuron(Cell, StandardCellType):
    """Leaky integrate-and-fire neuron with dendritic segments, ``ActiveDendriteNeuron(n_segments=8)``."""

    status = "exact: match and miss probabilities in closed form; times of the plateau are inferred"
    conductance_based = False
    injectable = True
    default_parameters: ClassVar[dict[str, Any]] = {
        **cells.IF_curr_exp.default_parameters,
        **{"theta": 10.0, "t_win": 5.0, "t_nmda": 50.0, "i_nmda": 0.3},
    }
    default_initial_values: ClassVar[dict[str, float]] = dict(cells.IF_curr_exp.default_initial_values)
    recordable: ClassVar[list[str]] = ["spikes", "v", "isyn_exc", "isyn_inh", "plateau"]
    units: ClassVar[dict[str, str]] = {
        **cells.IF_curr_exp.units,
        **{
            "theta": "",
            "t_win": "ms",
            "t_nmda": "ms",
            "i_nmda": "nA",
            "plateau": "",
            "isyn_exc": "nA",
            "isyn_inh": "nA",
        },
    }
    cell_model = dendrite_model(8)

    def __init__(self, n_segments: int = 8, **parameters: Any) -> None:
        if not (isinstance(n_segments, int) and 1 <= n_segments <= MAX_SEGMENTS):
            raise NetworkError(
                f"n_segments={n_segments!r}",
                where="ActiveDendriteNeuron",
                limit=f"1 to {MAX_SEGMENTS} segments",
            )
        super().__init__(**parameters)
        self.n_segments = n_segments
        self.cell_model = dendrite_model(n_segments)  # type: ignore[misc]
        self.receptor_types = tuple(self.cell_model.receptors)  # type: ignore[misc]
        self.recordable = [  # type: ignore[misc]
            *type(self).recordable,
            *(f"{name}_{k}" for k in range(n_segments) for name in "ap"),
        ]
