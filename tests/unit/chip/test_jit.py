"""A compiled kernel is that of the sources that are there, and gives what plain Python gives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CALLED = "from pynn_ext.chip.jit import kernel\n\n\n@kernel\ndef step(x):\n    return x + {added}\n"
CALLER = (
    "from pynn_ext.chip.jit import kernel\nfrom called import step\n\n\n@kernel\ndef twice(x):\n"
    "    return step(step(x))\n\n\nprint(twice(1))\n"
)


def run(folder: Path, script: str, **environment: str) -> str:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[3]), str(folder)])}
    env |= {"NUMBA_CACHE_DIR": str(folder / "cache"), **environment}
    done = subprocess.run(
        [sys.executable, str(folder / script)], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_change_in_another_file_is_seen(tmp_path: Path) -> None:
    (tmp_path / "caller.py").write_text(CALLER)
    for added, expected in ((1, "3\n"), (10, "21\n"), (1, "3\n")):
        (tmp_path / "called.py").write_text(CALLED.format(added=added))
        assert run(tmp_path, "caller.py") == expected
        assert run(tmp_path, "caller.py", NUMBA_DISABLE_JIT="1") == expected
    assert list((tmp_path / "cache").rglob("*.nbi"))
