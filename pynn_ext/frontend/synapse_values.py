"""Parameters of many synapses at once, drawn from the same random streams as PyNN draws them from.

PyNN evaluates a parameter for the sources of one postsynaptic cell, then the next parameter for the same
sources, then goes to the next cell. A random stream that only one parameter uses is therefore read in the
order of the synapses and can be read in one call, if n draws of the distribution followed by m draws equal n
+ m draws. Streams that are shared, and functions that a user wrote, are evaluated cell by cell.
"""

from __future__ import annotations

import numbers
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from lazyarray import larray
from pyNN.parameters import LazyArray
from pyNN.random import RandomDistribution
from pyNN.space import Space

from .random import NativeRNG, is_numpy
from .resolution import extent, rounded

Index = npt.NDArray[np.integer[Any]]
Values = dict[str, Any]

# Not here: normal_clipped, which redraws the values outside its bounds at the end of every call.
SPLITTABLE = frozenset(
    "binomial gamma exponential lognormal normal normal_clipped_to_boundary poisson uniform uniform_int "
    "vonmises".split()
)


class DistanceMap:
    """Distances between the cells of a projection; a function of two indices, as `LazyArray` wants it.

    Positions are looked up once, when first needed, since an Assembly or a view builds a new array at every
    access.
    """

    def __init__(self, projection: Any) -> None:
        self._projection = projection
        self._positions: dict[str, npt.NDArray[Any]] = {}
        self._map = projection.space.distance_generator(
            lambda i: self._get("pre")[i], lambda j: self._get("post")[j]
        )

    def _get(self, side: str) -> npt.NDArray[Any]:
        if side not in self._positions:
            self._positions[side] = getattr(self._projection, side).positions.T
        return self._positions[side]

    def __call__(self, i: Any, j: Any) -> npt.NDArray[Any]:
        return self._map(i, j)

    def __deepcopy__(self, memo: dict[int, Any]) -> DistanceMap:
        return self

    def of_pairs(self, pre: Index, post: Index) -> npt.NDArray[np.float64] | None:
        """Return the distance of each pair as `pyNN.space.Space` does, or None in another kind of space."""
        space = self._projection.space
        a, b = self._get("pre"), self._get("post")
        if type(space).distances is not Space.distances or a.dtype != np.float64:
            return None
        b = space.scale_factor * (b + space.offset)
        total = np.zeros(len(pre))
        for axis in space.axes:
            difference = a[pre, axis] - b[post, axis]
            if space.periodic_boundaries is not None and space.periodic_boundaries[axis] is not None:
                low, high = space.periodic_boundaries[axis]
                difference = np.abs(difference)
                difference = np.minimum(difference, (high - low) - difference)
            difference **= 2
            total += difference
        return np.sqrt(total)


def column_bounds(post: Index) -> npt.NDArray[np.int64]:
    """Return where runs of equal `post` begin, and the length as the last element."""
    return np.concatenate(([0], np.flatnonzero(np.diff(post)) + 1, [len(post)]))


def random_distributions(value: Any) -> Iterator[RandomDistribution]:
    """Yield every random distribution that evaluating the lazy array `value` draws from."""
    if isinstance(value.base_value, RandomDistribution):
        yield value.base_value
    for _, argument in value.operations:
        if isinstance(argument, larray):
            yield from random_distributions(argument)


def is_simple(value: LazyArray) -> bool:
    """Tell whether only arithmetic with numbers is pending, which is the same for one column as for many."""
    return all(
        isinstance(argument, numbers.Real) and getattr(function, "__module__", "") == "_operator"
        for function, argument in value.operations
    )


def _apply(value: LazyArray, base: Any) -> Any:
    return value._apply_operations(base)


