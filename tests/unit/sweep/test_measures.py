"""Numbers of a run: what was recorded keeps its name, whatever the chip's report calls its own."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pynn_ext.compare.recordings import Recorded, Recordings, Segment
from pynn_ext.sweep.measures import measures


def test_a_number_of_the_report_does_not_take_the_place_of_a_measure() -> None:
    times = np.array([1.0, 2.0, 5.0])
    segment = Segment(10.0, times, np.zeros(3, dtype=np.int64), np.array([0]), {})
    report = {"spikes": 1, "lost": 2, "energy_nJ": {"soma": 3.0, "link": 4.0}}
    about = {
        "summary": {"run_s": 0.5, "total_s": 0.6},
        "annotations": {"chip_report": json.dumps(report)},
    }
    found = measures(Recordings([Recorded("cells", 1, "IF_curr_exp", [segment])], about))
    assert (found["spikes"], found["report.spikes"], found["lost"]) == (3, 1, 2)
    assert found["energy_nJ"] == found["energy_nJ.soma"] + found["energy_nJ.link"] == 7.0
    assert found["rate.cells"] == pytest.approx(300.0)
