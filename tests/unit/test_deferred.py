"""Modules that PyNN imports and a run does not use: when they are imported, and that nobody else sees a difference.

Each case is a process of its own, since a module is imported once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
WAITING = ("neo", "quantities", "scipy.sparse", "neo.io", "quantities.constants", "jinja2", "numpy.f2py")
RUN = """
import sys
sys.modules["csa"] = sys.modules["mpi4py"] = None  # PyNN imports them, and so everything, if they are there
import builtins
before = builtins.__import__
import pynn_ext, numpy
import pyNN.codegen as sim
assert builtins.__import__ is before
"""


def process(code, folder=None, **environment):
    """Execute `code` after the import of a backend; return what it prints."""
    path = os.pathsep.join([str(folder)] * (folder is not None) + [str(CHECKOUT)])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_network_needs_none_of_them():
    out = process(
        f"""{RUN}
sim.setup()
cells = sim.Population(3, sim.IF_cond_exp(i_offset=1.0))
sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01))
cells.record(["spikes", "v"])
print([name for name in {WAITING} if name in sys.modules])
"""
    )
    assert out == "[]\n"


def test_a_script_run_by_the_command_needs_none_of_them(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(f"import sys\nimport pyNN.codegen\nprint([n for n in {WAITING} if n in sys.modules])\n")
    command = """
import sys
sys.modules["csa"] = sys.modules["mpi4py"] = None
from pynn_ext.runner import execute
execute({!r}, [])
"""
    assert process(command.format(str(script))) == "[]\n"


def test_they_are_imported_as_ever_if_deferral_is_turned_off():
    out = process(f"{RUN}print([name for name in {WAITING} if name in sys.modules])", PYNN_EXT_DEFER="0")
    assert out == f"{list(WAITING)}\n"


def test_modules_have_the_same_names_with_and_without():
    show = f"""{RUN}
import json, lazyarray, neo, quantities, pyNN.descriptions, pyNN.network
modules = (neo, quantities, lazyarray, pyNN.descriptions, pyNN.network)
first = [dir(module) for module in modules]
assert [dir(module) for module in modules] == first
print(json.dumps(first))
"""
    names, plain = json.loads(process(show)), json.loads(process(show, PYNN_EXT_DEFER="0"))
    assert names == plain


@pytest.mark.parametrize(
    "code",
    [
        """
import pyNN.recording, pyNN.standardmodels.base
assert pyNN.recording.neo.Block and pyNN.standardmodels.base.pq.ms
import neo, quantities
assert pyNN.recording.neo is neo and pyNN.standardmodels.base.pq is quantities
assert type(neo.__loader__) is type(neo.__spec__.loader) is type(neo.core.__loader__)
assert 'neo.io' not in sys.modules and 'quantities.constants' not in sys.modules
""",
        """
import importlib, importlib.util
spec = importlib.util.find_spec('neo')
assert spec.origin.endswith('__init__.py') and 'Neo is a package' in spec.loader.get_source('neo')
import neo
assert importlib.reload(neo) is neo is sys.modules['neo'] and neo.NixIO
""",
        """
sim.setup()
cells = sim.Population(2, sim.IF_cond_exp(i_offset=1.0))
cells.record(['spikes', 'v'])
sim.run(20.0)
assert 'neo' not in sys.modules
block = cells.get_data(clear=True)
import neo
from quantities import mV
assert type(block) is neo.Block and block.segments[0].analogsignals[0].units == mV
sim.run(5.0)
assert float(cells.get_data().segments[0].spiketrains[0].t_start) == 20.0
""",
        """
import neo, neo.io, quantities as pq, lazyarray
assert neo.NixIO is neo.io.NixIO is neo.io.nixio.NixIO
assert pq.constants is sys.modules['quantities.constants']
assert lazyarray.sparse.csr_matrix is __import__('scipy.sparse').sparse.csr_matrix
""",
        """
from neo import AsciiSignalIO, io
from quantities.constants import electron
from pyNN.descriptions import render
assert io.AsciiSignalIO is AsciiSignalIO and electron.e.dimensionality.string == 'e'
assert render('jinja2', '{{ a }}!', {'a': 3}) == '3!'
""",
        """
from neo import *
from quantities import *
assert Block and PickleIO and constants.electron and mV
""",
        """
