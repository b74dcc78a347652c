"""The neutral network: what a script describes, as plain NumPy columns that every engine reads and writes in
place."""

from .cells import CellGroup, CellModel
from .connections import Connections
from .network import Injection, Network
from .probes import Probe, SpikeLog
from .sources import ArraySource, PoissonSource, SourceGroup
from .synapses import SynapseModel

__all__ = [
    "ArraySource",
    "CellGroup",
    "CellModel",
    "Connections",
    "Injection",
    "Network",
    "PoissonSource",
    "Probe",
    "SourceGroup",
    "SpikeLog",
    "SynapseModel",
]