class SynapseValues:
    """Evaluates the parameters of a projection for given pairs of cells, in their order.

    Parameters
    ----------
    parameters : mapping of str to LazyArray
        In the order in which PyNN evaluates them; each of shape ``(n_pre, n_post)``.
    """

    def __init__(self, parameters: Mapping[str, LazyArray]) -> None:
        self.rngs = Counter(id(rd.rng) for value in parameters.values() for rd in random_distributions(value))
        self._names = list(parameters)
        self._constant: Values = {}
        self._at_once: dict[str, LazyArray] = {}
        self._by_column: dict[str, LazyArray] = {}
        for name, value in parameters.items():
            if value.is_homogeneous:
                self._constant[name] = _as_float(value.evaluate(simplify=True))
            elif is_simple(value) and self._is_separable(value.base_value):
                self._at_once[name] = value
            else:
                self._by_column[name] = value

    def _is_separable(self, base: Any) -> bool:
        if isinstance(base, np.ndarray):
            return base.ndim == 2
        if not isinstance(base, RandomDistribution):
            return False
        if isinstance(base.rng, NativeRNG):
            return True
        scalars = all(np.ndim(p) == 0 for p in base.parameters.values())
        own = self.rngs[id(base.rng)] == 1
        return is_numpy(base.rng) and own and scalars and base.name in SPLITTABLE

    @property
    def is_random(self) -> bool:
        """Whether any value is drawn at random."""
        return bool(self.rngs)

    @property
    def goes_by_column(self) -> bool:
        """Whether some values have to be evaluated for one postsynaptic cell after the other."""
        return bool(self._by_column)

    def sample(self, pre: Index, post: Index) -> Values:
        """Return the parameters of the synapses ``pre[k] -> post[k]``, given column by column.

        Returns
        -------
        dict
            Name to a float (the same for all synapses) or a float64 array as long as `pre`.
        """
        values = dict(self._constant)
        for name, value in self._at_once.items():
            base = value.base_value
            numbers_ = base[pre, post] if isinstance(base, np.ndarray) else base.next(len(pre))
            found = _as_array(_apply(value, numbers_))
            native = isinstance(base, RandomDistribution) and isinstance(base.rng, NativeRNG)
            values[name] = _single(found, name, value) if native else found
        if self._by_column:
            values |= self._sample_by_column(pre, post)
        return {name: values[name] for name in self._names}

    def _sample_by_column(self, pre: Index, post: Index) -> Values:
        bounds = column_bounds(post).tolist()
        columns = post[bounds[:-1]]
        evaluators = [_evaluator(value, pre, post) for value in self._by_column.values()]
        results = [np.empty(len(pre)) for _ in evaluators]
        for column, start, stop in zip(columns, bounds[:-1], bounds[1:], strict=True):
            for evaluate, result in zip(evaluators, results, strict=True):
                result[start:stop] = evaluate(column, start, stop)
        return dict(zip(self._by_column, results, strict=True))


def _evaluator(value: LazyArray, pre: Index, post: Index) -> Callable[[Any, int, int], Any]:
    """Return a function of (column, start, stop) that gives `value` for ``pre[start:stop]`` in one column."""
    base = value.base_value
    if isinstance(base, RandomDistribution) and is_simple(value):
        return lambda column, start, stop: _apply(value, base.next(stop - start))
    distances = base.of_pairs(pre, post) if isinstance(base, DistanceMap) else None
    if distances is not None and all(not isinstance(argument, larray) for _, argument in value.operations):
        # lazyarray hands a number, not an array of one, to the function: keep that
        return lambda column, start, stop: _apply(
            value, distances[start:stop] if stop - start > 1 else distances[start]
        )
    return lambda column, start, stop: value[pre[start:stop], column]


def _single(drawn: npt.NDArray[np.float64], name: str, value: LazyArray) -> npt.NDArray[np.float64]:
    """Return what a `NativeRNG` has drawn as numbers of single precision, weights with fewer digits (`resolution`)."""
    between = extent(value.base_value) if name == "weight" else None
    if between is not None:
        drawn = rounded(drawn, *_apply(value, np.array(between)))
    return _as_array(drawn.astype(np.float32))


def _as_float(value: Any) -> Any:
    return float(value) if isinstance(value, numbers.Real | np.bool_) else value


def _as_array(values: Any) -> npt.NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def check_values(projection: Any, values: Values, post: Index) -> None:
    """Run the checks of the synapse type on `values`; raises what PyNN raises.

    PyNN checks one postsynaptic cell at a time. All cells are checked at once, and one at a time only if that
    fails, since a check may accept each of the cells but not their union (signs of weights), and for PyNN's
    message.
    """
    from pyNN.errors import ConnectionError as PyNNConnectionError

    synapse_type = projection.synapse_type
    for name, check in getattr(synapse_type, "parameter_checks", {}).items():
        native_name = synapse_type.translations[name]["translated_name"]
        if native_name not in values:
            continue
        value = values[native_name]
        try:
            with warnings.catch_warnings():
                # whatever is neither excitatory nor inhibitory, such as dopamine, takes either sign
                warnings.filterwarnings("ignore", "Can't check weight")
                check(value, projection)
        except PyNNConnectionError:
            if not isinstance(value, np.ndarray):
                raise
            order = np.argsort(post, kind="stable")
            bounds = column_bounds(post[order])
            for start, stop in zip(bounds[:-1], bounds[1:], strict=True):
                check(value[order[start:stop]], projection)
