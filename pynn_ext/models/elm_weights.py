"""Weights of expressive leaky memory neurons: their initial values, and those that the authors trained."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError

Array = npt.NDArray[np.float64]
ACTIVATIONS = ("relu", "silu")
MAX_CONFIGURATION = 2**20  # bytes


def routing(
    n_inputs: int, n_branches: int, per_branch: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return the input of each synapse, and whether there is one, as for the authors' data set NeuronIO.

    Excitatory inputs, the first half, and inhibitory ones alternate along the dendrite; each branch takes the window of
    `per_branch` of them that begins at its share, and windows overlap."""
    along = np.arange(n_inputs) % 2 * (n_inputs // 2) + np.arange(n_inputs) // 2
    stride = math.ceil(n_inputs / n_branches)
    place = (np.arange(n_branches)[:, None] * stride + np.arange(per_branch)).ravel()
    return along[np.minimum(place, n_inputs - 1)], place < n_inputs


@dataclass(frozen=True, eq=False)
class ELMWeights:
    """What training determines, and the routing of inputs to synapses.

    Attributes
    ----------
    w_s : ndarray
        Synapses before the rectifier, shape ``(n_branches * per_branch,)``, branch by branch.
    w_1, b_1, w_2, b_2 : ndarray
        Hidden layer, shapes ``(hidden, n_branches + n_memory)`` and ``(hidden,)``, and that of the memory, ``(n_memory,
        hidden)`` and ``(n_memory,)``.
    w_y, b_y : ndarray
        Outputs, shapes ``(2, n_memory)`` and ``(2,)``: logit of a spike, and membrane potential in units of 10 mV.
    tau_m, tau_b : ndarray
        Time constants of the memory and of the branches (ms).
    inputs, present : ndarray
        Input of each synapse, and whether there is one.
    n_inputs : int
        Number of inputs: the first half excitatory, the second inhibitory.
    strength : float
        lambda.
    version : int
        Of the model, 1 or 2, which differ in what lambda does.
    activation : str
        ``"relu"`` or ``"silu"``, of the hidden layer.
    """

    w_s: Array
    w_1: Array
    b_1: Array
    w_2: Array
    b_2: Array
    w_y: Array
    b_y: Array
    tau_m: Array
    tau_b: Array
    inputs: npt.NDArray[np.int64]
    present: npt.NDArray[np.bool_]
    n_inputs: int
    strength: float = 5.0
    version: int = 1
    activation: str = "relu"

    def __post_init__(self) -> None:
        d, b, h = len(self.tau_m), len(self.tau_b), len(self.b_1)
        shapes = {"w_1": (h, b + d), "b_1": (h,), "w_2": (d, h), "b_2": (d,), "w_y": (2, d), "b_y": (2,)}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise _wrong(f"{name} has the shape {getattr(self, name).shape} instead of {shape}")
        if not (len(self.w_s) == len(self.inputs) == len(self.present)) or not b or len(self.w_s) % b:
            raise _wrong(f"{len(self.w_s)} synapses, {len(self.inputs)} inputs of synapses, {b} branches")
        if len(self.inputs) and not 0 <= self.inputs.min() <= self.inputs.max() < self.n_inputs:
            raise _wrong(f"a synapse has the input {self.inputs.max()} of {self.n_inputs}")
        if self.version not in (1, 2) or self.activation not in ACTIVATIONS:
            raise _wrong(f"version {self.version}, activation {self.activation!r}")

    @property
    def size(self) -> int:
        """Number of trained parameters, as the authors count them."""
        return sum(x.size for x in (self.w_s, self.w_1, self.b_1, self.w_2, self.b_2, self.w_y, self.b_y))

    @classmethod
    def initial(
        cls, n_memory: int = 100, n_branches: int = 45, per_branch: int = 100, n_inputs: int = 1278,
        tau: float = 5.0, tau_max: float = 1000.0, version: int = 2, seed: int = 0,
    ) -> ELMWeights:  # fmt: skip
        """Return the weights before training: synapses of 0.5, time constants in equal ratios, layers uniform within
        ``1 / sqrt(inputs)``."""
        rng, hidden = np.random.default_rng(seed), 2 * n_memory

        def layer(rows: int, columns: int) -> tuple[Array, Array]:
            bound = 1.0 / math.sqrt(columns)
            return rng.uniform(-bound, bound, (rows, columns)), rng.uniform(-bound, bound, rows)

        w_1, b_1 = layer(hidden, n_branches + n_memory)
        w_2, b_2 = layer(n_memory, hidden)
        w_y, b_y = layer(2, n_memory)
        inputs, present = routing(n_inputs, n_branches, per_branch)
        return cls(
            np.full(n_branches * per_branch, 0.5), w_1, b_1, w_2, b_2, w_y, b_y,
            np.geomspace(1.0, tau_max, n_memory), np.full(n_branches, tau), inputs, present, n_inputs, version=version,
        )  # fmt: skip

    @classmethod
    def from_files(cls, state: str | Path, configuration: str | Path) -> ELMWeights:
        """Return the weights of a trained neuron of the authors' repository.

        Parameters
        ----------
        state : path
            Its ``neuronio_best_model_state.pt``, read without PyTorch and without executing anything in it.
        configuration : path
            Its ``model_config.json``.

        Raises
        ------
        NetworkError
            If they are no such files, or of a neuron with another number of layers or outputs.
        """
        from .torch_state import read_state  # its imports are for nobody else

        told, tensors = _configuration(Path(configuration)), read_state(state)
        try:
            version = 1 if "tau_s" in tensors else 2
            branches = int(told["num_branch"])
            slow = np.asarray(tensors["tau_s" if version == 1 else "tau_b"], float).reshape(branches, -1)
            low, high = float(told["memory_tau_min"]), float(told["memory_tau_max"])
            layers = {
                k: np.asarray(v, float) for k, v in tensors.items() if k.startswith(("mlp.", "w_y", "_proto"))
            }
            if np.ptp(slow, axis=1).any() or any(k.startswith("mlp.network.4") for k in layers):
                raise _wrong(
                    "synapses of a branch differ in their time constant, or there are several hidden layers"
                )
            return cls(
                layers["_proto_w_s"],
                layers["mlp.network.0.weight"], layers["mlp.network.0.bias"],
                layers["mlp.network.2.weight"], layers["mlp.network.2.bias"],
                layers["w_y.weight"], layers["w_y.bias"],
                low + (max(high, low + 3e-6) - low) / (1.0 + np.exp(-layers["_proto_tau_m"])),
                slow[:, 0],
                np.asarray(tensors["input_to_synapse_indices"], np.int64),
                np.asarray(tensors["valid_indices_mask"], bool),
                int(told["num_input"]),
                float(told.get("lambda_value", 5.0)),
                version,
                str(told.get("mlp_activation", "relu")),
            )  # fmt: skip
        except (KeyError, ValueError, TypeError) as error:
            raise _wrong(f"{Path(state).name} or {Path(configuration).name}: {error}") from error


def _configuration(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_CONFIGURATION:
        raise _wrong(f"{path.name} has {path.stat().st_size} bytes")
    try:
        told = json.loads(path.read_text())
    except ValueError as error:
        raise _wrong(f"{path.name} is no JSON") from error
    if not isinstance(told, dict):
        raise _wrong(f"{path.name} holds no settings")
    return told


def _wrong(problem: str) -> NetworkError:
    return NetworkError(
        problem, where="ELMWeights", limit="one hidden layer, two outputs, one time constant per branch"
    )
