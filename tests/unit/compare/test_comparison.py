"""One command: a script, several backends, a report that stands alone."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pynn_ext.cli import main
from pynn_ext.compare import comparison as module
from pynn_ext.compare.comparison import Comparison, compare
from pynn_ext.compare.limits import broken, parsed
from pynn_ext.errors import UsageError

SCRIPT = """
from pyNN.utility import get_simulator
sim, _ = get_simulator()
sim.setup(timestep=0.1, min_delay=0.1)
source = sim.Population(20, sim.SpikeSourceArray(spike_times=[5.0, 15.0, 40.0]))
cells = sim.Population(10, sim.IF_curr_exp(i_offset=0.9), label="<cells>")
sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.05, delay=1.0))
cells.record("spikes")
cells[:2].record("v")
sim.run(100.0)
if sim.__name__.endswith("mock"):
    raise RuntimeError("mock cannot")
sim.end()
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Comparison, Path]:
    folder = tmp_path_factory.mktemp("compare")
    script = folder / "script.py"
    script.write_text(SCRIPT)
    patch = pytest.MonkeyPatch()
    # a second name for the same engine: what agrees must be found to agree
    patch.setattr(module, "_check", lambda backends: None)
    result = compare(script, ["codegen", "pynn_ext_missing", "mock"], folder=folder / "out")
    patch.undo()
    return result, folder


def test_a_failure_does_not_lose_the_others(found: tuple[Comparison, Path]) -> None:
    result, folder = found
    assert [r.ok for r in result.results] == [True, False, False]
    assert "there is no backend named" in result["pynn_ext_missing"].error
    assert "mock cannot" in result["mock"].error
    assert (folder / "out" / "codegen" / "recordings.npz").exists()


def test_the_first_divergence_is_named(found: tuple[Comparison, Path]) -> None:
    divergence = found[0]["mock"].divergence  # mock invents its spikes
    assert divergence is not None and divergence.population == "<cells>"
    assert found[0]["mock"].cause


def test_report_files(found: tuple[Comparison, Path]) -> None:
    report = json.loads((found[1] / "out" / "report.json").read_text())
    assert [b["backend"] for b in report["backends"]] == ["codegen", "pynn_ext_missing", "mock"]
    assert report["provenance"]["script"]["name"] == "script.py" and len(report["verdict"]) == 3


class Page(HTMLParser):
    """Collects what a browser would fetch, and tags left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.titles: list[str] = []
        self.svgs = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.svgs += tag == "svg"
        if tag in ("script", "img", "link", "iframe", "image") and tag != "script":
            self.fetched.append(f"{tag} {named}")
        if tag == "script" and "src" in named:
            self.fetched.append(str(named["src"]))


def test_the_page_stands_alone_and_escapes(found: tuple[Comparison, Path]) -> None:
    text = (found[1] / "out" / "report.html").read_text()
    page = Page(text)
    assert page.fetched == [] and page.svgs >= 2
    assert (
        not re.search(r"""(src|href)=["']https?:""", text)
        and "@import" not in text
        and "url(http" not in text
    )
    assert "&lt;cells&gt;" in text and "<cells>" not in text


def test_in_a_notebook(found: tuple[Comparison, Path]) -> None:
    text = found[0]._repr_html_()
    assert "&lt;cells&gt;" in text and text.count("<tr>") == 2


@pytest.mark.parametrize("names", [[], ["codegen"], ["codegen", "codegen"], ["codegen", "codgen"]])
def test_backends_must_be_two_that_exist(names: list[str], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        compare(tmp_path / "script.py", names)


def test_limits(found: tuple[Comparison, Path]) -> None:
    assert broken(found[0], [parsed("spike < 2"), parsed("coincident>-1")]) == []
    lines = broken(found[0], [parsed("coincident>1")])
    assert len(lines) == 1 and lines[0].startswith("mock: <cells>: coincident is")
    for text in ("spike", "spik<1", "spike<much"):
        with pytest.raises(UsageError):
            parsed(text)


def test_command(tmp_path: Path, capsys: Any) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        SCRIPT.replace("raise", "0 and print").replace('0 and print RuntimeError("mock cannot")', "pass")
    )
    folder = str(tmp_path / "out")
    code = main(
        ["compare", str(script), "--backends", "codegen,mock", "--folder", folder, "--fail", "coincident>0.99",
         "--report", str(tmp_path / "r.html")]
    )  # fmt: skip
    out, err = capsys.readouterr()
    assert code == 4 and "codegen: the reference" in out and "mock: parts at" in out
    assert "coincident is" in err and (tmp_path / "r.html").exists()
    said = re.findall(r"pynn-ext: (codegen|mock) (runs, \d of 2|ended after)", err)
    assert said == [(name, text) for k, name in enumerate(["codegen", "mock"], 1)
                    for text in (f"runs, {k} of 2", "ended after")]  # fmt: skip


MANY = """
from pyNN.utility import get_simulator
sim, options = get_simulator()
sim.setup(timestep=0.1)
cells = sim.Population(1, sim.IF_curr_exp(i_offset=1.0), label="cells")
cells.record("spikes")
for trial in range(7):
    if trial:
        sim.reset()
    sim.run(50.0)
"""


def test_many_segments_do_not_fill_the_report(tmp_path: Path) -> None:
    (tmp_path / "many.py").write_text(MANY)
    found = compare(tmp_path / "many.py", ["codegen", "mesh"])
    page = found.html()
    assert (
        "cells, segment 3" in page and "cells, segment 4" not in page and "3 rows of further segments" in page
    )
    assert len(found.as_dict()["backends"][1]["agreement"]) == 7


def test_the_error_of_a_script_is_the_last_thing_said(tmp_path: Path) -> None:
    """Data that it never recorded are no news."""
    (tmp_path / "fails.py").write_text(
        MANY.replace("for trial", "raise RuntimeError('on purpose')\nfor trial")
    )
    found = compare(tmp_path / "fails.py", ["codegen", "mesh"])
    assert found["mesh"].error.splitlines()[-1] == "RuntimeError: on purpose"


def test_a_script_that_records_nothing_does_not_agree() -> None:
    about = {"exit_code": 0, "summary": {"total_s": 1.0}}
    results = [module.BackendResult(name, module.Recordings([], about)) for name in ("codegen", "loihi")]
    verdict = Comparison("script.py", [], 0.1, results).verdict()
    assert "loihi: nothing was recorded, so there is nothing to compare" in verdict
