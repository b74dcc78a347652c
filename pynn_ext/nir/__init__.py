"""Networks from and to NIR, the exchange format of neuromorphic frameworks, on any PyNN backend.

A NIR graph is made of neurons, whose equations are in continuous time, and of linear nodes between them. Its spikes are
ones that last for one step of the framework that trained it, `spike_width` (1e-4 s unless its authors say otherwise),
so a weight w moves a current-based neuron as a Dirac pulse of area ``w * spike_width`` does. Spiking neurons become
PyNN's current-based cells, each chain of linear nodes one projection of every sign.

Source: J. E. Pedersen et al., "Neuromorphic intermediate representation: a unified instruction set for interoperable
brain-inspired computing", Nature Communications 15 (2024) 8122, table 1.
"""

from .reading import ReadNetwork, from_nir
from .writing import to_nir

__all__ = ["ReadNetwork", "from_nir", "to_nir"]
