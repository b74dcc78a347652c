"""The words of Loihi's quantities. The constants of the kernels follow from them."""

from __future__ import annotations

from pynn_ext.chip.formats import Format

#: Sum of the effective weights of a step.
ACCUMULATOR = Format(22)
#: Synaptic current u; its decay is rounded toward zero.
CURRENT = Format(24, rounding="toward zero")
#: Potential v; its decay is rounded toward zero.
POTENTIAL = Format(24, overflow="saturate", rounding="toward zero")
#: What a decay takes away in a step, as a part of 1.
DECAY = Format(12, fraction=12, signed=False, overflow="saturate", rounding="half up")
#: Thresholds are multiples of 64.
THRESHOLD = Format(17, fraction=-6, signed=False, overflow="saturate", rounding="half up")
#: Mantissa of the bias.
BIAS = Format(13, overflow="saturate", rounding="half up")
#: Weights as they act, without their exponent.
WEIGHT = Format(9, fraction=-6, overflow="saturate", rounding="half up")
#: Traces of learning.
TRACE = Format(7, signed=False, overflow="saturate", rounding="stochastic")
