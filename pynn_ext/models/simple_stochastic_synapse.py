"""Synapse that transmits each spike with probability p, as NEST's ``bernoulli_synapse``.

``P(transmitted = weight) = p``, independently at each spike and synapse, so that n spikes release K ~ B(n, p)."""

from typing import ClassVar

from pyNN.standardmodels import synapses

from ..network import SynapseModel
from .base import Synapse


class SimpleStochasticSynapse(Synapse, synapses.SimpleStochasticSynapse):
    __doc__ = synapses.SimpleStochasticSynapse.__doc__
    status = "exact: its statistics, in closed form"
    limits: ClassVar[dict[str, tuple[float, float]]] = {"p": (0.0, 1.0)}
    synapse_model = SynapseModel(
        "SimpleStochasticSynapse",
        parameters={"p": "1"},
        on_transmit="transmitted = weight*int(uniform(0) < p)",
    )
