"""Small analyses of Neo spike trains that the models of this package need and Elephant does not have."""

from .branching import branching_factor
from .complexity import LempelZivClassifier, lempel_ziv_complexity, lempel_ziv_phrases
from .sdr import (
    any_segment_probability,
    false_match_probability,
    miss_probability,
    overlap,
    union_size,
)

__all__ = [
    "LempelZivClassifier",
    "any_segment_probability",
    "branching_factor",
    "false_match_probability",
    "lempel_ziv_complexity",
    "lempel_ziv_phrases",
    "miss_probability",
    "overlap",
    "union_size",
]
