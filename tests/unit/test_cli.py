"""The command ``pynn-ext``: what it runs, what it prints, how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pynn_ext import __version__, runner
from pynn_ext.cli import main, split_run
from pynn_ext.errors import UsageError
from pynn_ext.progress import duration
from tests import warm

CHECKOUT = Path(__file__).resolve().parents[2]
BODY = """
sim.setup(timestep=0.1)
cells = sim.Population(3, sim.IF_curr_exp(i_offset=1.0), label="cells")
cells.record("spikes")
source = sim.Population(2, sim.SpikeSourceArray(spike_times=[5.0]))
sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.0), receptor_type="excitatory")
"""
ASKS = "import sys\nfrom pyNN.utility import get_simulator\nsim, options = get_simulator()\n" + BODY
HARD = "import sys\nimport pyNN.nest as sim\n" + BODY
RUN = "sim.run(100.0)\nprint(sim.__name__, sys.argv[1:], cells.mean_spike_count())\n"


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in `folder`, in a process that has what it imports."""
    return warm.run("pynn_ext", arguments, folder)


def cold_command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in `folder`, for what depends on when and where it imports."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(
        [sys.executable, "-m", "pynn_ext", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A script that takes the simulator's name."""
    path = tmp_path / "script.py"
    path.write_text(ASKS + RUN)
    return path


# --- running ------------------------------------------------------------------------------------------------


def test_backend_becomes_the_first_argument(script: Path) -> None:
    done = cold_command(script.parent, "run", "script.py", "--backend", "codegen")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "pynn_ext.backends.codegen ['codegen'] 3.0\n"
    line = done.stderr.splitlines()[-1]
    assert line.startswith("pynn-ext: 3 neurons and 2 spike sources, 6 synapses: 100 ms simulated in ")
    assert line.endswith(", 9 recorded spikes")


def test_without_backend_the_arguments_pass_as_they_are(script: Path) -> None:
    done = command(script.parent, "run", "script.py", "codegen")
    assert done.stdout == "pynn_ext.backends.codegen ['codegen'] 3.0\n"


def test_figures_as_json(script: Path) -> None:
    done = command(script.parent, "run", "--json", "script.py", "codegen")
    figures = json.loads(done.stdout.splitlines()[-1])
    assert (figures["neurons"], figures["spike_sources"], figures["synapses"]) == (3, 2, 6)
    assert (figures["simulated_ms"], figures["recorded_spikes"], figures["networks"]) == (100.0, 9, 1)


def test_a_backend_in_the_script_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "hard.py").write_text(HARD + RUN)
    done = command(tmp_path, "run", "hard.py", "--backend", "codegen", "an", "--argument")
    assert done.stdout == "pyNN.nest ['an', '--argument'] 3.0\n", done.stderr
    assert "pynn-ext: pyNN.nest is codegen in this run" in done.stderr.splitlines()


def test_a_name_made_at_run_time_is_replaced_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text('name = "moose"\nexec("import pyNN.%s as sim" % name)\nimport sys\n' + BODY + RUN)
    done = command(tmp_path, "run", "script.py", "--backend", "codegen")
    assert done.returncode == 1
    assert "--backend codegen --replace moose" in done.stderr.splitlines()[-1]
    done = command(tmp_path, "run", "script.py", "--backend", "codegen", "--replace", "moose")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "pyNN.moose [] 3.0\n"


def test_star_import_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "star.py").write_text(
        "from pyNN.neuron import *\nsetup()\nrun(1.0)\nprint(Population.__module__)\n"
    )
    done = command(tmp_path, "run", "star.py", "--backend", "codegen")
    assert done.stdout == "pynn_ext.backends.codegen\n", done.stderr


def test_progress_changes_no_result(tmp_path: Path) -> None:
    """Callbacks and runs are cut into pieces; traces and spikes stay the same to the last bit."""
    text = ASKS + (
        "cells.record('v')\n"
        "class Step:\n"
        "    def __call__(self, t):\n"
        "        cells.set(i_offset=1.0 + t / 200)\n"
        "        return t + 7.3\n"
        "sim.run(50.0)\nsim.run(100.05, callbacks=[Step()])\n"
        "import hashlib\n"
        "data = cells.get_data().segments[0]\n"
        "print(data.analogsignals[0].shape, hashlib.sha256(data.analogsignals[0].magnitude.tobytes()).hexdigest())\n"
        "print([train.magnitude.tolist() for train in data.spiketrains])\n"
    )
    (tmp_path / "script.py").write_text(text)
    plain = command(tmp_path, "run", "script.py", "codegen", "--no-progress")
    shown = cold_command(tmp_path, "run", "script.py", "codegen", "--progress")
    assert plain.returncode == shown.returncode == 0, shown.stderr
    assert plain.stdout == shown.stdout
    line = plain.stderr.splitlines()[-1]
    assert "150.1 ms simulated" in line or "150 ms simulated" in line


