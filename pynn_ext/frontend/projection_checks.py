"""What a projection refuses: each error names the projection and the line, the limit, and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import common

from ..errors import PynnExtError, pynn_error, suggestion


def check_receptor(pre: Any, post: Any, receptor_type: Any, label: Any) -> None:
    """Refuse targets without receptors and unknown receptors."""
    if not isinstance(post, common.BasePopulation | common.Assembly):
        return  # PyNN says so
    known = list(post.receptor_types)
    where = label or f"{getattr(pre, 'label', '')}→{post.label}"
    if not known:
        raise pynn_error(
            "ConnectionError",
            f"'{post.label}' receives no spikes",
            where=where,
            limit="its cells are spike sources, or have no receptor in common",
            remedy="connect to cells that have receptors",
        )
    if receptor_type not in (None, "default") and receptor_type not in known:
        raise pynn_error(
            "ConnectionError",
            f"'{post.label}' has no receptor '{receptor_type}'",
            where=where,
            limit=f"its cells have {', '.join(known)}",
            remedy=suggestion(str(receptor_type), known),
        )


def explained(error: Exception, weight: Any, label: str) -> Exception:
    """Return an error of PyNN's connectors with the label and the line."""
    if isinstance(error, PynnExtError):
        return error
    if isinstance(weight, np.ndarray) and np.isnan(weight).any():
        return _bad_weights(np.isnan(weight), label)
    return pynn_error("ConnectionError", str(error), where=label)


def check_weight(weight: Any, label: str) -> None:
    """Refuse weights that are not numbers."""
    bad = ~np.isfinite(np.asarray(weight, dtype=float))
    if bad.any():
        raise _bad_weights(bad, label)


def _bad_weights(bad: np.ndarray, label: str) -> Exception:
    return pynn_error(
        "InvalidWeightError",
        f"{int(bad.sum())} of {bad.size} weights are not finite",
        where=label,
        limit="a weight is a number",
        remedy="check the array or expression that the weights come from",
    )


def check_positions(ends: dict[str, tuple[np.ndarray, int]], label: str) -> None:
    """Refuse positions outside the ends; `ends` holds positions and size by name."""
    for name, (positions, size) in ends.items():
        if len(positions) and not (positions.min() >= 0 and positions.max() < size):
            raise pynn_error(
                "ConnectionError",
                f"{name}synaptic cells {positions.min()} to {positions.max()} are to be connected",
                where=label,
                limit=f"positions are 0 to {size - 1}",
                remedy="check the indices that the connector was given",
            )


def one_fraction(value: Any, label: str) -> float:
    """Return the dendritic_delay_fraction that all connections share."""
    fractions = np.ravel(value)
    if not len(fractions):
        return 1.0
    least, most = fractions.min(), fractions.max()  # `np.unique` would import NumPy's masked arrays
    if least != most or not 0 <= least <= 1:
        raise pynn_error(
            "InvalidParameterValueError",
            f"a dendritic_delay_fraction of {least:g} to {most:g}",
            where=label,
            limit="all connections of a projection share one, from 0 to 1",
            remedy="use one projection for each fraction",
        )
    return float(least)


def recordable(synapse_type: Any) -> tuple[str, ...]:
    """Return what can be read and recorded: parameters, then traces and other state of the plasticity."""
    return (*synapse_type.get_parameter_names(), *synapse_type.synapse_model.recordable)


def check_readable(name: str, synapse_type: Any, label: str, known: tuple[str, ...]) -> None:
    """Refuse what is neither a parameter nor a state that can be read."""
    if name not in synapse_type.get_parameter_names() and name not in known:
        raise pynn_error(
            "NonExistentParameterError",
            f"{type(synapse_type).__name__} has no parameter '{name}'",
            where=label,
            limit=f"what can be read and recorded: {', '.join(known)}",
            remedy=suggestion(name, known),
        )


def check_name(name: str, synapse_type: Any, label: str) -> None:
    """Refuse unknown parameters."""
    known = synapse_type.get_parameter_names()
    if name not in known and name in recordable(synapse_type):
        raise pynn_error(
            "NonExistentParameterError",
            f"'{name}' of {type(synapse_type).__name__} is no parameter",
            where=label,
            limit="the simulation computes it; it can be read and recorded",
            remedy="initialize() sets state of synapses",
        )
    if name not in known:
        raise pynn_error(
            "NonExistentParameterError",
            f"{type(synapse_type).__name__} has no parameter '{name}'",
            where=label,
            remedy=suggestion(name, known),
        )


def check_limits(values: dict[str, Any], synapse_type: Any, label: str) -> None:
    """Refuse values of parameters outside the limits of the synapse type."""
    for name, (least, largest) in synapse_type.limits.items():
        given = np.asarray(values.get(name, least), dtype=float)
        inside = (given >= least) & (given <= largest)
        if not inside.all():
            raise pynn_error(
                "InvalidParameterValueError",
                f"{int((~inside).sum())} of {given.size} values of '{name}' are like {given[~inside].flat[0]:g}",
                where=label,
                limit=f"{type(synapse_type).__name__} allows {least:g} to {largest:g}",
                remedy="check the number, array or distribution that they come from",
            )


def check_shape(name: str, value: Any, n: int, shape: tuple[int, int], label: str) -> None:
    """Refuse arrays that hold neither one value per connection nor one per pair of cells."""
    if not isinstance(value, list | np.ndarray) or np.shape(value) in ((), (n,), shape):
        return
    raise pynn_error(
        "InvalidDimensionsError",
        f"values of '{name}' have the shape {np.shape(value)}",
        where=label,
        limit=f"there are {n} connections between {shape[0]} and {shape[1]} cells",
        remedy="give one number, one value for each connection, or a matrix of all pairs",
    )
