"""Renewal processes: spike sources that remember their last spike.

The hazard of a source depends on its age, the time since its last spike. It fires when its cumulative hazard
has used up a unit-exponential draw, so the time of the next spike is known in closed form and is computed
anew only when the source fires or its parameters change: at an edge of its histogram, or between two runs.
The first age is counted from the start of the source (an ordinary renewal process).

The spikes of a stretch of steps depend on nothing outside the source, so every engine takes them from
`RenewalSource.advance`, step by step or many steps at once: they are the same. A spike in (t, t + dt] is emitted
at t + dt, as a Poisson source's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError
from .draws import exponential
from .sources import SourceGroup

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def _column() -> Any:
    return field(default_factory=lambda: np.empty(0))


@dataclass(eq=False)
class RenewalSource(SourceGroup):
    """Base of renewal processes: ``_pieces``, ``_used`` and ``_reach`` make one.

    Attributes
    ----------
    start, duration : ndarray
        float64, shape ``(size,)`` (ms).
    """

    start: FloatArray = _column()
    duration: FloatArray = _column()

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin the random streams anew."""
        self._clock = 0
        self._seen = -1
        self._begun = np.zeros(self.size, dtype=bool)
        self._draws = np.zeros(self.size, dtype=np.uint64)
        self._birth, self._base = np.zeros(self.size), np.zeros(self.size)  # ms; hazard counts from `base`
        self._hazard = np.zeros(self.size)
        self._piece = np.full(self.size, -1, dtype=np.int64)
        self._due, self._next = np.full(self.size, np.inf), np.full(self.size, np.inf)

    # --- what makes a process ------------------------------------------------------------------------------

    def _pieces(self) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """Return where pieces of constant parameters begin (ms, shape ``(size, n)``), and the parameters of
        the hazard, of that shape."""
        raise NotImplementedError

    def _used(self, values: tuple[FloatArray, ...], young: FloatArray, old: FloatArray) -> FloatArray:
        """Return the hazard between two ages (ms)."""
        raise NotImplementedError

    def _reach(self, values: tuple[FloatArray, ...], age: FloatArray, hazard: FloatArray) -> FloatArray:
        """Return the age (ms) at which `hazard` has been used up since `age`."""
        raise NotImplementedError

    # --- time ----------------------------------------------------------------------------------------------

    def advance(
        self, first: int, last: int, timestep: float, seed: int
    ) -> tuple[IntArray, npt.NDArray[np.int32]]:
        """Return the spikes of steps ``first + 1`` to `last`: step and source of each, sorted."""
        if self._seen != self.revision:
            self._clock = first
            self._take_parameters(first * timestep, seed)
            self._seen = self.revision
        end = last * timestep
        times, index = [], []
        while (active := np.nonzero(np.minimum(self._due, self._next) <= end)[0]).size:
            fires = self._due[active] <= self._next[active]
            fired, changed = active[fires], active[~fires]
            times.append(self._due[fired])
            index.append(fired)
            self._renew(fired, self._due[fired], seed)
            self._pass_edge(changed, seed)
        self._clock = last
        if not times:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        steps = np.ceil(np.concatenate(times) / timestep - 1e-9).astype(np.int64)
        steps, sources = np.clip(steps, first + 1, last), np.concatenate(index).astype(np.int32)
        order = np.lexsort((sources, steps))
        return steps[order], sources[order]

    def _take_parameters(self, now: float, seed: int) -> None:
        """Parameters are new from `now` on; what has been used of the present draws stays used."""
        going = np.nonzero(self._begun & (self._piece >= 0) & np.isfinite(self._due))[0]
        if self._seen >= 0:
            self._spend(going, np.full(len(going), now))
        edges, self._values = self._pieces()
        stop = self.start + self.duration
        edges = np.clip(edges, self.start[:, None], stop[:, None])
        self._edges = np.column_stack([edges, stop, np.full(self.size, np.inf)])
        self._piece = (self._edges <= now).sum(axis=1) - 1
        everybody = np.arange(self.size)
        fresh = everybody[(self._piece >= 0) & ~self._begun]
        self._renew(fresh, np.full(len(fresh), now), seed, plan=False)
        idle = everybody[self._begun & ~np.isin(everybody, going)]
        self._base[idle] = np.maximum(self._base[idle], now)
        self._plan(everybody)

    def _spend(self, index: IntArray, until: FloatArray) -> None:
        values = self._at(index)
        young, old = self._base[index] - self._birth[index], until - self._birth[index]
        self._hazard[index] = np.maximum(self._hazard[index] - self._used(values, young, old), 1e-300)
        self._base[index] = until

    def _pass_edge(self, index: IntArray, seed: int) -> None:
        at = self._next[index]
        begins = self._piece[index] < 0
        self._spend(index[~begins], at[~begins])
        self._piece[index] += 1
        self._renew(index[begins], at[begins], seed, plan=False)
        self._plan(index)

    def _renew(self, index: IntArray, times: FloatArray, seed: int, plan: bool = True) -> None:
        self._begun[index] = True
        self._birth[index] = self._base[index] = times
        self._hazard[index] = exponential(seed, self.stream, index, self._draws[index])
        self._draws[index] += np.uint64(1)
        if plan:
            self._plan(index)

    def _at(self, index: IntArray) -> tuple[FloatArray, ...]:
        return tuple(value[index, self._piece[index]] for value in self._values)

    def _plan(self, index: IntArray) -> None:
        """Find the next spike and the next edge of the sources in `index`."""
        self._next[index] = self._edges[index, self._piece[index] + 1]
        self._due[index] = np.inf
        active = index[(self._piece[index] >= 0) & (self._piece[index] < self._edges.shape[1] - 2)]
        age = self._base[active] - self._birth[active]
        with np.errstate(divide="ignore"):
            self._due[active] = self._birth[active] + self._reach(self._at(active), age, self._hazard[active])


