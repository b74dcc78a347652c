"""Generalized integrate-and-fire cell with a spike-triggered current, a moving threshold and stochastic spikes (Mensi
et al. 2012, J. Neurophysiol. 107:1756; Pozzorini et al. 2015, PLoS Comput. Biol. 11:e1004275).

``dv/dt = (v_rest - v) / tau_m + (I_syn + i_offset + i_inj - i_eta) / cm`` with ``i_eta`` the sum of the exponentials
``eta_k``, and ``v_t`` the sum of v_t_star and of ``gamma_k``; each spike adds a_eta and a_gamma to them. In a step the
cell fires with probability ``1 - exp(-dt lambda0 exp((v - v_t) / delta_v))``, at the end of the step; v is clamped at
v_reset during the refractory period, while everything else goes on.

The exponentials decay exactly (NEST's ``gif_cond_exp`` holds ``i_eta`` and ``v_t`` for a step, and is equal in the
limit of small steps). There are as many as tau_eta and tau_gamma have values. ``i_eta`` and ``v_t`` follow from them
and from v_t_star: their initial values are what is recorded at the start, and what counts are those of ``eta_0`` and so
on."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.parameters import ArrayParameter
from pyNN.standardmodels import cells

from ..errors import NetworkError
from ..network import CellModel
from .base import Cell
from .if_cond_exp import EXPONENTIAL, EXPONENTIAL_RECEPTORS, SYNAPTIC_CURRENT


def gif_model(currents: int, thresholds: int) -> CellModel:
    """Return the model with a number of exponentials each."""
    eta = [f"eta_{k}" for k in range(currents)]
    gamma = [f"gamma_{k}" for k in range(thresholds)]
    sums = f"i_eta = {' + '.join(eta) or '0*amp'}\nv_t = {' + '.join(['v_t_star', *gamma])}"
    jumps = [f"{x} += a_{x}" for x in (*eta, *gamma)]
    minus_eta = "".join(f" - {x}" for x in eta)
    membrane = f"(v_rest - v)/tau_m + ({SYNAPTIC_CURRENT}{minus_eta})/cm"
    units = {**dict.fromkeys(eta, "amp"), **dict.fromkeys(gamma, "volt")}
    scalars = {
        "volt": ("v_rest", "e_rev_E", "e_rev_I", "v_reset", "delta_v", "v_t_star"),
        "second": ("tau_m", "tau_refrac", "tau_syn_E", "tau_syn_I"),
        "farad": ("cm",),
        "amp": ("i_offset",),
        "hertz": ("lambda0",),
    }
    return CellModel(
        name="GIF_cond_exp",
        equations="\n".join(
            [
                f"dv/dt = {membrane} : volt (unless refractory)",
                EXPONENTIAL,
                *(f"d{x}/dt = -{x}/tau_{x} : {unit}" for x, unit in units.items()),
                "i_eta : amp\nv_t : volt",
            ]
        ),
        parameters={
            **{name: unit for unit, names in scalars.items() for name in names},
            **{f"tau_{x}": "second" for x in units},
            **{f"a_{x}": unit for x, unit in units.items()},
        },
        receptors=EXPONENTIAL_RECEPTORS,
        after=sums,
        # PyNN gives lambda0 in Hz and everything else in units that go together
        threshold="rand() < 1 - exp(-dt*1e-3*lambda0*exp((v - v_t)/delta_v))",
        reset="\n".join(["v = v_reset", *jumps, sums]),
        refractory="tau_refrac",
    )


class GIF_cond_exp(Cell, cells.GIF_cond_exp):
    __doc__ = cells.GIF_cond_exp.__doc__
    status = "verified against NEST, and closed forms"
    cell_model = gif_model(3, 3)

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        currents = self._count("tau_eta", "a_eta")
        thresholds = self._count("tau_gamma", "a_gamma")
        if (currents, thresholds) != (3, 3):
            self.cell_model = gif_model(currents, thresholds)  # type: ignore[misc]

    def _count(self, *names: str) -> int:
        """Return how many values the parameters `names` have, which are arrays."""
        lengths = {}
        for name in names:
            value = self.parameter_space[name].base_value
            each = value.flat if isinstance(value, np.ndarray) else [value]
            lengths[name] = {np.size(v.value if isinstance(v, ArrayParameter) else v) for v in each}
        if len(set.union(*lengths.values())) > 1:
            told = " and ".join(f"{sorted(n)} values of {name}" for name, n in lengths.items())
            raise NetworkError(
                told, where="GIF_cond_exp", limit="one length for all cells", remedy="fill up with a = 0"
            )
        return int(next(iter(lengths[names[0]])))
