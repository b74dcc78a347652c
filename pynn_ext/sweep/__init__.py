"""One script, many settings: chip, mapping and script parameters, on any number of processes or machines.

Each point of the grid runs the unmodified script in a process of its own. Points are handed to a
`concurrent.futures.Executor`: a pool of local processes, a Dask cluster, or MPI. Results are appended to a file as they
come; a sweep that was interrupted goes on where it stopped.
"""

from .._callable import make_callable
from .grid import Point, points
from .pareto import front

__all__ = ["Point", "front", "points"]

make_callable(__name__, "sweeping")
