"""Slow inward current of an astrocyte into neurons: ``i_post += weight sic_pre`` in every step, without delay
(Nadkarni and Jung 2003, Phys. Rev. Lett. 91:268101).

NEST's ``sic_connection`` to its ``aeif_cond_alpha_astro``; there a delay of at least one step is added."""

from __future__ import annotations

from typing import ClassVar

from pyNN.standardmodels import StandardSynapseType

from ..network import SynapseModel
from .base import Synapse


class SlowInwardCurrent(Synapse, StandardSynapseType):
    """Connection from an `Astrocyte_LR` to neurons; its weight multiplies the current."""

    status = "exact: depolarization of a leaky membrane, in closed form"
    default_parameters: ClassVar[dict[str, float]] = {"weight": 1.0}
    units: ClassVar[dict[str, str]] = {"weight": ""}
    synapse_model = SynapseModel("SlowInwardCurrent", pre_state={"sic_pre": "sic"}, coupling="weight*sic_pre")
