"""What an interconnect did to spikes: latency, distortion of intervals, order, loss.

A *copy* is one message of one spike: source neuron s, destination d, generated at g, injected into the
network at i, arrived at a. A *flow* is a pair (s, d).

- latency ``a - g``, waiting at the source and serialisation of multicast included; network latency ``a - i``;
- interval distortion of a flow, copies in order of generation: ``D_k = (a_k - a_{k-1}) - (g_k - g_{k-1})``,
  and relative ``|mean interval at d / mean interval at s - 1|`` with arrivals sorted;
- disorder of a flow: arrivals older than the youngest that has arrived before; of a destination: the same over
  all flows into it; normalised inversions: pairs that arrive in the other order, over all pairs;
- loss: copies that never arrive, over all; late: arrived after the time step they belong to.

These are the definitions that PyCARL (Balaji et al. 2020, IJCNN) and its companion tools describe, made
unambiguous: there "disorder" names both of the counts above."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
NEVER = np.nan


@dataclass(frozen=True, eq=False)
class Copies:
    """Copies of spikes, one entry each, in any order.

    Parameters
    ----------
    source, destination : ndarray
        int64, shape ``(n,)``: neuron that fired, core or neuron that receives.
    generated, injected, arrived : ndarray
        float64, shape ``(n,)``, in one unit of time; `arrived` is NaN for a copy that was lost.
    hops : ndarray
        int64, shape ``(n,)``.
    deadline : ndarray, optional
        float64, shape ``(n,)``: end of the time step in which each has to arrive.
    """

    source: Indices
    destination: Indices
    generated: Times
    arrived: Times
    injected: Times = field(default_factory=lambda: np.empty(0))
    hops: Indices = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    deadline: Times | None = None

    def __len__(self) -> int:
        return len(self.source)

    def received(self) -> Copies:
        """Return the copies that arrived."""
        keep = ~np.isnan(self.arrived)
        return self._chosen(keep)

    def _chosen(self, keep: npt.NDArray[np.bool_]) -> Copies:
        def part(values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
            return values[keep] if len(values) == len(self) else values

        return Copies(
            self.source[keep], self.destination[keep], self.generated[keep], self.arrived[keep],
            part(self.injected), part(self.hops),  # type: ignore[arg-type]
            None if self.deadline is None else self.deadline[keep],
        )  # fmt: skip

    def flows(self) -> Indices:
        """Return a number for the flow of each copy, shape ``(n,)``."""
        pairs = np.stack([self.source, self.destination])
        return np.unique(pairs, axis=1, return_inverse=True)[1].reshape(-1)


@dataclass(frozen=True)
class Distribution:
    """Mean, median, 95th and 99th percentile and largest of some values; NaN if there are none."""

    n: int
    mean: float
    median: float
    p95: float
    p99: float
    largest: float

    @classmethod
    def of(cls, values: Times) -> Distribution:
        """Summarise `values`."""
        if not len(values):
            return cls(0, *[float("nan")] * 5)
        median, p95, p99 = np.percentile(values, [50, 95, 99])
        return cls(
            len(values), float(values.mean()), float(median), float(p95), float(p99), float(values.max())
        )


def latency(copies: Copies) -> Distribution:
    """Return the latencies of the copies that arrived."""
    received = copies.received()
    return Distribution.of(received.arrived - received.generated)


def network_latency(copies: Copies) -> Distribution:
    """Return the time from injection to arrival of the copies that arrived."""
    received = copies.received()
    return Distribution.of(received.arrived - received.injected)


def latency_by_hops(copies: Copies) -> dict[int, Distribution]:
    """Return the latencies for each number of hops."""
    received = copies.received()
    lat = received.arrived - received.generated
    return {int(h): Distribution.of(lat[received.hops == h]) for h in np.unique(received.hops)}


@dataclass(frozen=True, eq=False)
class IntervalDistortion:
    """Distortion of the intervals of one flow, or of several taken together.

    Attributes
    ----------
    signed : ndarray
        ``D_k`` of each pair of consecutive copies.
    mean_absolute, rms, largest : float
        Of ``D_k``; NaN where no flow has two copies.
    relative : float
        ``|mean interval at the destination / mean interval at the source - 1|``, averaged over flows.
    """

    signed: Times
    mean_absolute: float
    rms: float
    largest: float
    relative: float


def interval_distortion(copies: Copies) -> IntervalDistortion:
    """Return the distortion of intervals, flow by flow."""
    received = copies.received()
    flow = received.flows()
    order = np.lexsort((received.generated, flow))
    flow, g, a = flow[order], received.generated[order], received.arrived[order]
    same = flow[1:] == flow[:-1]
    signed = (np.diff(a) - np.diff(g))[same]
    relative = []
    for first, last in _runs(flow):
        if last - first > 1 and g[last - 1] > g[first]:
            arrivals = a[first:last]
            relative.append(abs((arrivals.max() - arrivals.min()) / (g[last - 1] - g[first]) - 1.0))
    if not len(signed):
        return IntervalDistortion(signed, *[float("nan")] * 4)
    size = np.abs(signed)
    return IntervalDistortion(
        signed, float(size.mean()), float(np.sqrt((signed**2).mean())), float(size.max()),
        float(np.mean(relative)) if relative else float("nan"),
    )  # fmt: skip


def _runs(values: Indices) -> list[tuple[int, int]]:
    """Return ``(first, last + 1)`` of each run of equal values."""
    edges = np.flatnonzero(np.diff(values)) + 1
    bounds = np.concatenate([[0], edges, [len(values)]]).astype(int)
    return [(int(a), int(b)) for a, b in zip(bounds[:-1], bounds[1:], strict=True) if b > a]


def _older_than_before(group: Indices, generated: Times, arrived: Times) -> int:
    order = np.lexsort((generated, arrived, group))
    total = 0
    for first, last in _runs(group[order]):
        g = generated[order][first:last]
        total += int(np.count_nonzero(g[1:] < np.maximum.accumulate(g)[:-1]))
    return total


def flow_disorder(copies: Copies) -> int:
    """Return how many arrivals are older than one of their flow that has arrived before."""
    received = copies.received()
    return _older_than_before(received.flows(), received.generated, received.arrived)


def destination_disorder(copies: Copies) -> int:
    """Return how many arrivals are older than one at the same destination that has arrived before."""
    received = copies.received()
    return _older_than_before(received.destination, received.generated, received.arrived)


def inversions(copies: Copies) -> tuple[int, float]:
    """Return how many pairs at the same destination arrive in the other order, and their part of all pairs
    there."""
    received = copies.received()
    order = np.lexsort((received.generated, received.arrived, received.destination))
    count, pairs = 0, 0
    for first, last in _runs(received.destination[order]):
        g = received.generated[order][first:last]
        pairs += len(g) * (len(g) - 1) // 2
        count += _inversions(g)
    return count, count / pairs if pairs else 0.0


def _inversions(values: Times) -> int:
    """Count pairs out of order by merging halves."""
    if len(values) < 2:
        return 0
    middle = len(values) // 2
    left, right = values[:middle], values[middle:]
    across = len(left) * len(right) - int(np.searchsorted(np.sort(left), right, side="right").sum())
    return _inversions(left) + _inversions(right) + across


def loss(copies: Copies) -> float:
    """Return the part of all copies that never arrived."""
    return float(np.isnan(copies.arrived).mean()) if len(copies) else 0.0


def lateness(copies: Copies) -> float:
    """Return the part of the copies that arrived after their time step; 0 without deadlines."""
    received = copies.received()
    if received.deadline is None or not len(received):
        return 0.0
    return float((received.arrived > received.deadline).mean())
