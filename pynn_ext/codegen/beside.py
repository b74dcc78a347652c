"""Columns that are changed together for one postsynaptic cell, as the weight and its eligibility at a spike, lie beside
each other in memory.

The synapses of a postsynaptic cell are each in another row, and what has to come from memory for one is a line for each
of its columns: beside each other they are one line. In the order of the rows, as presynaptic spikes go through them,
they are read one after the other either way."""

from __future__ import annotations

import re

import numpy as np

from ..network import Connections, SynapseModel

ASSIGNED = re.compile(r"^\s*(\w+)\s*=(?!=)", re.MULTILINE)


def changed_together(model: SynapseModel, arrays: frozenset[str]) -> tuple[str, ...]:
    """Return the columns, if there are several, that statements at postsynaptic spikes, or at the end of a signal of
    the postsynaptic cell, assign to, the weight first.

    Parameters
    ----------
    model : SynapseModel
    arrays : frozenset of str
        Columns that have one value per synapse.
    """
    by_cell = model.on_post
    if model.scale and model.scale.signal in model.post_state:
        by_cell += f"\n{model.on_rescale}"
    assigned = ASSIGNED.findall(by_cell)
    names = [n for n in ("weight", *model.state) if n in arrays and n in assigned and n not in model.times]
    return tuple(names) if len(names) > 1 else ()


def lay_beside(c: Connections, names: tuple[str, ...]) -> None:
    """Put columns of connections beside each other in one array, of which they become views, unless they are."""
    if not names or _are_beside(c, names):
        return
    array = np.empty((len(c), len(names)), c.dtype_of(names[0]))
    for k, name in enumerate(names):
        array[:, k] = c.columns[name]
        c.columns[name] = array[:, k]


def _are_beside(c: Connections, names: tuple[str, ...]) -> bool:
    array = c.columns[names[0]].base
    if array is None or array.shape != (len(c), len(names)):
        return False
    return all(
        c.columns[name].base is array and c.columns[name].ctypes.data == array[:, k].ctypes.data
        for k, name in enumerate(names)
    )
