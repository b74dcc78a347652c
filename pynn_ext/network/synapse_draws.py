"""Random draws of synapses: hashes of seed, projection, synapse, step and number, as in the core's `random.h`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .draws import MASK, mix


def projection_key(seed: int, stream: int) -> npt.NDArray[np.uint64]:
    """Return the key of all draws of one projection, shape ``(1,)``."""
    start = np.array([(seed + 0x9E3779B97F4A7C15 * (stream + 1)) & MASK], dtype=np.uint64)
    return mix(mix(start) + np.uint64(0x8CB92BA72F3D8DD7))


def spike_keys(
    projection: npt.NDArray[np.uint64], step: int, repeat: npt.NDArray[Any]
) -> npt.NDArray[np.uint64]:
    """Return the keys of its draws at spikes of one step; ``~step`` for postsynaptic ones."""
    shift = np.array([step * 0xD1342543DE82EF95 & MASK], dtype=np.uint64)
    return mix(projection + shift + repeat.astype(np.uint64) * np.uint64(0xAEF17502108EF2D9))


def uniform(
    key: npt.NDArray[np.uint64], synapse: npt.NDArray[Any], number: int, trial: int = 0
) -> npt.NDArray[np.float64]:
    """Return the draws in [0, 1) that the core makes: a hash of key, synapse, number and trial."""
    of_synapse = mix(key + synapse.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    shift = (number * 0xD1342543DE82EF95 + trial * 0x9E3779B97F4A7C15) & MASK
    bits = mix(of_synapse + np.uint64(shift)) >> np.uint64(11)
    return bits.astype(np.float64) * 2.0**-53


def binomial(
    key: npt.NDArray[np.uint64], synapse: npt.NDArray[Any], number: int, trials: Any, p: Any
) -> npt.NDArray[np.float64]:
    """Return how many of the trials of each synapse succeed."""
    successes = np.zeros(synapse.shape)
    for trial in range(int(np.ceil(np.max(trials, initial=0)))):
        successes += (trial < np.asarray(trials)) & (uniform(key, synapse, number, trial) < p)
    return successes
