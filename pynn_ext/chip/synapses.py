"""Synaptic memory by source, and accumulators that hold what is due in each step to come.

A spike walks the row of its source; each synapse adds its weight to the accumulator of its target in the step ``t +
delay``. Accumulators are a ring of steps, ``ring[step % slots]``, and so hold delays below the number of slots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .jit import kernel

Integers = npt.NDArray[np.int64]


@kernel
def deliver(
    rows: Any, step: int, offsets: Any, target: Any, weight: Any, delay: Any, ring: Any, inputs: Any
) -> int:
    """Add the weights of spikes to the accumulators of the steps in which they are due; return how many
    synapses that were."""
    slots, events = ring.shape[0], 0
    for row in rows:
        for s in range(offsets[row], offsets[row + 1]):
            ring[(step + delay[s]) % slots, target[s]] += weight[s]
            inputs[target[s]] = 1
        events += offsets[row + 1] - offsets[row]
    return events


@dataclass(eq=False)
class Synapses:
    """Synapses by source, in rows.

    Attributes
    ----------
    offsets : ndarray
        int64, shape ``(sources + 1,)``.
    target, weight, delay : ndarray
        int64, shape ``(synapses,)``: place in a slot of the ring, weight, steps.
    """

    offsets: Integers
    target: Integers
    weight: Integers
    delay: Integers

    @classmethod
    def of(cls, sources: int, source: Any, target: Any, weight: Any, delay: Any) -> Synapses:
        """Sort synapses, given one entry each, by source."""
        source = np.asarray(source, dtype=np.int64)
        order = np.argsort(source, kind="stable")
        offsets = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=sources))]).astype(np.int64)
        parts = (
            np.broadcast_to(np.asarray(x, dtype=np.int64), source.shape)[order]
            for x in (target, weight, delay)
        )
        return cls(offsets, *parts)
