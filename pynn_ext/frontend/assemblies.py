"""Assemblies: PyNN's, with data that say of each signal from when and how often it was sampled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import common

from ..results import write_block
from .described import Described

if TYPE_CHECKING:
    import neo


class Assembly(Described, common.Assembly):
    """As PyNN's, with receptor types in a fixed order and a local size."""

    def _short(self) -> str:
        parts = (f"    {p.label} ({p.size} {type(p.celltype).__name__})" for p in self.populations)
        return "\n".join([f'Assembly "{self.label}" of {self.size} cells', *parts])

    @property
    def receptor_types(self) -> list[str]:
        """Receptors that all populations have, in the order of the first."""
        first, *rest = (p.celltype.receptor_types for p in self.populations)
        return [name for name in first if all(name in others for others in rest)]

    @property
    def local_size(self) -> int:
        """Number of cells (there is one process)."""
        return self.size

    def get_data(
        self, variables: Any = "all", gather: bool = True, clear: bool = False, annotations: Any = None
    ) -> neo.Block:
        """As PyNN's; signals that begin at different times, or have different sampling intervals, stay
        apart."""
        blocks = [p.get_data(variables, gather, clear) for p in self.populations]
        merged = blocks[0]
        for offset, block in zip(np.cumsum([0, *(p.size for p in self.populations)]), blocks, strict=False):
            for segment, target in zip(block.segments, merged.segments, strict=True):
                for signal in segment.analogsignals:
                    signal.array_annotations["channel_index"] += offset
                    signal.segment = target
                    # neo merges signals of one name, whatever their times
                    signal.name = f"{signal.name}|{signal.t_start}|{signal.sampling_period}|{len(signal)}"
        for block in blocks[1:]:
            merged.merge(block)
        for segment in merged.segments:
            for signal in segment.analogsignals:
                signal.name = signal.name.split("|")[0]
        merged.name, merged.description = self.label, self.describe()
        merged.annotate(**(annotations or {}))
        return merged

    def write_data(
        self,
        io: Any,
        variables: Any = "all",
        gather: bool = True,
        clear: bool = False,
        annotations: Any = None,
    ) -> None:
        """Write the data to a Neo IO or to a file whose suffix names the format."""
        write_block(io, self.get_data(variables, gather, clear, annotations))
