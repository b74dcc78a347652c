"""The neutral network: what a script describes, as plain NumPy columns that every engine reads and writes in
place."""

from .cells import CellGroup, CellModel
from .connections import Connections
from .network import Injection, Network
from .probes import Probe, SpikeLog
from .renewal import DeadTimeSource, GammaSource, InhomogeneousGammaSource, RenewalSource
from .sources import ArraySource, PoissonSource, SourceGroup
from .streams import Store, Stream, StreamedProbe, StreamedSpikes
from .synapses import Eligibility, Scale, SynapseModel

__all__ = [
    "ArraySource",
    "CellGroup",
    "CellModel",
    "Connections",
    "DeadTimeSource",
    "Eligibility",
    "GammaSource",
    "InhomogeneousGammaSource",
    "Injection",
    "Network",
    "PoissonSource",
    "Probe",
    "RenewalSource",
    "Scale",
    "SourceGroup",
    "SpikeLog",
    "Store",
    "Stream",
    "StreamedProbe",
    "StreamedSpikes",
    "SynapseModel",
]