@dataclass(eq=False)
class DeadTimeSource(RenewalSource):
    """Poisson processes with dead time: after a spike the hazard is zero for `tau_refrac`, then constant.

    Attributes
    ----------
    rate : ndarray
        float64, shape ``(size,)``: mean rate (spikes/s), dead time included.
    tau_refrac : ndarray
        float64, shape ``(size,)`` (ms).
    """

    rate: FloatArray = _column()
    tau_refrac: FloatArray = _column()

    def _pieces(self) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        with np.errstate(divide="ignore"):
            free = 1e3 / self.rate - self.tau_refrac
        if np.any(free <= 0):
            i = int(np.argmax(free <= 0))
            raise NetworkError(
                f"rate={self.rate[i]:g} spikes/s with tau_refrac={self.tau_refrac[i]:g} ms",
                where=f"{self.label}[{i}]",
                limit="the mean interval, 1000/rate, is longer than the dead time",
                remedy="reduce rate or tau_refrac",
            )
        begin = np.full((self.size, 1), -np.inf)
        return begin, (1.0 / free[:, None], np.array(self.tau_refrac)[:, None])

    def _used(self, values: tuple[FloatArray, ...], young: FloatArray, old: FloatArray) -> FloatArray:
        rate, dead = values
        return rate * (np.maximum(old, dead) - np.maximum(young, dead))

    def _reach(self, values: tuple[FloatArray, ...], age: FloatArray, hazard: FloatArray) -> FloatArray:
        rate, dead = values
        return np.maximum(age, dead) + hazard / rate


class _Gamma(RenewalSource):
    """The hazard of gamma-distributed intervals; `values` are the shape and the scale (ms)."""

    def _used(self, values: tuple[FloatArray, ...], young: FloatArray, old: FloatArray) -> FloatArray:
        shape, scale = values
        return _cumulative_hazard(shape, old / scale) - _cumulative_hazard(shape, young / scale)

    def _reach(self, values: tuple[FloatArray, ...], age: FloatArray, hazard: FloatArray) -> FloatArray:
        shape, scale = values
        return scale * _gamma_age(shape, _cumulative_hazard(shape, age / scale) + hazard)


@dataclass(eq=False)
class GammaSource(_Gamma):
    """Gamma processes.

    Attributes
    ----------
    alpha, beta : ndarray
        float64, shape ``(size,)``: shape, and rate (1/s), of the intervals; their mean is alpha/beta.
    """

    alpha: FloatArray = _column()
    beta: FloatArray = _column()

    def _pieces(self) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        begin = np.full((self.size, 1), -np.inf)
        return begin, (np.array(self.alpha, dtype=float)[:, None], 1e3 / self.beta[:, None])


