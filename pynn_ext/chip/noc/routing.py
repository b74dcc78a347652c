"""Where a packet goes next: dimension-order routing on a mesh or torus, for one destination or a tree of them.

On a torus the shorter way round is taken in each dimension; a tie is decided by a bit of the message. A
packet that will cross the wrap-around link uses one half of the virtual channels, one that will not uses
the other, so that no cycle of waiting packets can close (Dally & Seitz 1987, IEEE Trans. Computers C-36,
547). XY-YX routing decides the order of the dimensions by a bit of the message and gives each order one half
of the channels. At the last router every channel may be used.

The branches of a tree are the union of the paths to its destinations: a router forks a packet where they
part.
"""

from __future__ import annotations

from ..jit import kernel
from .state import XY, YX, Parameters, State


@kernel
def travel(source: int, destination: int, size: int, torus: int, tie: int) -> int:
    """Return the signed number of hops in one dimension."""
    distance = destination - source
    if torus:
        right = distance % size
        if 2 * right < size or (2 * right == size and tie):
            return right
        return right - size
    return distance


@kernel
def covered(source: int, hops: int, here: int, size: int, torus: int) -> int:
    """Return how many of the hops are done at ``here``, or -1 if the way does not pass there."""
    done = here - source
    if torus:
        done = done % size
        if hops < 0 and done > 0:
            done -= size
    if hops >= 0:
        return done if 0 <= done <= hops else -1
    return -done if hops <= done <= 0 else -1


@kernel
def next_port(router: int, packet: int, delivery: int, par: Parameters, s: State) -> int:
    """Return the output port towards a destination, or -1 if the way to it does not pass this router."""
    start, target = s.message["source"][packet] // par.cores, s.delivery["destination"][delivery] // par.cores
    columns, rows, torus, ties = par.columns, par.rows, par.torus, s.message["ties"][packet]
    dx = travel(start % columns, target % columns, columns, torus, ties & 1)
    dy = travel(start // columns, target // columns, rows, torus, (ties >> 1) & 1)
    done_x = covered(start % columns, dx, router % columns, columns, torus)
    done_y = covered(start // columns, dy, router // columns, rows, torus)
    if done_x < 0 or done_y < 0:
        return -1
    x_first = par.order == XY or (par.order != YX and (ties >> 2) & 1)
    left_x, left_y = abs(dx) - done_x, abs(dy) - done_y
    if left_x > 0 and (x_first or left_y == 0):
        if x_first and done_y > 0:
            return -1
        return par.direction + int(dx < 0)
    if left_y > 0:
        if not x_first and done_x > 0:
            return -1
        return par.direction + 2 + int(dy < 0)
    return par.local + s.delivery["destination"][delivery] % par.cores


@kernel
def branch_ports(router: int, packet: int, par: Parameters, s: State) -> int:
    """Return the output ports of a packet as bits."""
    ports = 0
    for delivery in range(s.message["begin"][packet], s.message["end"][packet]):
        port = next_port(router, packet, delivery, par, s)
        if port >= 0:
            ports |= 1 << port
    return ports


@kernel
def vc_range(router: int, port: int, packet: int, par: Parameters, s: State) -> tuple[int, int]:
    """Return the first and last virtual channel that a packet may take at an output port."""
    half, last = par.vcs // 2, par.vcs - 1
    ties = s.message["ties"][packet]
    if par.torus:
        start = s.message["source"][packet] // par.cores
        target = s.delivery["destination"][s.message["begin"][packet]] // par.cores
        if target == router:
            return 0, last
        columns, way = par.columns, port - par.direction
        if way < 2:
            ahead, here = target % columns, start % columns
        else:
            ahead, here = target // columns, start // columns
        upper = here > ahead  # upwards: crosses the wrap-around link; downwards: does not
    elif par.order == XY or par.order == YX:
        return 0, last
    else:
        if port >= par.local and port < par.local + par.cores:
            return 0, last
        upper = not (ties >> 2) & 1
    return (half, last) if upper else (0, last - half)
