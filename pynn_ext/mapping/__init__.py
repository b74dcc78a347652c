"""From a network to a chip, one pass after the other: check, quantize, partition, place, route."""

from .clusters import Clusters
from .graph import SpikeGraph
from .limits import CoreLimits, CoreUse, SynapseMemory
from .partition import partition
from .place import place
from .problems import Problem, raise_if_any
from .roundings import Rounding, Roundings
from .route import Routes, route

__all__ = [
    "Clusters",
    "CoreLimits",
    "CoreUse",
    "Problem",
    "Rounding",
    "Roundings",
    "Routes",
    "SpikeGraph",
    "SynapseMemory",
    "partition",
    "place",
    "raise_if_any",
    "route",
]