import neo, lazyarray
assert not hasattr(neo, 'nothing') and neo.io is sys.modules['neo.io'] and neo.get_io is neo.io.get_io
assert lazyarray.np is numpy and lazyarray.sqrt(lazyarray.larray(4.0, (2,))).evaluate()[1] == 2
assert 'f2py' in dir(numpy) and numpy.f2py.__name__ == 'numpy.f2py'
""",
        """
from pyNN.network import get_io
assert get_io('x.pkl').filename == 'x.pkl'
""",
    ],
)
def test_whoever_asks_gets_the_module_itself(code):
    process(f"{RUN}{code}")


def test_a_sparse_matrix_is_seen_to_be_one():
    process(
        f"""{RUN}
import lazyarray
assert not lazyarray.sparse.issparse(numpy.eye(3)) and "scipy.sparse" not in sys.modules
from scipy.sparse import csr_matrix
array = lazyarray.larray(csr_matrix(numpy.eye(3)))
assert lazyarray.sparse.issparse(array.base_value) and not lazyarray.sparse.issparse(3)
assert (array.evaluate() == numpy.eye(3)).all() and array[1, 1] == 1.0
"""
    )


def test_what_is_imported_already_stays():
    process(
        """
import sys
sys.modules["csa"] = sys.modules["mpi4py"] = None
import jinja2, neo.io, scipy.sparse, quantities.constants
import pynn_ext
import pyNN.codegen, pyNN.descriptions, pyNN.network, pyNN.recording, lazyarray
assert pyNN.recording.neo is neo and pyNN.recording.pq is quantities
assert lazyarray.sparse is scipy.sparse and pyNN.descriptions.jinja2 is jinja2
assert neo.NixIO is neo.io.NixIO and pyNN.network.get_io is neo.io.get_io
assert "__getattr__" not in vars(neo) and "__getattr__" not in vars(quantities)
"""
    )


def test_a_missing_module_is_missing_as_ever():
    process(
        """
import sys
sys.modules.update(dict.fromkeys(("csa", "mpi4py", "scipy", "jinja2")))
import pynn_ext
import pyNN.codegen, pyNN.descriptions, lazyarray
assert not lazyarray.have_scipy and "jinja2" not in pyNN.descriptions.TEMPLATE_ENGINES
"""
    )


def test_a_missing_neo_is_missed_where_pynn_imports_it():
    process(
        """
import sys
sys.modules.update(dict.fromkeys(("csa", "mpi4py", "neo")))
import pynn_ext
try:
    import pyNN.codegen
except ImportError as error:
    assert error.name == "neo"
else:
    raise AssertionError
"""
    )


def test_a_broken_module_says_so_where_it_is_used(tmp_path):
    (tmp_path / "jinja2.py").write_text("raise OSError('the disk is gone')\n")
    process(
        f"""{RUN}
from pyNN.descriptions import render
for attempt in range(2):
    try:
        render("jinja2", "x", {{}})
    except OSError as error:
        assert "the disk is gone" in str(error)
    else:
        raise AssertionError
""",
        tmp_path,
    )


def test_imports_in_other_threads_get_whole_modules():
    process(
        """
import builtins, sys, threading
sys.modules["csa"] = sys.modules["mpi4py"] = None
sys.setswitchinterval(1e-5)
import pynn_ext
before = builtins.__import__
failures = []

def attempt(code):
    try:
        exec(code, {})
    except BaseException as error:
        failures.append((code, error))

codes = [
    "import pyNN.codegen as sim; sim.setup(); sim.Population(2, sim.IF_cond_exp())",
    "import pyNN.loihi as sim; sim.Population",
    "from scipy.sparse import issparse, csr_matrix; assert issparse(csr_matrix((2, 2)))",
    "import neo.io; assert neo.io.NixIO",
    "import quantities.constants as c; assert c.e",
    "import jinja2; assert jinja2.Environment().from_string('{{ a }}').render(a=1) == '1'",
]
threads = [threading.Thread(target=attempt, args=(code,)) for code in codes]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not failures, failures
assert builtins.__import__ is before
import neo, lazyarray, numpy
assert neo.PickleIO and lazyarray.np is numpy
"""
    )


@pytest.mark.parametrize("frozen", [False, True])
def test_the_garbage_collector_is_as_it_was(frozen):
    process(
        f"""
import gc, sys
sys.modules["csa"] = sys.modules["mpi4py"] = None
if {frozen}:
    gc.freeze()
import pynn_ext
import pyNN.codegen
assert gc.isenabled() and bool(gc.get_freeze_count()) == {frozen}
"""
    )