def test_progress_shows_the_time_remaining(tmp_path: Path) -> None:
    text = ASKS + "import time\nsim.run(100.0, callbacks=[lambda t: time.sleep(0.2) or t + 12.5])\n"
    (tmp_path / "script.py").write_text(text)
    done = cold_command(tmp_path, "run", "script.py", "codegen", "--progress")
    shown = [piece for piece in done.stderr.split("\r") if "of 100 ms" in piece]
    assert shown and all(" left" in piece for piece in shown)


def test_spikes_are_counted_across_clear_reset_and_setup(tmp_path: Path) -> None:
    text = ASKS + (
        "sim.run(50.0)\ncells.get_data(clear=True)\nsim.run(50.0)\nsim.reset()\nsim.run(100.0)\n"
        "sim.setup()\none = sim.Population(1, sim.IF_curr_exp(i_offset=1.0))\none.record('spikes')\nsim.run(100.0)\n"
    )
    (tmp_path / "script.py").write_text(text)
    done = command(tmp_path, "run", "--json", "script.py", "codegen")
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["networks"] == 2 and figures["neurons"] == 1
    assert figures["simulated_ms"] == 300.0
    assert figures["recorded_spikes"] == 9 + 9 + 3


def test_a_script_without_simulation(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("print(__name__, __file__)\n")
    done = command(tmp_path, "run", "script.py")
    assert done.stdout == "__main__ script.py\n"
    assert "no simulation" in done.stderr


def test_files_of_the_working_folder_are_not_executed(script: Path) -> None:
    """Importing Brian2 evaluates brian_preferences, importing pyNN.utility imports settings: not for us."""
    folder = script.parent
    plant = "open('executed', 'a').write('x')"
    (folder / "settings.py").write_text(plant)
    (folder / "brian_preferences").write_text(f"core.default_float_dtype = [{plant}, float64][1]\n")
    (folder / "cache").mkdir(mode=0o700)
    script.write_text(
        "import os\nhere = os.getcwd()\n" + ASKS + RUN + "assert os.getcwd() == here\nimport brian2\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYNN_EXT_CACHE": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, "-m", "pynn_ext", "run", "script.py", "codegen"],
        cwd=folder,
        env=environment,
        check=False,
    )
    assert done.returncode == 0
    assert not (folder / "executed").exists()


def test_a_settings_module_of_the_script_is_its_own(script: Path) -> None:
    (script.parent / "settings.py").write_text("VALUE = 7\n")
    script.write_text("import pyNN.utility, settings\nprint(settings.VALUE)\n")
    assert cold_command(script.parent, "run", "script.py").stdout == "7\n"


# --- how it ends ----------------------------------------------------------------------------------------------


def test_a_failing_script_shows_its_own_traceback(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("def f():\n    raise KeyError('here')\n\n\nf()\n")
    ours = command(tmp_path, "run", "script.py")
    plain = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ours.returncode == 1
    assert ours.stderr.replace(f"{tmp_path}/", "") == plain.stderr.replace(f"{tmp_path}/", "")


def test_a_syntax_error(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("x = (\n")
    done = command(tmp_path, "run", "script.py", "--backend", "codegen")
    assert done.returncode == 1 and "SyntaxError" in done.stderr and "runpy" not in done.stderr


def test_what_the_backend_cannot_do_is_3(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(ASKS + "sim.MultiCompartmentNeuron()\n")
    done = command(tmp_path, "run", "script.py", "codegen")
    assert done.returncode == 3 and "MultiCompartmentNeuron is not available" in done.stderr


@pytest.mark.parametrize(("code", "expected"), [("0", 0), ("None", 0), ("5", 1), ("2", 2), ("'text'", 1)])
def test_exit_of_the_script(tmp_path: Path, code: str, expected: int) -> None:
    (tmp_path / "script.py").write_text(f"import sys\nsys.exit({code})\n")
    assert command(tmp_path, "run", "script.py").returncode == expected


def test_usage_errors_are_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ["run", str(tmp_path / "none.py")],
        ["run", "--backend", "codgen", "x.py"],
        ["example", "cobra"],
    ):
        assert main(arguments) == 2
    text = capsys.readouterr().err
    assert "none.py" in text and "'codegen'" in text and "'coba'" in text
    for arguments in (["run"], ["nonsense"], ["models", "--nonsense"]):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 2
    assert main([]) == 2


# --- arguments ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "ours", "theirs"),
    [
        (["s.py", "nest", "-n", "3"], [], ["nest", "-n", "3"]),
        (["--backend", "a", "s.py", "COBA"], ["--backend", "a"], ["COBA"]),
        (["s.py", "COBA", "--backend", "a", "--plot-figure"], ["--backend", "a"], ["COBA", "--plot-figure"]),
        (["s.py", "--backend=a", "--", "--backend", "b", "-h"], ["--backend=a"], ["--backend", "b", "-h"]),
        (["s.py", "-h"], [], ["-h"]),
        (["--progress", "--", "-s.py", "x"], ["--progress"], ["x"]),
    ],
)
def test_options_are_told_apart(given: list[str], ours: list[str], theirs: list[str]) -> None:
    mine, rest = split_run(["run", *given])
    assert mine[1:-2] == ours and mine[-1].endswith("s.py") and rest == theirs


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import pyNN.nest as sim", ["nest"]),
        ("from pyNN.neuron import *", ["neuron"]),
        ("from pyNN import brian2, space", ["brian2"]),
        ("def f():\n    import pyNN.nest.standardmodels\n    import pyNN.neuron", ["nest", "neuron"]),
        ("import pyNN.codegen as sim", ["codegen"]),
        ("from pyNN.random import NumpyRNG\nimport pyNN.utility", []),
        ("syntax error", []),
    ],
)
def test_imported_backends(source: str, names: list[str]) -> None:
    assert runner.imported_backends(source) == names


