"""The registry finds what is in the folder, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from pyNN import standardmodels
from pyNN.models import BaseModelType

import pynn_ext.models
from pynn_ext.models.base import Cell, Model, Source
from pynn_ext.models.registry import all_models

EXPECTED = {
    *("IF_curr_exp", "IF_curr_alpha", "IF_curr_delta", "IF_cond_exp", "IF_cond_alpha", "HH_cond_exp"),
    *("EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista", "Izhikevich"),
    *("SpikeSourceArray", "SpikeSourcePoisson", "StaticSynapse", "TsodyksMarkramSynapse", "STDPMechanism"),
    *(
        "SimpleStochasticSynapse",
        "StochasticTsodyksMarkramSynapse",
        "MultiQuantalSynapse",
        "ElectricalSynapse",
    ),
    "Vogels2011Rule",
    *("SpikePairRule", "AdditiveWeightDependence", "MultiplicativeWeightDependence"),
    *("AdditivePotentiationMultiplicativeDepression", "GutigWeightDependence"),
    *("DCSource", "ACSource", "StepCurrentSource", "NoisyCurrentSource"),
}


def test_every_model_of_the_folder_is_found() -> None:
    assert set(all_models()) >= EXPECTED


@pytest.mark.parametrize("name", sorted(all_models()))
def test_each_is_ours_and_pynns(name: str) -> None:
    model = all_models()[name]
    assert model.__name__ == name and issubclass(model, Model) and issubclass(model, BaseModelType)
    assert model.__module__.startswith("pynn_ext.models.")
    theirs = [c for c in model.__mro__ if c.__name__ == name and c.__module__.startswith("pyNN.")]
    if not theirs:  # beyond PyNN: its own docstring, and what its numbers were checked against
        assert str(model.__doc__).strip() and model.status
        return
    if theirs[0].__doc__ and "docstring needed" not in theirs[0].__doc__:
        assert str(model.__doc__).splitlines()[1:] == theirs[0].__doc__.splitlines()[1:]
    assert sys.modules[model.__module__].__doc__


@pytest.mark.parametrize(
    "name", sorted(set(all_models()) - {"STDPMechanism"})
)  # its parameters: its components'
def test_parameters_keep_their_names_and_values(name: str) -> None:
    model: Any = all_models()[name]
    assert set(model.translations) == set(model.default_parameters)
    assert all(d["translated_name"] == n and d["type"] == "simple" for n, d in model.translations.items())


def test_helpers_and_bases_are_left_out() -> None:
    found = set(all_models())
    assert not found & {"Model", "Cell", "Source", "Synapse", "Electrode", "WeightDependence"}
    assert not any(name.startswith("_") for name in found)
    assert issubclass(standardmodels.StandardModelType, BaseModelType)
    assert all(
        issubclass(all_models()[n], Cell | Source) for n in found if n.startswith(("IF_", "SpikeSource"))
    )


def test_a_new_file_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "added_for_test.py").write_text(
        "from pyNN.standardmodels import synapses\n"
        "from pynn_ext.models.static_synapse import StaticSynapse\n\n\n"
        "class Added(StaticSynapse):\n    pass\n\n\n"
        "class _Hidden(StaticSynapse):\n    pass\n"
    )
    monkeypatch.setattr(pynn_ext.models, "__path__", [*pynn_ext.models.__path__, str(tmp_path)])
    found = all_models.__wrapped__()
    monkeypatch.delitem(sys.modules, "pynn_ext.models.added_for_test")
    assert set(found) - set(all_models()) == {"Added"}
