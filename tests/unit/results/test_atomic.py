"""A result is there whole, or the old one is, whenever the process dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pynn_ext.results import provenance, write_text, written

WRITER = """
import sys
from pathlib import Path
from pynn_ext.results import written
target = Path(sys.argv[1])
print("ready", flush=True)
for n in range(10**6):
    with written(target) as temporary:
        with temporary.open("w") as file:
            for _ in range(200):
                file.write(f"{n}\\n")
                file.flush()
"""


def test_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "result.json"
    write_text(target, "old")
    write_text(target, "new")
    assert target.read_text() == "new" and os.listdir(target.parent) == ["result.json"]


def test_an_error_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    write_text(target, "old")
    with pytest.raises(RuntimeError), written(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old" and os.listdir(tmp_path) == ["result.json"]


def test_killed_at_any_instant(tmp_path: Path) -> None:
    target = tmp_path / "result.txt"
    for attempt in range(12):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.002 + 0.0037 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        if target.exists():
            lines = target.read_text().splitlines()
            assert len(lines) == 200 and len(set(lines)) == 1


def test_provenance(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("pass\n")
    found = provenance(script)
    assert found["script"]["name"] == "script.py" and len(found["script"]["sha256"]) == 64
    assert found["packages"]["PyNN"].startswith("0.13")
