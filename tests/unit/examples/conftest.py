"""`example`: what an example prints and draws, run once for all tests that ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import warm

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
FIGURE = "figure.png"


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[str, Path]]:
    """Return a function that gives the output and the folder of an example, run there with ``pynn-ext run``.

    On the compiled engine it also draws its figure, ``figure.png``; elsewhere it only prints.
    """
    done: dict[tuple[str, str], tuple[str, Path]] = {}

    def get(name: str, backend: str = "codegen") -> tuple[str, Path]:
        if (name, backend) not in done:
            folder = tmp_path_factory.mktemp(name)
            command = ["run", str(EXAMPLES / f"{name}.py"), "--backend", backend]
            if backend == "codegen":
                command += ["--plot-figure", FIGURE]
            ran = warm.run("pynn_ext", command, folder)
            assert ran.returncode == 0, ran.stderr
            assert ("ms simulated in" in ran.stderr.splitlines()[-1]) == (backend != "nest")
            done[name, backend] = ran.stdout, folder
        return done[name, backend]

    return get
