"""Runs many scripts, each in a process of its own, without a second of imports before each.

A server process imports the libraries once and then forks for every script (``fork`` gives the child a copy of the
parent's memory). The child runs the module as ``python -m`` would: own folder, arguments, environment, output and exit
code. What scripts leave behind ends with them.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LIBRARIES = (
    "pynn_ext",  # makes pyNN.codegen importable where the package is not installed
    *("numba", "sympy", "scipy.special", "matplotlib.pyplot", "neo.io", "pyNN.utility.plotting"),
    *("pyNN.codegen", "pyNN.loihi", "pyNN.mesh", "pyNN.neurocorex", "pynn_ext.cli", "pynn_ext.runner"),
)


class Server:
    """The process that forks; it ends with the one that started it."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-W", "ignore", "-m", "tests.warm"]
        # an empty folder, because imports read settings from the present one
        self._folder = tempfile.TemporaryDirectory()
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, cwd=self._folder.name, env=environment, stdin=pipe, stdout=pipe, text=True
        )

    def run(
        self, module: str, arguments: Sequence[str], folder: Path, variables: Mapping[str, str], limit: float
    ) -> subprocess.CompletedProcess[str]:
        """See `run`."""
        asked, told = self._process.stdin, self._process.stdout
        assert asked is not None and told is not None
        with tempfile.TemporaryDirectory() as name:
            stdout, stderr = Path(name, "stdout"), Path(name, "stderr")
            job = {
                "module": module,
                "arguments": [*arguments],
                "folder": str(folder),
                "variables": dict(variables),
            }
            print(json.dumps({**job, "stdout": str(stdout), "stderr": str(stderr)}), file=asked, flush=True)
            pid = int(told.readline())
            ended = threading.Event()
            late = threading.Timer(limit, lambda: ended.is_set() or os.kill(pid, 9))
            late.start()
            code = int(told.readline())
            ended.set()
            late.cancel()
            command = [module, *arguments]
            if code == -9:
                raise subprocess.TimeoutExpired(command, limit)
            return subprocess.CompletedProcess(command, code, stdout.read_text(), stderr.read_text())


@functools.cache
def _server() -> Server:
    return Server()


def run(
    module: str,
    arguments: Sequence[str],
    folder: Path,
    variables: Mapping[str, str] | None = None,
    limit: float = 180.0,
) -> subprocess.CompletedProcess[str]:
    """Run a module in a process of its own and return its exit code and what it printed.

    Parameters
    ----------
    module : str
        As after ``python -m``.
    arguments : sequence of str
        What stands behind it.
    folder : Path
        Working folder, existing.
    variables : mapping of str to str, optional
        Environment variables besides those that this process had when the first script ran.
    limit : float
        Longest time (s).

    Raises
    ------
    subprocess.TimeoutExpired
        If it took longer.
    """
    return _server().run(module, arguments, folder, variables or {}, limit)


def _become(job: dict[str, Any]) -> None:
    """Take on the folder, output, environment and arguments of a script, and run it."""
    for number, path in ((0, os.devnull), (1, job["stdout"]), (2, job["stderr"])):
        file = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    os.chdir(job["folder"])
    os.environ.update(job["variables"])
    sys.path[0] = job["folder"]
    sys.argv = [job["module"], *job["arguments"]]
    runpy.run_module(job["module"], run_name="__main__", alter_sys=True)


def main() -> None:
    """Import everything, then fork for each line of the input; the lines of the output are process and exit code."""
    for name in LIBRARIES:
        importlib.import_module(name)
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join()  # a fork copies no threads, and what they hold would stay locked
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _become(json.loads(line))
            return
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
