"""The words of NeuroCoreX's quantities. The constants of the kernels follow from them."""

from __future__ import annotations

from pynn_ext.chip.formats import Format

#: Potentials, thresholds and currents.
POTENTIAL = Format(18, fraction=10)
#: Weights, and ages of spikes.
WEIGHT = Format(8)
#: Sums of weights of a step.
SUM = Format(15)
