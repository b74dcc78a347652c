"""The page of learning procedures: its code runs and does what it says, and no procedure is missing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pynn_ext.learning import procedures

CHECKOUT = Path(__file__).resolve().parents[3]
PAGE = (CHECKOUT / "docs" / "learning.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


def printed(code: str, folder: Path) -> str:
    (folder / "script.py").write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-W", "ignore", "-m", "pynn_ext", "run", "script.py", "--backend", "codegen"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def numbers(text: str) -> np.ndarray:
    return np.array([float(x) for x in re.findall(r"\d+\.\d*", text)])


def test_scaling_holds_the_sums(tmp_path: Path) -> None:
    found = numbers(printed(BLOCKS[0], tmp_path))
    assert found[:4] == pytest.approx([500, 1000, 1500, 2000])
    assert found[4] != pytest.approx(40.0, abs=1e-3) and found[5:] == pytest.approx([40.0] * 3, rel=0.2)


def test_a_procedure_of_one_s_own_makes_rates_equal(tmp_path: Path) -> None:
    assert numbers(printed(BLOCKS[1], tmp_path)) == pytest.approx([30.0] * 5, abs=5.0)
    assert (tmp_path / "rates.npz").exists()


def test_every_procedure_is_named() -> None:
    assert not [name for name in procedures() if f"`{name}`" not in PAGE]
