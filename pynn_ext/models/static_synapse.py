"""Synapse of fixed weight: an arriving spike adds the weight to its receptor."""

from pyNN.standardmodels import synapses

from ..network import SynapseModel
from .base import Synapse


class StaticSynapse(Synapse, synapses.StaticSynapse):
    __doc__ = synapses.StaticSynapse.__doc__
    status = "verified against NEST, and closed forms"
    synapse_model = SynapseModel("StaticSynapse")
