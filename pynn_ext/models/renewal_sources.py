"""Spike sources that remember their last spike: Poisson with dead time, and gamma processes.

`SpikeSourcePoissonRefractory`: intervals are tau_refrac plus an exponential variable, with mean 1/rate, so the
coefficient of variation is 1 - rate tau_refrac. `SpikeSourceGamma`: gamma-distributed intervals of shape alpha and
mean alpha/beta; the coefficient of variation is 1/sqrt(alpha). `SpikeSourceInhGamma`: the hazard at an age x is that
of gamma intervals with shape a(t) and scale b(t) (Muller et al. 2007, Neural Comput. 19:2958), by exact inversion of
the cumulative hazard in place of thinning; tbins are times since the start of the simulation.

The first interval begins at `start`, as in pyNN.neuron; NEST's generators begin in equilibrium."""

from typing import ClassVar

from pyNN.standardmodels import cells

from ..network import DeadTimeSource, GammaSource, InhomogeneousGammaSource
from .base import Source


class SpikeSourcePoissonRefractory(Source, cells.SpikeSourcePoissonRefractory):
    __doc__ = cells.SpikeSourcePoissonRefractory.__doc__
    status = "exact: its statistics, in closed form"
    source_group = DeadTimeSource


class SpikeSourceGamma(Source, cells.SpikeSourceGamma):
    __doc__ = cells.SpikeSourceGamma.__doc__
    status = "exact: its statistics, in closed form"
    source_group = GammaSource
    # PyNN's default is the whole number 2, so it would cut every shape to a whole number
    default_parameters: ClassVar = cells.SpikeSourceGamma.default_parameters | {"alpha": 2.0}


class SpikeSourceInhGamma(Source, cells.SpikeSourceInhGamma):
    __doc__ = cells.SpikeSourceInhGamma.__doc__
    status = "exact: its statistics, in closed form"
    source_group = InhomogeneousGammaSource
