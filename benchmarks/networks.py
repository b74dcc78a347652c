"""The networks that are measured, as plain numbers, so that every peer builds the same one.

Units are PyNN's: ms, mV, nF, nA, uS, spikes/s. `scale` multiplies the number of cells and leaves the number of
inputs per cell as it is, down to the point where there are no more cells to choose from.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Recurrent:
    """Excitatory and inhibitory cells, randomly connected.

    Attributes
    ----------
    cell : str
        PyNN's name of the cell type.
    parameters : dict
        Parameters of the cells.
    size, inputs : int
        Number of cells, four fifths of them excitatory, and mean number of recurrent inputs of a cell.
    weights : tuple of float
        Excitatory and inhibitory weight.
    start : tuple of float
        Range of the initial membrane potentials.
    kick : bool
        Whether 20 Poisson sources of 100 spikes/s drive one cell in a hundred each for the first 50 ms.
    drive : float
        Rate of a Poisson source per cell, with the excitatory weight; 0 for none.
    """

    cell: str
    parameters: dict[str, float]
    size: int
    inputs: int
    weights: tuple[float, float]
    start: tuple[float, float]
    delay: float
    kick: bool = False
    drive: float = 0.0
    duration: float = 1000.0
    timestep: float = 0.1

    @property
    def excitatory(self) -> int:
        """Number of excitatory cells."""
        return round(0.8 * self.size)

    @property
    def probability(self) -> float:
        """Probability of a connection."""
        return self.inputs / self.size


@dataclass(frozen=True)
class Plastic:
    """Poisson sources onto integrate-and-fire cells through plastic synapses (additive pair rule)."""

    sources: int
    size: int
    inputs: int
    rate: float
    weight: float
    parameters: dict[str, float]
    rule: dict[str, float] = field(
        default_factory=lambda: {"tau_plus": 20.0, "tau_minus": 20.0, "A_plus": 0.01, "A_minus": 0.0105}
    )
    delay: float = 1.0
    duration: float = 1000.0
    timestep: float = 0.1

    @property
    def probability(self) -> float:
        """Probability of a connection."""
        return self.inputs / self.sources


def _tables(path: Path) -> dict[str, Array]:
    """Return the arrays of numbers that a script writes out, by their names, without running it."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.value.args:
            with contextlib.suppress(ValueError):  # what is no literal is no table
                found[ast.unparse(node.targets[0])] = np.array(ast.literal_eval(node.value.args[0]))
    return found


MICROCIRCUIT = _tables(Path(__file__).resolve().parents[1] / "examples" / "microcircuit.py")
FULL_SIZE, EXTERNAL_INPUTS, RATE, PROBABILITY = (
    MICROCIRCUIT[name] for name in ("full_size", "external_inputs", "published_rate", "probability")
)


@dataclass(frozen=True)
class Layered:
    """Cortical microcircuit of Potjans and Diesmann (2014), Cereb. Cortex 24:785, with about `size` cells.

    Cells and inputs of a cell are scaled alike; weights grow with the square root, and a constant current makes up
    for the mean input that is lost. Arrays are over the eight populations, excitatory ones first in each layer;
    matrices have a row for each target.
    """

    size: int
    delay: float = 0.1
    duration: float = 1000.0
    timestep: float = 0.1
    tau_syn: float = 0.5
    parameters: dict[str, float] = field(
        default_factory=lambda: {
            "tau_m": 10.0, "cm": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0, "tau_refrac": 2.0,
            "tau_syn_E": 0.5, "tau_syn_I": 0.5,
        }
    )  # fmt: skip

    @property
    def scale(self) -> float:
        """Part of the full circuit."""
        return self.size / float(FULL_SIZE.sum())

    @property
    def sizes(self) -> Array:
        """Cells of the populations."""
        return np.round(FULL_SIZE * self.scale).astype(int)

    @property
    def weight(self) -> float:
        """Weight of an external input (nA)."""
        return 0.0878 / float(np.sqrt(self.scale))

    @property
    def weights(self) -> Array:
        """Mean weights (nA); the standard deviation is a tenth."""
        weights = np.where(np.arange(8) % 2, -4.0, 1.0) * np.ones((8, 1)) * self.weight
        weights[0, 2] *= 2
        return weights

    @property
    def _inputs(self) -> Array:
        pairs = np.outer(FULL_SIZE, FULL_SIZE)
        return np.log1p(-PROBABILITY) / np.log1p(-1.0 / pairs) / FULL_SIZE[:, None]

    @property
    def numbers(self) -> Array:
        """Numbers of synapses."""
        return np.round(self._inputs * self.scale * self.sizes[:, None]).astype(int)

    @property
    def external(self) -> Array:
        """Rates of all external inputs of a cell (spikes/s)."""
        return EXTERNAL_INPUTS * 8.0 * self.scale

    @property
    def offsets(self) -> Array:
        """Constant currents (nA)."""
        full = np.sqrt(self.scale)
        lost = (self.weights * full * self._inputs) @ RATE + self.weight * full * EXTERNAL_INPUTS * 8.0
        return 1e-3 * self.tau_syn * (1 - full) * lost


