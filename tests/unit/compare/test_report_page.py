"""The report in a real browser, at the width of a screen and of a telephone, in dark mode and in print."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pynn_ext.compare.comparison import compare

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")
SCRIPT = """
from pyNN.utility import get_simulator
sim, _ = get_simulator()
options = {"chip": {"cells": 10, "biological_ms": 0.01}} if sim.__name__.endswith("mesh") else {}
sim.setup(timestep=0.1, min_delay=0.1, rng_seed=7, **options)
noise = sim.Population(40, sim.SpikeSourcePoisson(rate=80.0))
cells = sim.Population(40, sim.IF_curr_exp(), label="cells")
sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.3, rng=sim.NumpyRNG(seed=1)),
               sim.StaticSynapse(weight=0.5, delay=0.5))
sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.2, rng=sim.NumpyRNG(seed=2)),
               sim.StaticSynapse(weight=0.2, delay=0.5))
cells.record("spikes")
sim.run(200.0)
sim.end()
"""
FIRST = "<script>window.problems = []; addEventListener('error', e => problems.push(e.message));</script>"
LAST = """<script>addEventListener("load", function () {
  var slider = document.querySelector("input[data-heat]"), label = document.querySelector("[data-heat-time]");
  var before = label.textContent;
  slider.value = 5;
  slider.dispatchEvent(new Event("input"));
  var found = document.createElement("pre");
  found.id = "found";
  found.textContent = JSON.stringify({
    problems: problems, moved: label.textContent !== before,
    cells: document.querySelectorAll("[data-heat-grid] div").length,
    requests: performance.getEntriesByType("resource").map(e => e.name),
    width: document.documentElement.scrollWidth, window: innerWidth,
    sections: [...document.querySelectorAll("section")].map(
      s => [s.querySelector("h2").textContent, s.getBoundingClientRect().height]),
    headings: [...document.querySelectorAll("h2, h3, th")].map(e => e.textContent),
    figures: [...document.querySelectorAll("svg")].map(e => [e.getBoundingClientRect().height,
      e.querySelectorAll("path").length]),
    dark: getComputedStyle(document.body).backgroundColor
  });
  document.body.append(found);
});</script>"""


def browser(folder: Path, *arguments: str) -> str:
    """Run Chromium without a window and return what it prints."""
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}", *arguments,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    (folder / "script.py").write_text(SCRIPT)
    compare(folder / "script.py", ["codegen", "mesh"], folder=folder / "out")
    text = (folder / "out" / "report.html").read_text()
    (folder / "plain.html").write_text(text)
    page = folder / "page.html"
    page.write_text(text.replace("<head>", f"<head>{FIRST}", 1).replace("</body>", f"{LAST}</body>", 1))
    return page


def found(page: Path, width: int, *arguments: str) -> dict[str, Any]:
    printed = browser(page.parent, "--dump-dom", f"--window-size={width},1000", *arguments, page.as_uri())
    text = re.search(r'<pre id="found">(.*?)</pre>', printed, re.DOTALL)
    assert text
    return dict(json.loads(html.unescape(text.group(1))))


@pytest.mark.parametrize("width", [1400, 420])
def test_nothing_is_cut_off_fetched_or_broken(page: Path, width: int) -> None:
    seen = found(page, width)
    assert seen["problems"] == [] and seen["requests"] == []
    assert seen["width"] <= seen["window"]
    assert seen["moved"] and seen["cells"] == 64
    assert all(height > 40 for _, height in seen["sections"]), seen["sections"]
    assert all(height > 60 and paths > 3 for height, paths in seen["figures"])


def test_everything_that_a_reviewer_wants_is_there(page: Path) -> None:
    headings = found(page, 1400)["headings"]
    for name in (
        "Runs", "seed", "chip (SHA-256)", "Agreement", "Spikes of cells", "Intervals of cells, mesh",
        "Distance against time scale, cells, mesh", "Latency by hops", "Disorder",
        "Use of the cores against their limits", "Energy by component", "Messages per core over time",
    ):  # fmt: skip
        assert name in headings, name


@pytest.mark.slow
def test_dark_mode_print_and_screenshots(page: Path) -> None:
    from matplotlib.image import imread

    light = found(page, 1400)["dark"]
    dark = found(page, 1400, "--blink-settings=preferredColorScheme=0")["dark"]
    assert light == "rgb(255, 255, 255)" and dark == "rgb(20, 24, 28)"
    folder = page.parent
    plain = (folder / "plain.html").as_uri()
    for width in (1400, 420):
        shot = folder / f"{width}.png"
        browser(folder, f"--screenshot={shot}", f"--window-size={width},3000", plain)
        image = imread(shot)[..., :3]
        assert image.shape[1] == width
        bands = image[: image.shape[0] // 300 * 300].reshape(-1, 300, *image.shape[1:])
        assert all(band.std() > 0.01 for band in bands[:6])  # something is drawn all the way down
    browser(folder, f"--print-to-pdf={folder / 'page.pdf'}", "--no-pdf-header-footer", plain)
    assert (folder / "page.pdf").read_bytes()[:5] == b"%PDF-" and (folder / "page.pdf").stat().st_size > 20000
