"""Generalized leaky integrate-and-fire neuron of levels 1 to 5 (Teeter et al. 2018, Nat. Commun. 9:709).

::

    cm dv/dt = g_L (v_rest - v) + sum asc_j + i_syn + i_offset + i_inj
    d asc_j/dt = -asc_decay_j asc_j
    d theta_s/dt = -th_spike_decay theta_s
    d theta_v/dt = th_voltage_index (v - v_rest) - th_voltage_decay theta_v

A spike at ``v > v_thresh + theta_s + theta_v``; everything stands still for tau_refrac, and then ``asc_j = asc_amps_j
+ asc_r_j asc_j exp(-asc_decay_j tau_refrac)``, ``theta_s = theta_s exp(-th_spike_decay tau_refrac) + th_spike_add``.
v goes to v_reset (levels 1, 3) or to ``v_rest + voltage_reset_fraction (v - v_rest) + voltage_reset_add`` (2, 4, 5).
Level 1 is an ordinary neuron, 2 adds theta_s and the other reset, 3 has after-spike currents asc, 4 both, 5 theta_v
as well.

Defaults and the names of parameters are those of NEST's ``glif_psc``, without its ``_m`` and ``_L``. Linear, and
integrated exactly with current-based receptors. Two things of NEST are of first order in the time step and differ: it
holds the mean of asc for each step, and resets levels 2, 4 and 5 from the v of the step before the spike."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pyNN.parameters import ArrayParameter
from pyNN.standardmodels import StandardCellType

from ..errors import NetworkError
from .composition import Membrane
from .neuron_cell import NeuronCell

THRESHOLD = ("th_spike_add", "th_spike_decay", "voltage_reset_fraction", "voltage_reset_add")
CURRENTS = ("asc_amps", "asc_decay", "asc_r")
VOLTAGE = ("th_voltage_index", "th_voltage_decay")
#: What each level has: a threshold that moves with spikes, after-spike currents, one that moves with v.
LEVELS = {1: "", 2: "s", 3: "a", 4: "sa", 5: "sav"}
ABSENT = {"s": THRESHOLD, "a": CURRENTS, "v": VOLTAGE}


def glif_membrane(level: int, currents: int) -> Membrane:
    """Return the membrane of a level, with a number of after-spike currents."""
    has = LEVELS[level]
    asc = [f"asc_{j}" for j in range(currents)] if "a" in has else []
    theta = [name for part, name in (("s", "theta_s"), ("v", "theta_v")) if part in has]
    equations = [
        f"dv/dt = (g_L*(v_rest - v) + {''.join(f'{x} + ' for x in asc)}i_syn + i_offset + i_inj)/cm : volt",
        *(f"d{x}/dt = -asc_decay_{j}*{x} : amp" for j, x in enumerate(asc)),
        "dtheta_s/dt = -th_spike_decay*theta_s : volt" if "s" in has else "",
        "dtheta_v/dt = th_voltage_index*(v - v_rest) - th_voltage_decay*theta_v : volt" if "v" in has else "",
    ]
    sums = f"i_asc = {' + '.join(asc) or '0*amp'}\nv_t = {' + '.join(['v_thresh', *theta])}"
    reset = [f"{x} = asc_amps_{j} + asc_r_{j}*{x}*exp(-asc_decay_{j}*tau_refrac)" for j, x in enumerate(asc)]
    if "s" in has:
        reset.append("theta_s = theta_s*exp(-th_spike_decay*tau_refrac) + th_spike_add")
    after_spike = (
        "v_rest + voltage_reset_fraction*(v - v_rest) + voltage_reset_add" if "s" in has else "v_reset"
    )
    arrays = {"asc_amps": "amp", "asc_decay": "hertz", "asc_r": "1"}
    return Membrane(
        equations="\n".join(
            [f"{line} (unless refractory)" for line in equations if line] + ["i_asc : amp\nv_t : volt"]
        ),
        parameters={
            **{"cm": "farad", "g_L": "siemens", "v_rest": "volt", "v_reset": "volt", "v_thresh": "volt"},
            **{"tau_refrac": "second", "i_offset": "amp", "th_spike_add": "volt", "th_spike_decay": "hertz"},
            **{"voltage_reset_fraction": "1", "voltage_reset_add": "volt"},
            **{"th_voltage_index": "hertz", "th_voltage_decay": "hertz"},
            **{f"{name}_{j}": unit for name, unit in arrays.items() for j in range(currents)},
        },
        after=sums,
        threshold="v > v_t",
        reset="\n".join([*reset, f"v = {after_spike}", sums]),
        linear=True,
    )


class GLIF(NeuronCell, StandardCellType):
    """Generalized leaky integrate-and-fire neuron, ``GLIF(level=5)``, with exponential currents.

    `level` is 1 to 5, and 5 by default; asc_amps, asc_decay and asc_r have one value per after-spike current."""

    status = (
        "verified against NEST's glif_psc: the same spikes on levels 1, 3, 4, 5, within 0.1 ms on level 2"
    )
    default_parameters: ClassVar[dict[str, Any]] = {
        **{
            "cm": 0.05872,
            "g_L": 0.00943,
            "v_rest": -78.85,
            "v_reset": -78.85,
            "v_thresh": -51.68,
            "tau_refrac": 3.75,
        },
        "i_offset": 0.0,
        "asc_amps": ArrayParameter([-0.00918, -0.19894]),
        "asc_decay": ArrayParameter([0.003, 0.1]),
        "asc_r": ArrayParameter([1.0, 1.0]),
        **{
            "th_spike_add": 0.37,
            "th_spike_decay": 0.009,
            "voltage_reset_fraction": 0.2,
            "voltage_reset_add": 18.51,
        },
        **{"th_voltage_index": 0.005, "th_voltage_decay": 0.09},
    }
    default_initial_values: ClassVar[dict[str, float]] = {
        **{"v": -78.85, "theta_s": 0.0, "theta_v": 0.0, "i_asc": 0.0, "v_t": -51.68},
    }
    recordable: ClassVar[list[str]] = ["spikes", "v", "i_asc", "v_t"]
    units: ClassVar[dict[str, str]] = {
        **{"cm": "nF", "g_L": "uS", "v_rest": "mV", "v_reset": "mV", "v_thresh": "mV", "tau_refrac": "ms"},
        **{"i_offset": "nA", "asc_amps": "nA", "asc_decay": "/ms", "asc_r": "", "th_spike_add": "mV"},
        **{"th_spike_decay": "/ms", "voltage_reset_fraction": "", "voltage_reset_add": "mV"},
        **{"th_voltage_index": "/ms", "th_voltage_decay": "/ms", "v": "mV", "i_asc": "nA", "v_t": "mV"},
        **{"theta_s": "mV", "theta_v": "mV"},
    }
    membrane = glif_membrane(5, 2)

    def __init__(self, level: int = 5, **parameters: Any) -> None:
        if level not in LEVELS:
            raise NetworkError(f"level={level!r}", where="GLIF", limit="levels are 1 to 5", remedy="give one")
        absent = {name for part, names in ABSENT.items() if part not in LEVELS[level] for name in names}
        without_effect = sorted(absent & set(parameters)) + ["v_reset"] * (
            "s" in LEVELS[level] and "v_reset" in parameters
        )
        if without_effect:
            raise NetworkError(
                f"GLIF of level {level} was given {', '.join(without_effect)}",
                where="GLIF",
                limit="these belong to other levels",
                remedy="leave them out, or choose another level",
            )
        super().__init__(**parameters)
        self.level = level
        self._use(glif_membrane(level, self._currents()))
        self.default_initial_values = {  # type: ignore[misc]
            name: value
            for name, value in self.default_initial_values.items()
            if name in self.cell_model.state_variables
        }

    def _currents(self) -> int:
        """Return how many after-spike currents the parameters describe."""
        counts = set()
        for name in CURRENTS:
            value = self.parameter_space[name].base_value
            each = value.flat if isinstance(value, np.ndarray) else [value]
            counts |= {np.size(v.value if isinstance(v, ArrayParameter) else v) for v in each}
        if len(counts) > 1:
            raise NetworkError(
                f"{', '.join(CURRENTS)} have {' and '.join(map(str, sorted(counts)))} values",
                where="GLIF",
                limit="one value each for every after-spike current, and one number of them for all cells",
                remedy="fill up with asc_amps = 0",
            )
        return int(counts.pop())