def test_what_is_replaced() -> None:
    one, two = "import pyNN.nest", "import pyNN.nest, pyNN.neuron"
    imports = "from pyNN.utility import get_script_args, get_simulator\n"
    asks = f"{imports}sim, options = get_simulator()\n"
    assert runner.replaced_backend(one, "codegen", None) == "nest"
    assert runner.replaced_backend(asks + one, "codegen", None) is None
    assert runner.replaced_backend(imports + one, "codegen", None) == "nest"  # imported and not called
    assert (
        runner.replaced_backend("from pyNN.utility import get_simulator as ask\n" + one, "codegen", None)
        is None
    )
    assert runner.replaced_backend(two, None, None) is None
    assert runner.replaced_backend(two, "codegen", "neuron") == "neuron"
    with pytest.raises(UsageError, match="--replace nest"):
        runner.replaced_backend(two, "codegen", None)
    with pytest.raises(UsageError, match="without --backend"):
        runner.replaced_backend(one, None, "nest")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.03142, "0.0314 s"), (12.3, "12 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


# --- lists ----------------------------------------------------------------------------------------------------


def test_backends(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backends", "--json"]) == 0
    assert "codegen" in {row["name"] for row in json.loads(capsys.readouterr().out)}
    assert main(["backends"]) == 0
    assert "codegen  " in capsys.readouterr().out


def test_models(tmp_path: Path) -> None:
    models = json.loads(command(tmp_path, "models", "--json").stdout)
    by_name = {model["name"]: model for model in models}
    assert by_name["IF_cond_exp"]["kind"] == "cell" and by_name["IF_cond_exp"]["parameters"]["tau_m"] == 20.0
    assert by_name["DCSource"]["kind"] == "current" and by_name["StaticSynapse"]["kind"] == "synapse"
    text = command(tmp_path, "models", "IF_cond_exp").stdout
    assert "| `tau_m` | 20.0 | ms |" in text and "dv/dt = (v_rest - v)/tau_m" in text
    text = command(tmp_path, "models", "--backend", "codegen").stdout
    row = next(line for line in text.splitlines() if line.startswith("MultiCompartmentNeuron"))
    assert " no " in row and "several compartments" in row


def test_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["example", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(list((CHECKOUT / "examples").rglob("*.py")))
    assert {"coba", "pycarl/heartbeat"} <= {row["name"] for row in rows}
    assert all(row["summary"] for row in rows)
    assert main(["example", "coba.py"]) == 0
    assert capsys.readouterr().out == (CHECKOUT / "examples" / "coba.py").read_text()
    assert main(["example", "coba", "--path"]) == 0
    assert Path(capsys.readouterr().out.strip()).samefile(CHECKOUT / "examples" / "coba.py")


def test_help_imports_nothing_slow(tmp_path: Path) -> None:
    assert "run an unmodified PyNN script" in cold_command(tmp_path, "--help").stdout
    code = (
        "import sys\nfrom pynn_ext.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'numpy', 'pyNN', 'brian2', 'scipy', 'neo'} & set(sys.modules)), file=sys.stderr)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"


def test_version(tmp_path: Path) -> None:
    assert cold_command(tmp_path, "--version").stdout == f"pynn-ext {__version__}\n"
