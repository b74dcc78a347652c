"""Which core of the chip each cluster of cells gets: the one that makes messages travel least.

The cost is ``sum over pairs of clusters of messages(a, b) * distance(core a, core b)``. ``sequential`` keeps
the order, ``random`` draws one, to compare with. ``greedy`` puts the cluster with most messages to what is already
placed where they travel least. ``refine`` begins with the better of sequential and greedy and swaps places as long as
that helps. ``swarm`` is particle swarm optimisation, as SpiNeMap's placement (Balaji et al. 2020, IEEE TVLSI 28:76,
section V): a particle is a vector of one number per place, whose order is the permutation. All are deterministic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import MappingError, NetworkError, suggestion

Matrix = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

PARTICLES, ITERATIONS = 40, 200
INERTIA, COGNITIVE, SOCIAL = 0.729, 1.494, 1.494  # Clerc and Kennedy (2002, IEEE TEVC 6:58)


def place(traffic: Matrix, distance: Matrix, method: str = "refine", seed: int = 1) -> Places:
    """Give each cluster a core.

    Parameters
    ----------
    traffic : ndarray
        float64, shape ``(clusters, clusters)``: messages from one to another.
    distance : ndarray
        float64, shape ``(cores, cores)``: hops, time or energy of a message.
    method : str
        ``"sequential"``, ``"random"``, ``"greedy"``, ``"refine"`` or ``"swarm"``.
    seed : int
        Seed of the random order and of the swarm.

    Returns
    -------
    ndarray
        int64, shape ``(clusters,)``: a different core for each.

    Raises
    ------
    MappingError
        If there are more clusters than cores.
    """
    clusters, cores = len(traffic), len(distance)
    if clusters > cores:
        raise MappingError(
            f"{clusters} clusters of cells",
            limit=f"there are {cores} cores",
            remedy="use more chips or fewer cells",
        )
    if method not in METHODS:
        raise NetworkError(
            f"there is no placement method '{method}'", where="setup", remedy=suggestion(method, METHODS)
        )
    traffic, distance = np.array(traffic, dtype=float), np.array(distance, dtype=float)
    np.fill_diagonal(traffic, 0.0)  # what stays on a core does not travel
    np.fill_diagonal(distance, 0.0)
    return METHODS[method](traffic, distance, seed)


def cost(traffic: Matrix, distance: Matrix, places: Places) -> float:
    """Return the messages times the distance they travel."""
    return float((traffic * distance[np.ix_(places, places)]).sum())


def _sequential(traffic: Matrix, distance: Matrix, seed: int) -> Places:
    return np.arange(len(traffic))


def _random(traffic: Matrix, distance: Matrix, seed: int) -> Places:
    return np.random.default_rng(seed).permutation(len(distance))[: len(traffic)]


def _greedy(traffic: Matrix, distance: Matrix, seed: int) -> Places:
    both = traffic + traffic.T
    n = len(traffic)
    places = np.full(n, -1, dtype=np.int64)
    free = np.ones(len(distance), dtype=bool)
    round_trip = distance + distance.T
    central = int(round_trip.sum(axis=1).argmin())
    for _ in range(n):
        placed = places >= 0
        pull = np.where(placed, -1.0, both[:, placed].sum(axis=1) + 1e-9 * both.sum(axis=1))
        cluster = int(pull.argmax())
        if placed.any():
            away = round_trip[:, places[placed]] @ both[cluster, placed] + 1e-9 * round_trip[central]
        else:
            away = round_trip.sum(axis=1)
        core = int(np.where(free, away, np.inf).argmin())
        places[cluster], free[core] = core, False
    return places


def _refine(traffic: Matrix, distance: Matrix, seed: int) -> Places:
    starts = [_sequential(traffic, distance, seed), _greedy(traffic, distance, seed)]
    return _swapped(traffic, distance, min(starts, key=lambda places: cost(traffic, distance, places)))


def _swapped(traffic: Matrix, distance: Matrix, places: Places) -> Places:
    """Swap the places of two clusters, or take a free one, as long as that saves anything."""
    n, cores = len(traffic), len(distance)
    at = np.concatenate([places, np.setdiff1d(np.arange(cores), places)])  # the rest hold empty clusters
    flow = np.zeros((cores, cores))
    flow[:n, :n] = traffic
    while True:
        best = 0.0
        for a in range(n):
            saved = _savings(flow, distance, at, a)
            b = int(saved.argmax())
            if saved[b] > 1e-9:
                at[a], at[b] = at[b], at[a]
                best = max(best, saved[b])
        if best <= 1e-9:
            return at[:n].copy()


def _savings(flow: Matrix, distance: Matrix, at: Places, a: int) -> Matrix:
    """Return what exchanging cluster `a` with each other one would save, shape ``(cores,)``.

    The change of a quadratic assignment whose matrices have zero diagonals (Taillard 1991, Parallel Computing
    17:443, equation 2)."""
    d = distance[np.ix_(at, at)]
    out, into = (flow * d).sum(axis=1), (flow * d).sum(axis=0)
    then = d @ flow[a] + flow[:, a] @ d + flow @ d[a] + d[:, a] @ flow
    pair = (flow[a] + flow[:, a]) * (d[a] + d[:, a])  # the messages between the two stay between them
    return out + into + out[a] + into[a] - then - pair


def _swarm(traffic: Matrix, distance: Matrix, seed: int) -> Places:
    n, cores = len(traffic), len(distance)
    rng = np.random.default_rng(seed)
    position = rng.random((PARTICLES, cores))
    velocity = np.zeros_like(position)

    def decoded(key: Any) -> Places:
        return np.argsort(key, kind="stable")[:n]

    position[0] = np.arange(cores) / cores
    best = position.copy()
    best_cost = np.array([cost(traffic, distance, decoded(key)) for key in best])
    for _ in range(ITERATIONS):
        leader = best[best_cost.argmin()]
        towards_own, towards_leader = rng.random((2, PARTICLES, cores))
        velocity = (
            INERTIA * velocity
            + COGNITIVE * towards_own * (best - position)
            + SOCIAL * towards_leader * (leader - position)
        )
        position = position + velocity
        costs = np.array([cost(traffic, distance, decoded(key)) for key in position])
        better = costs < best_cost
        best[better], best_cost[better] = position[better], costs[better]
    return decoded(best[best_cost.argmin()])


METHODS: dict[str, Callable[[Matrix, Matrix, int], Places]] = {
    "sequential": _sequential,
    "random": _random,
    "greedy": _greedy,
    "refine": _refine,
    "swarm": _swarm,
}
