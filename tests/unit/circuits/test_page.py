"""The page of cells and circuits: its code runs, block after block, and no circuit is missing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from pynn_ext import circuits

CHECKOUT = Path(__file__).resolve().parents[3]
PAGE = (CHECKOUT / "docs" / "cells_and_circuits.md").read_text()


def test_its_code_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(blocks) == 7
    (tmp_path / "script.py").write_text("\n".join(blocks))
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-W", "ignore", "-m", "pynn_ext", "run", "script.py", "--backend", "codegen"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_circuit_is_on_it() -> None:
    assert not [name for name in circuits.offered() if name not in PAGE]
