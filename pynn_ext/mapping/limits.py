"""What one core of a chip can hold, and what part of it a set of cells uses.

A core keeps its cells, one input axon for each source that reaches one of them, one output axon for each
remote core that one of its cells reaches, and the lists of synapses. A list is stored in blocks of whole
words: ``words(n) = sum over blocks of ceil((n_block * synapse_bits + block_bits) / word_bits)``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

UNLIMITED = 2**62


@dataclass(frozen=True)
class SynapseMemory:
    """Size and format of a core's synaptic memory.

    Parameters
    ----------
    words : int
        Number of words of a core.
    word_bits : int
        Bits of a word.
    synapse_bits : int
        Bits of one synapse.
    block_bits : int
        Bits that each block of a list takes besides its synapses.
    block_size : int
        Synapses in a block; a longer list takes several blocks.
    """

    words: int = UNLIMITED
    word_bits: int = 1
    synapse_bits: int = 1
    block_bits: int = 0
    block_size: int = UNLIMITED

    def words_of(self, synapses: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Return the words that lists of these numbers of synapses take, int64, same shape."""
        synapses = np.asarray(synapses, dtype=np.int64)
        full, rest = np.divmod(synapses, self.block_size)
        block = -(-(min(self.block_size, 2**32) * self.synapse_bits + self.block_bits) // self.word_bits)
        tail = -(-(rest * self.synapse_bits + self.block_bits) // self.word_bits)
        return np.where(full > 0, full * block, 0) + np.where(rest > 0, tail, 0)


@dataclass(frozen=True)
class CoreLimits:
    """Limits of one core.

    Parameters
    ----------
    cells : int
        Cells of a core.
    axons_in, axons_out : int
        Sources that may reach a core; pairs of a cell and a remote core it reaches.
    fan_in, fan_out : int
        Synapses that one cell may receive; cores that one source may reach.
    profiles : int
        Different sets of shared parameters.
    memory : SynapseMemory
        The synaptic memory.
    """

    cells: int = UNLIMITED
    axons_in: int = UNLIMITED
    axons_out: int = UNLIMITED
    fan_in: int = UNLIMITED
    fan_out: int = UNLIMITED
    profiles: int = UNLIMITED
    memory: SynapseMemory = SynapseMemory()


@dataclass(frozen=True)
class CoreUse:
    """What the cores use: one int64 array of shape ``(cores,)`` for each limit."""

    cells: npt.NDArray[np.int64]
    axons_in: npt.NDArray[np.int64]
    axons_out: npt.NDArray[np.int64]
    profiles: npt.NDArray[np.int64]
    synapses: npt.NDArray[np.int64]
    words: npt.NDArray[np.int64]

    def fractions(self, limits: CoreLimits) -> dict[str, float]:
        """Return how much of each limit the fullest core uses, 1 for all of it."""
        bounds = {
            field.name: limits.memory.words if field.name == "words" else getattr(limits, field.name, None)
            for field in fields(self)
        }
        return {
            name: float(getattr(self, name).max(initial=0) / bound)
            for name, bound in bounds.items()
            if bound is not None and bound < UNLIMITED
        }
