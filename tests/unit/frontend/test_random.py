"""``NumpyRNG`` draws PyNN's stream and takes an argument of old scripts."""

from __future__ import annotations

import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN import random as pynn_random

from pynn_ext.frontend.random import NumpyRNG, is_numpy


@pytest.mark.parametrize("extra", [{}, {"mask_local": False}, {"mask_local": True}])
def test_same_stream_as_pynn_with_the_argument_of_old_scripts(extra: dict[str, bool]) -> None:
    own, theirs = sim.NumpyRNG(seed=5), pynn_random.NumpyRNG(seed=5)
    np.testing.assert_array_equal(
        own.next(7, "exponential", {"beta": 2.0}, **extra), theirs.next(7, "exponential", {"beta": 2.0})
    )
    assert own.next() == theirs.next()


def test_own_generators_of_a_script_are_not_taken_for_it() -> None:
    class Mine(pynn_random.NumpyRNG):
        pass

    assert (
        is_numpy(NumpyRNG(seed=1)) and is_numpy(pynn_random.NumpyRNG(seed=1)) and not is_numpy(Mine(seed=1))
    )


def test_connections_do_not_depend_on_whose_class_it_is() -> None:
    tables = []
    for cls in (sim.NumpyRNG, pynn_random.NumpyRNG):
        sim.setup()
        p = sim.Population(20, sim.IF_curr_exp())
        connector = sim.FixedProbabilityConnector(0.3, rng=cls(seed=3))
        weight = sim.RandomDistribution("uniform", low=0.0, high=1.0, rng=cls(seed=4))
        synapse = sim.StaticSynapse(weight=weight)
        tables.append(sim.Projection(p, p, connector, synapse).get(["weight"], format="list"))
    assert tables[0] == tables[1] and len(tables[0]) > 50
