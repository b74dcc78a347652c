"""Expressive leaky memory neuron (Spieler et al. 2023, arXiv:2306.16922), with weights that were trained elsewhere.

In each time step, with the spikes x of the step, excitatory ones as 1 and inhibitory ones as -1::

    b = k_b b + sum over the branch of relu(w_s) x                                      k = exp(-dt / tau)
    dm = 1.7159 tanh(2/3 (W_2 f(W_1 [b, k_m m] + b_1) + b_2))                           f: relu or silu
    m = k_m m + lambda (1 - k_m) dm      (version 1)        m = k_m m + (1 - k_m^lambda) dm      (version 2)
    y = W_y m + b_y,      p_spike = sigma(y_0),      v_soma = (10 y_1 - 67.7) mV

Version 1 has a trace per synapse; because all traces of a branch decay alike, their sum is b. Weights were trained
for steps of 1 ms. The neuron fires when p_spike exceeds spike_threshold, or with stochastic = 1 with probability
p_spike in each step; the paper gives p_spike, and what becomes of it is inferred. It does not learn here.

Each branch is a receptor, ``branch0`` and so on, whose variable is recorded after its decay.
`pynn_ext.circuits.connect_elm` makes the synapses that the weights describe. The products of matrices and vectors are
a hand-written kernel, which takes 64 cells at a time."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pyNN.standardmodels import StandardCellType

from ..network import CellModel
from ..network.kernels import Arrays, Kernel
from .base import Cell
from .elm_weights import ELMWeights

TABLES = ("w_1", "b_1", "w_2", "b_2", "w_y", "b_y", "tau_m", "tau_b", "strength")
SOURCE = """
  double keep[D], share[D];
  for (int i = 0; i < D; i++) {
    keep[i] = exp(-h / T_tau_m[i]);
    share[i] = VERSION == 1 ? T_strength[0] * (1.0 - keep[i]) : 1.0 - exp(-h * T_strength[0] / T_tau_m[i]);
  }
  static thread_local double hidden[H][64];
  for (int j = 0; j < H; j++) {
    double *sum = hidden[j];
    for (int l = 0; l < 64; l++) sum[l] = T_b_1[j];
    for (int i = 0; i < B + D; i++) {
      const double w = T_w_1[j * (B + D) + i] * (i < B ? 1.0 : keep[i - B]);
      const double *x = A[i < B ? C_branch_0 + i : C_m_0 + i - B] + block;
      for (int l = 0; l < 64; l++) sum[l] += w * x[l];
    }
    for (int l = 0; l < 64; l++) sum[l] = SILU ? sum[l] / (1.0 + exp(-sum[l])) : (sum[l] > 0.0 ? sum[l] : 0.0);
  }
  for (int i = 0; i < D; i++) {
    double sum[64], *m = A[C_m_0 + i] + block;
    for (int l = 0; l < 64; l++) sum[l] = T_b_2[i];
    for (int j = 0; j < H; j++) {
      const double w = T_w_2[i * H + j];
      for (int l = 0; l < 64; l++) sum[l] += w * hidden[j][l];
    }
    // tanh(2/3 x) = 1 - 2 / (e^(4/3 x) + 1)
    for (int l = 0; l < 64; l++)
      m[l] = keep[i] * m[l] + share[i] * 1.7159 * (1.0 - 2.0 / (exp(4.0 / 3.0 * sum[l]) + 1.0));
  }
  for (int k = 0; k < 2; k++) {
    double *y = A[C_y_0 + k] + block;
    for (int l = 0; l < 64; l++) y[l] = T_b_y[k];
    for (int i = 0; i < D; i++) {
      const double w = T_w_y[k * D + i], *m = A[C_m_0 + i] + block;
      for (int l = 0; l < 64; l++) y[l] += w * m[l];
    }
  }
  for (int i = 0; i < B; i++) {
    double *b = A[C_branch_0 + i] + block;
    const double k = exp(-h / T_tau_b[i]);
    for (int l = 0; l < 64; l++) b[l] *= k;
  }
