"""Where points run: a local pool of processes, a Dask cluster, MPI, or any executor of the caller."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from ..errors import UsageError
from .grid import Point
from .running import run_point

TRIES = 3
ANSWER = 20.0  # seconds that a scheduler may take to answer


@contextmanager
def executor_of(scheduler: str | None, workers: int | None) -> Iterator[Executor]:
    """Give the executor that a scheduler stands for.

    Parameters
    ----------
    scheduler : str or None
        None for local processes, ``"mpi"`` for `mpi4py.futures`, else the address of a Dask scheduler.
    workers : int or None
        Number of local processes, by default one for each core.

    Raises
    ------
    UsageError
        If a package is missing or the scheduler does not answer.
    """
    if scheduler is None:
        # "spawn" because a fork would share the state of numba's and BLAS' threads
        with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=get_context("spawn")) as pool:
            yield pool
    elif scheduler == "mpi":
        try:
            from mpi4py.futures import MPIPoolExecutor
        except ImportError as missing:
            raise UsageError("--scheduler mpi needs mpi4py", remedy="pip install mpi4py") from missing
        with MPIPoolExecutor() as pool:
            yield pool
    else:
        try:
            from distributed import Client
        except ImportError as missing:
            raise UsageError("--scheduler needs Dask", remedy="pip install distributed") from missing
        try:
            client = Client(scheduler, timeout=ANSWER)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"the Dask scheduler {scheduler} does not answer: {error}",
                remedy="start one with `dask scheduler`, and workers with `dask worker ADDRESS`",
            ) from error
        with client, client.get_executor(pure=False) as pool:
            yield pool


def completed(
    executor: Executor | None,
    scheduler: str | None,
    workers: int | None,
    tasks: dict[str, tuple[Point, dict[str, Any]]],
) -> Iterator[tuple[Point, dict[str, Any]]]:
    """Yield ``(point, result)`` as they come.

    A pool that loses a process is made again, and what it had not done is redone; a point whose process dies three
    times has an error as its result.
    """
    if executor is not None:
        yield from _through(executor, tasks)
        return
    waiting = dict(tasks)
    lost = dict.fromkeys(tasks, 0)
    while waiting:
        with executor_of(scheduler, workers) as pool:
            try:
                for point, result in _through(pool, waiting):
                    del waiting[point.key()]
                    yield point, result
            except BrokenExecutor:
                for key in list(waiting):
                    lost[key] += 1
                    if lost[key] == TRIES:
                        point, _ = waiting.pop(key)
                        yield point, {"measures": {}, "error": f"the process that ran it died {TRIES} times"}


def _through(
    pool: Executor, tasks: dict[str, tuple[Point, dict[str, Any]]]
) -> Iterator[tuple[Point, dict[str, Any]]]:
    futures: dict[Future[dict[str, Any]], Point] = {
        pool.submit(run_point, task): point for point, task in list(tasks.values())
    }
    try:
        for future in as_completed(futures):
            try:
                result = future.result()
            except BrokenExecutor:
                raise
            except Exception as error:  # of one point: the others go on
                result = {"measures": {}, "error": f"{type(error).__name__}: {error}"}
            yield futures[future], result
    finally:
        for future in futures:
            future.cancel()