@dataclass(eq=False)
class InhomogeneousGammaSource(_Gamma):
    """Gamma processes whose shape and scale are step functions of time.

    The hazard at an age x is that of gamma intervals with the parameters of the present bin.

    Attributes
    ----------
    a, b, tbins : ndarray of object
        Shape ``(size,)``, one float64 array per source: shape, scale (s), and the time (ms) from which they
        hold. A source is silent before its first bin; its last bin has no end.
    """

    a: npt.NDArray[Any] = _column()
    b: npt.NDArray[Any] = _column()
    tbins: npt.NDArray[Any] = _column()

    def _pieces(self) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        n = max(len(bins) for bins in self.tbins)
        edges = np.full((self.size, n), np.inf)
        shape, scale = np.ones((self.size, n)), np.ones((self.size, n))
        for i, (a, b, bins) in enumerate(zip(self.a, self.b, self.tbins, strict=True)):
            self._check(i, np.asarray(a), np.asarray(b), np.asarray(bins))
            edges[i, : len(bins)], shape[i, : len(bins)], scale[i, : len(bins)] = bins, a, 1e3 * np.asarray(b)
        return edges, (shape, scale)

    def _check(self, i: int, a: FloatArray, b: FloatArray, bins: FloatArray) -> None:
        problem = None
        if not len(a) == len(b) == len(bins) or not len(bins):
            problem, limit = f"{len(bins)} tbins, {len(a)} a, {len(b)} b", "as many of each, one or more"
        elif not np.all(np.isfinite([a, b, bins])) or a.min() <= 0 or b.min() <= 0:
            problem, limit = f"a={a}, b={b}", "shape and scale are positive numbers"
        elif np.any(np.diff(bins) <= 0):
            problem, limit = f"tbins={bins}", "they increase"
        if problem:
            raise NetworkError(
                problem, where=f"{self.label}[{i}]", limit=limit, remedy="correct the values of a, b or tbins"
            )


def _cumulative_hazard(shape: FloatArray, age: FloatArray) -> FloatArray:
    """Return -log of the survival function of a gamma variable of scale 1."""
    from scipy import special

    low = special.gammainc(shape, age)
    high = special.gammaincc(shape, age)
    with np.errstate(divide="ignore"):
        hazard = np.where(low < 0.5, -np.log1p(-low), -np.log(high))
    tail = np.nonzero(~(high > 1e-280))[0]
    hazard[tail] = _tail_hazard(shape[tail], age[tail])
    return hazard


def _tail_hazard(shape: FloatArray, age: FloatArray) -> FloatArray:
    """As `_cumulative_hazard`, where the survival function is too small for a float: by the continued fraction
    of Gamma(a, x) (Abramowitz and Stegun 1964, 6.5.31)."""
    from scipy import special

    return age - shape * np.log(age) + special.gammaln(shape) - np.log(_fraction(shape, age))


def _fraction(shape: FloatArray, age: FloatArray) -> FloatArray:
    """Return Gamma(a, x) x^-a e^x for x well above a."""
    value = np.zeros_like(age)
    for k in range(200, 0, -1):
        value = k * (k - shape) / (age + 2 * k + 1 - shape - value)
    return 1.0 / (age + 1 - shape - value)


def _gamma_age(shape: FloatArray, hazard: FloatArray) -> FloatArray:
    """Return the age at which the cumulative hazard is `hazard`."""
    from scipy import special

    age = np.where(
        hazard < 0.69,
        special.gammaincinv(shape, -np.expm1(-hazard)),
        special.gammainccinv(shape, np.exp(-np.minimum(hazard, 640.0))),
    )
    tail = np.nonzero(hazard > 640.0)[0]
    for _ in range(40 if tail.size else 0):  # Newton; the hazard is nearly constant there
        a, x = shape[tail], age[tail]
        age[tail] = x + (hazard[tail] - _tail_hazard(a, x)) * x * _fraction(a, x)
    return age