"""


def _step(columns: Arrays, tables: Arrays, timestep: float, version: int, silu: bool) -> None:
    """The same for whole columns in NumPy."""
    branches = [columns[f"branch_{i}"] for i in range(len(tables["tau_b"]))]
    memory = [columns[f"m_{i}"] for i in range(len(tables["tau_m"]))]
    keep = np.exp(-timestep / tables["tau_m"])
    strength = tables["strength"][0]
    share = strength * (1.0 - keep) if version == 1 else 1.0 - np.exp(-timestep * strength / tables["tau_m"])
    m = keep[:, None] * np.array(memory)
    sums = tables["w_1"] @ np.vstack([np.array(branches), m]) + tables["b_1"][:, None]
    hidden = sums / (1.0 + np.exp(-sums)) if silu else np.maximum(sums, 0.0)
    change = 1.7159 * np.tanh(2.0 / 3.0 * (tables["w_2"] @ hidden + tables["b_2"][:, None]))
    m += share[:, None] * change
    outputs = tables["w_y"] @ m + tables["b_y"][:, None]
    for column, values in zip([*memory, columns["y_0"], columns["y_1"]], [*m, *outputs], strict=True):
        column[:] = values
    for column, tau in zip(branches, tables["tau_b"], strict=True):
        column *= np.exp(-timestep / tau)


def elm_model(weights: ELMWeights) -> CellModel:
    """Return the model for weights of a given shape; their values are the tables of the cells."""
    d, b, silu = len(weights.tau_m), len(weights.tau_b), weights.activation == "silu"
    sizes = {"D": d, "B": b, "H": len(weights.b_1), "VERSION": weights.version, "SILU": int(silu)}
    constants = "".join(f"  constexpr int {name} = {value};\n" for name, value in sizes.items())

    def step(columns: Arrays, tables: Arrays, timestep: float) -> None:
        _step(columns, tables, timestep, weights.version, silu)

    variables = [*(f"branch_{i}" for i in range(b)), *(f"m_{i}" for i in range(d)), "y_0", "y_1", "p_spike"]
    return CellModel(
        name="ELM",
        equations="\n".join([*(f"{name} : 1" for name in variables), "v_soma : volt"]),
        parameters={"spike_threshold": "1", "stochastic": "1"},
        receptors={f"branch{i}": (f"branch_{i}", 1.0) for i in range(b)},
        kernel=Kernel(constants + SOURCE, step, TABLES),
        after="p_spike = 1/(1 + exp(-clip(y_0, -700, 700)))\nv_soma = (10*y_1 - 67.7)*mV",
        threshold="p_spike > spike_threshold + stochastic*(rand() - spike_threshold)",
        method="update",
    )


def _tables(weights: ELMWeights) -> dict[str, np.ndarray]:
    return {name: np.atleast_1d(np.asarray(getattr(weights, name), dtype=float)) for name in TABLES}


class ELM(Cell, StandardCellType):
    """Expressive leaky memory neuron: ``ELM(weights)``, with `ELMWeights` from files or untrained ones."""

    status = "verified against the authors' trained neurons: forward pass in NumPy, sizes, routing; firing is inferred"
    conductance_based = False
    injectable = False
    default_parameters: ClassVar[dict[str, float]] = {"spike_threshold": 0.5, "stochastic": 0.0}
    default_initial_values: ClassVar[dict[str, float]] = {"p_spike": 0.0, "v_soma": -67.7}
    recordable: ClassVar[list[str]] = ["spikes", "p_spike", "v_soma"]
    units: ClassVar[dict[str, str]] = {"spike_threshold": "", "stochastic": "", "p_spike": "", "v_soma": "mV"}
    weights = ELMWeights.initial(n_memory=10)
    cell_model = elm_model(weights)
    tables: ClassVar[dict[str, np.ndarray]] = _tables(weights)

    def __init__(self, weights: ELMWeights | None = None, **parameters: Any) -> None:
        super().__init__(**parameters)
        if weights is not None:
            self.weights = weights
            self.cell_model = elm_model(weights)  # type: ignore[misc]
            self.receptor_types = tuple(self.cell_model.receptors)  # type: ignore[misc]
            self.tables = _tables(weights)  # type: ignore[misc]
