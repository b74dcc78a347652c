"""Spike sources: given times, and Poisson processes (see `pynn_ext.network.sources`)."""

from pyNN.standardmodels import cells

from ..network import ArraySource, PoissonSource
from .base import Source


class SpikeSourceArray(Source, cells.SpikeSourceArray):
    __doc__ = cells.SpikeSourceArray.__doc__
    status = "exact: closed forms"
    source_group = ArraySource


class SpikeSourcePoisson(Source, cells.SpikeSourcePoisson):
    __doc__ = cells.SpikeSourcePoisson.__doc__
    status = "exact: its statistics, in closed form"
    source_group = PoissonSource
