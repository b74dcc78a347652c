"""The mapping benchmark: the same spikes under every mapping, and the optimising ones cut what crosses the mesh."""

from __future__ import annotations

import re

import pytest

from benchmarks import mapping


@pytest.mark.slow
def test_optimising_mappings_cut_spikes_energy_and_latency(capsys: pytest.CaptureFixture[str]) -> None:
    assert mapping.main(["--cells", "1000", "--duration", "60"]) == 0
    printed = capsys.readouterr().out
    for baseline in ("random", "sequential"):
        row = re.search(rf"best against {baseline} \|(.*)", printed)
        assert row
        cuts = [int(number) for number in re.findall(r"(-?\d+) %", row.group(1))]
        assert len(cuts) == 3 and all(cut < 0 for cut in cuts)
    assert "SpiNeMap's claim | | | | -45 % | -21 % |" in printed
