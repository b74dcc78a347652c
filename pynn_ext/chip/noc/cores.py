"""Cores that make messages and work them off, at the ends of a mesh without a clock: what they do, and when it
happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import NetworkError
from .asynchronous import (
    AT,
    CARRIED,
    CREDITS,
    END,
    HEAD,
    INTERVAL,
    LATENCY,
    NONE,
    PORT,
    ROUTER,
    AsynchronousMesh,
    Tables,
    run,
)


@dataclass(frozen=True)
class Work:
    """Pieces of work of the cores, in the order in which each core does them.

    Parameters
    ----------
    source : array of int, shape (n,)
        Core of the mesh.
    destination : array of int, shape (n,)
        Core that the message goes to, or -1 if there is none.
    generation, processing : array of int, shape (n,)
        How long it takes to make the message and, at the destination, to work it off, in the mesh's unit.
    """

    source: np.ndarray
    destination: np.ndarray
    generation: np.ndarray
    processing: np.ndarray


@dataclass(frozen=True)
class Course:
    """When what happened, one entry for each piece of work; -1 for what a piece without a message lacks.

    Attributes
    ----------
    ready, injected, arrived, begun, processed : array of int, shape (n,)
        The message is made; it enters the mesh; it is at its core; the core begins with it; it is worked off.
    hops : array of int, shape (n,)
        Links between routers.
    blocked : array of int, shape (n,)
        How much longer it was on its way than in an empty mesh.
    traffic : array of int, shape (planes, routers, 4 + cores)
        Flits carried by the links of each router: to +x, -x, +y, -y, then to its cores.
    events : int
        What there was to do.
    """

    ready: np.ndarray
    injected: np.ndarray
    arrived: np.ndarray
    begun: np.ndarray
    processed: np.ndarray
    hops: np.ndarray
    blocked: np.ndarray
    traffic: np.ndarray
    events: int

    @property
    def end(self) -> int:
        """When the last message has been made and the last one worked off."""
        return max(int(self.ready.max(initial=0)), int(self.processed.max(initial=0)))


def work_off(mesh: AsynchronousMesh, work: Work) -> Course:
    """Let cores do their work over an empty mesh until everything is done.

    Parameters
    ----------
    mesh : AsynchronousMesh
    work : Work

    Returns
    -------
    Course

    Raises
    ------
    NetworkError
        For a core that is not there, or a time below 0.
    """
    ends = np.concatenate([work.source, work.destination[work.destination != NONE]])
    if len(ends) and not (0 <= ends.min() and ends.max() < mesh.terminals):
        wrong = ends[(ends < 0) | (ends >= mesh.terminals)][0]
        raise NetworkError(f"core {wrong}", where="work_off", limit=f"cores are 0 to {mesh.terminals - 1}")
    if min(work.generation.min(initial=0), work.processing.min(initial=0)) < 0:
        raise NetworkError("work that takes a time below 0", where="work_off", limit="0 or more")
    order = np.argsort(work.source, kind="stable")
    tables = _tables(mesh, work, order)
    events = run(tables)
    return _course(mesh, work, order, tables, int(events))


def _tables(mesh: AsynchronousMesh, work: Work, order: np.ndarray) -> Tables:
    ports, routers = 4 + mesh.cores, mesh.columns * mesh.rows * mesh.planes
    link, places = _links(mesh, ports, routers), max(mesh.buffer, mesh.buffer_core)
    core = np.zeros((mesh.terminals, 5), np.int64)
    ends = np.cumsum(np.bincount(work.source, minlength=mesh.terminals))
    core[:, END], core[1:, AT], core[:, HEAD:] = ends, ends[:-1], NONE
    return Tables(
        link=link,
        buffer=np.full((len(link), places), NONE, np.int64),
        entry=_entries(mesh, ports, routers),
        core=core,
        work=_rows(mesh, work, order, core[:, AT], ports, routers),
        heap=np.zeros(len(link) * (2 * places + 1) + 2 * mesh.terminals + 1, np.int64),
        size=np.array([0, mesh.columns]),
    )


def _links(mesh: AsynchronousMesh, ports: int, routers: int) -> np.ndarray:
    """Return the links that leave routers, port by port, and then those that leave cores, plane by plane."""
    link = np.zeros((routers * ports + mesh.terminals * mesh.planes, 13), np.int64)
    out, into = link[: routers * ports].reshape(routers, ports, -1), link[routers * ports :]
    x = np.arange(routers) % mesh.columns
    for port, step in enumerate((1, -1, mesh.columns, -mesh.columns)):
        out[:, port, ROUTER], out[:, port, PORT] = np.arange(routers) + step, port ^ 1
    for name, column in (("latency", LATENCY), ("interval", INTERVAL)):
        along_x, along_y, local = (getattr(mesh, f"{name}_{part}") for part in ("x", "y", "core"))
        out[:, :2, column], out[:, 2:4, column] = along_x, along_y
        out[:, 4:, column] = into[:, column] = local
    out[:, 4:, ROUTER] = NONE
    out[:, 4:, PORT] = np.arange(routers * mesh.cores).reshape(routers, -1) % mesh.terminals
    into[:, ROUTER], place = np.divmod(np.arange(len(into)), mesh.cores)
    into[:, PORT] = 4 + place
    link[:, CREDITS] = mesh.buffer
    out[:, 4:, CREDITS] = mesh.buffer_core
    row = np.arange(routers) // mesh.columns % mesh.rows
    edges = (x == mesh.columns - 1, x == 0, row == mesh.rows - 1, row == 0)
    for port, edge in enumerate(edges):
        out[edge, port, CREDITS] = 0  # leads nowhere
    return link


def _entries(mesh: AsynchronousMesh, ports: int, routers: int) -> np.ndarray:
    """Return the link that enters each router at each port."""
    entry = np.empty((routers, ports), np.int64)
    here = np.arange(routers)
    for port, step in enumerate((1, -1, mesh.columns, -mesh.columns)):
        entry[:, port] = np.clip(here + step, 0, routers - 1) * ports + (port ^ 1)
    entry[:, 4:] = routers * ports + np.arange(routers * mesh.cores).reshape(routers, -1)
    return entry


def _rows(
    mesh: AsynchronousMesh, work: Work, order: np.ndarray, first: np.ndarray, ports: int, routers: int
) -> np.ndarray:
    """Return the table of work, sorted by core."""
    source, target = work.source[order].astype(np.int64), work.destination[order].astype(np.int64)
    real = target != NONE
    sent = np.concatenate([[0], np.cumsum(real)])
    plane = (sent[:-1] - sent[first][source]) % mesh.planes if len(order) else np.empty(0, np.int64)
    router, place = np.divmod(target, mesh.cores)
    router += plane * (routers // mesh.planes)
    into = routers * ports + plane * mesh.terminals + source
    rows = [np.where(real, into, NONE), np.where(real, router * ports + 4 + place, NONE)]
    rows += [work.generation[order], work.processing[order]]
    return np.column_stack([*rows, *np.full((6, len(order)), NONE)]).astype(np.int64)


def _course(mesh: AsynchronousMesh, work: Work, order: np.ndarray, tables: Tables, events: int) -> Course:
    found = np.empty((len(order), 5), np.int64)
    found[order] = tables.work[:, 5:]
    ready, injected, arrived, begun, processed = found.T
    real = work.destination != NONE
    target = np.where(real, work.destination, work.source)
    x, y = mesh.hops(work.source, target)
    ports, routers = 4 + mesh.cores, mesh.columns * mesh.rows * mesh.planes
    carried = tables.link[: routers * ports, CARRIED].reshape(mesh.planes, -1, ports)
    return Course(
        ready, injected, arrived, begun, processed,
        hops=np.where(real, x + y, 0),
        blocked=np.where(real, arrived - injected - mesh.transit(work.source, target), NONE),
        traffic=carried.copy(),
        events=events,
    )  # fmt: skip
