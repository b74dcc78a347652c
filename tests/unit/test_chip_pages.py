"""The page of each chip holds every number of its record, and each number has a source."""

from __future__ import annotations

import json

import pytest

from pynn_ext import chip_pages, cli
from pynn_ext.chip.record import GROUPS
from pynn_ext.errors import UnsupportedError, UsageError

CHIPS = chip_pages.chip_names()


@pytest.mark.parametrize("name", CHIPS)
def test_a_page_says_everything_with_its_source(name: str) -> None:
    record, page = chip_pages.record_of(name), chip_pages.page(name)
    assert {entry.group for entry in record} <= set(GROUPS)
    assert sum(entry.group == "time" for entry in record) >= 1
    for entry in record:
        assert entry.what and entry.source
        value = f"{chip_pages.shown(entry.value)} {entry.unit}".strip()
        assert f"| `{entry.name}` | {entry.what} | {value} | {entry.source} |" in page
    assert "Time contract: **" in page and "## Not modelled\n" in page


def test_sets_of_costs_stand_beside_each_other() -> None:
    page = chip_pages.page("loihi")
    assert "| operation | `davies` | `sanafe` |" in page
    assert "| an event at a synapse of a dense list | 23.6 pJ, 3.5 ns | 35.5 pJ, 3.8 ns |" in page
    assert "113 to 465 ns for 1 to 32 tiles" in page and "- `davies`: M. Davies" in page


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["backends", "neurocorex"]) == 0
    assert "A step of 96 cycles takes 960 µs." in capsys.readouterr().out
    assert cli.main(["backends", "neurocorex", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"name", "group", "what", "value", "unit", "source"} == set(rows[0])
    assert cli.main(["backends", "codegen"]) == 3
    assert "choose one of loihi" in capsys.readouterr().err


def test_what_is_no_chip() -> None:
    with pytest.raises(UnsupportedError, match="no chip"):
        chip_pages.page("codegen")
    with pytest.raises(UsageError, match="did you mean"):
        chip_pages.page("loihy")
