"""The links on a message's way: as many as there are hops, each beginning where the last one ended."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.chip.noc.mesh import Mesh


@pytest.mark.parametrize(
    "options",
    [{}, {"routing": "yx"}, {"torus": True, "virtual_channels": 2}, {"cores": 4}],
    ids=["xy", "yx", "torus", "concentrated"],
)
def test_paths_of_all_pairs(options: dict[str, Any]) -> None:
    mesh = Mesh(columns=5, rows=4, **options)
    neighbours = mesh.neighbours()
    for source in range(0, mesh.terminals, 3):
        for destination in range(mesh.terminals):
            path = mesh.path(source, destination)
            assert len(path) == sum(int(n) for n in mesh.hops(np.array(source), np.array(destination)))
            at = source // mesh.cores
            for router, direction in path:
                assert router == at
                at = neighbours[router, direction]
            assert at == destination // mesh.cores
            turns = np.diff([direction // 2 for _, direction in path])
            assert np.count_nonzero(turns) <= 1 and (turns * (-1 if mesh.routing == "yx" else 1) >= 0).all()