VOGELS_ABBOTT = {
    "tau_m": 20.0, "cm": 0.2, "v_thresh": -50.0, "v_reset": -60.0, "tau_refrac": 5.0,
    "tau_syn_E": 5.0, "tau_syn_I": 10.0,
}  # fmt: skip
REVERSAL = {"e_rev_E": 0.0, "e_rev_I": -80.0}


def coba(size: int) -> Recurrent:
    """Conductance-based network of Vogels and Abbott; Brette et al. (2007), benchmark 1."""
    parameters = {**VOGELS_ABBOTT, **REVERSAL, "v_rest": -60.0}
    return Recurrent("IF_cond_exp", parameters, size, 80, (0.004, 0.051), (-60.0, -50.0), 0.2, kick=True)


def cuba(size: int) -> Recurrent:
    """Current-based network of Vogels and Abbott; Brette et al. (2007), benchmark 2."""
    parameters = {**VOGELS_ABBOTT, "v_rest": -49.0}
    return Recurrent("IF_curr_exp", parameters, size, 80, (0.0162, -0.09), (-60.0, -50.0), 0.2)


def brunel(size: int) -> Recurrent:
    """Sparse irregular network of Brunel (2000) with short synaptic currents; a tenth of the cells are inputs."""
    inputs, jump, cm, tau_syn = min(1000, size // 10), 0.1, 0.25, 0.5
    jump *= 1000.0 / inputs
    weight = jump * cm / tau_syn
    parameters = {
        "tau_m": 20.0, "cm": cm, "v_rest": 0.0, "v_reset": 10.0, "v_thresh": 20.0, "tau_refrac": 2.0,
        "tau_syn_E": tau_syn, "tau_syn_I": tau_syn,
    }  # fmt: skip
    drive = 1.6 * 20.0 / (jump * 20.0) * 1000.0
    return Recurrent(
        "IF_curr_exp",
        parameters,
        size,
        inputs,
        (weight, -6.0 * weight),
        (0.0, 20.0),
        1.5,
        drive=drive,
        duration=500.0,
    )


def hh(size: int) -> Recurrent:
    """Hodgkin-Huxley network; Brette et al. (2007), benchmark 3."""
    parameters = {
        "gbar_Na": 20.0, "gbar_K": 6.0, "g_leak": 0.01, "cm": 0.2, "v_offset": -63.0, "e_rev_Na": 50.0,
        "e_rev_K": -90.0, "e_rev_leak": -65.0, "e_rev_E": 0.0, "e_rev_I": -80.0, "tau_syn_E": 5.0, "tau_syn_I": 10.0,
    }  # fmt: skip
    return Recurrent(
        "HH_cond_exp", parameters, size, 80, (0.006, 0.067), (-70.0, -60.0), 0.2, kick=True, duration=500.0
    )


def stdp(size: int) -> Plastic:
    """Two Poisson sources for five cells, a tenth of them onto each."""
    parameters = {
        "tau_m": 20.0, "cm": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0, "tau_refrac": 2.0,
        "tau_syn_E": 5.0, "tau_syn_I": 5.0,
    }  # fmt: skip
    sources = max(10, round(0.4 * size))
    inputs = sources // 10
    return Plastic(sources, size, inputs, 15.0, 2.4 / inputs, parameters)


Network = Recurrent | Plastic | Layered
NETWORKS: dict[str, tuple[Callable[[int], Network], int]] = {
    "coba": (coba, 4000),
    "cuba": (cuba, 4000),
    "brunel": (brunel, 10000),
    "microcircuit": (Layered, 7717),
    "stdp": (stdp, 5000),
    "hh": (hh, 4000),
}


def network(name: str, scale: float = 1.0) -> Network:
    """Return a network by name, with `scale` times its cells."""
    build, size = NETWORKS[name]
    return build(max(200, round(size * scale)))
