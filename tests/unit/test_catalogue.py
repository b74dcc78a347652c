"""What is said about the models comes from the models, and is said about each of them."""

from __future__ import annotations

import pytest

from pynn_ext import catalogue
from pynn_ext.errors import UsageError
from pynn_ext.learning import procedures
from pynn_ext.models.base import Cell, Source
from pynn_ext.models.registry import all_models
from pynn_ext.plugins import backend_names, load_backend

ENTRIES = {entry.name: entry for entry in catalogue.entries()}


def test_every_model_has_an_entry() -> None:
    assert set(ENTRIES) == set(all_models())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "A cell (Teeter et al. 2018, Nat. Commun. 9:709). It fires.",
            "A cell (Teeter et al. 2018, Nat. Commun. 9:709)",
        ),
        (
            "A cell that takes two\nlines, e.g. this one. `It` fires.",
            "A cell that takes two lines, e.g. this one",
        ),
        ("The equation ``a = 1.0 b``\n\nIt fires.", "The equation ``a = 1.0 b``"),
        ("A cell, in steps ::\n\n    v = 0", "A cell, in steps"),
    ],
)
def test_the_first_sentence_is_whole(text: str, sentence: str) -> None:
    assert catalogue.first_sentence(text) == sentence


def test_summaries_are_whole_sentences_and_name_their_sources() -> None:
    found = [*ENTRIES.values(), *catalogue.procedure_entries()]
    for entry in found:
        assert entry.summary.count("(") == entry.summary.count(")") and entry.summary.count("`") % 2 == 0
        assert not entry.summary.endswith((" and", " the", " et al", " see", ",", ":")), entry.name
        assert entry.described.startswith(entry.summary)
    assert ENTRIES["Astrocyte_LR"].citation == "Li and Rinzel 1994, J. Theor. Biol. 166:461"
    assert ENTRIES["GLIF"].citation == "Teeter et al. 2018, Nat. Commun. 9:709"
    assert ENTRIES["IF_cond_exp"].citation == "PyNN" and ENTRIES["GradedSynapse"].citation == ""
    sourceless = [entry.name for entry in found if not entry.citation]
    assert len(sourceless) < 6, sourceless


def test_every_learning_procedure_says_what_it_was_checked_against() -> None:
    found = catalogue.procedure_entries()
    assert {entry.name for entry in found} == set(procedures())
    for entry in found:
        assert entry.summary and entry.source and entry.status
        assert catalogue.entry(entry.name) == entry and "interval" in entry.parameters or entry.name != "SPSA"


@pytest.mark.parametrize("name", sorted(all_models()))
def test_it_says_what_the_class_says(name: str) -> None:
    model, entry = all_models()[name], ENTRIES[name]
    assert set(entry.parameters) >= set(model.default_parameters)  # type: ignore[attr-defined]
    assert entry.summary and entry.source and entry.file == model.__module__
    assert entry.grade in ("exact", "verified", "inferred"), f"the status of {name} is {entry.status!r}"
    if issubclass(model, Cell | Source):
        without = [n for n in entry.parameters if n not in entry.units]
        assert not without, f"PyNN gives no unit of {without}: add them to `units` of the class"
        assert entry.recordable[0] == "spikes"
    cell = getattr(model, "cell_model", None)
    if issubclass(model, Cell) and hasattr(cell, "equations"):
        assert cell.equations in entry.equations and entry.method and entry.receptors == list(cell.receptors)


def test_backends_that_accept_a_model_offer_it() -> None:
    assert ENTRIES["StaticSynapse"].backends == sorted(backend_names())
    for name, entry in ENTRIES.items():
        assert "codegen" in entry.backends
        for backend in entry.backends:
            assert issubclass(getattr(load_backend(backend), name), all_models()[name])
    for backend in backend_names():
        refused = catalogue.refusals(backend)
        assert not [name for name in refused if name in ENTRIES and backend in ENTRIES[name].backends]
        assert all(refused.values())


def test_units_and_methods() -> None:
    assert ENTRIES["IF_cond_exp"].units["cm"] == "nF" and ENTRIES["IF_cond_exp"].units["gsyn_exc"] == "uS"
    assert ENTRIES["SpikePairRule"].units == {
        "tau_plus": "ms",
        "tau_minus": "ms",
        "A_plus": "",
        "A_minus": "",
    }
    assert ENTRIES["ACSource"].units["frequency"] == "Hz"
    assert ENTRIES["STDPMechanism"].parameters["dendritic_delay_fraction"] == 1.0
    assert ENTRIES["IF_curr_exp"].method == "exact, by matrix propagators"
    hodgkin_huxley = (
        "Brian2's state updater rk4, in steps of at most 0.05 ms, where one of third order fails on trial"
    )
    assert ENTRIES["HH_cond_exp"].method == hodgkin_huxley


def test_an_unknown_name_gets_a_suggestion() -> None:
    assert catalogue.entry("IF_cond_exp").kind == "cell"
    with pytest.raises(UsageError) as error:
        catalogue.entry("IF_cond_ex")
    assert "IF_cond_exp" in str(error.value.remedy)
