"""A script for pyNN.nest runs elsewhere; NEST's own models and calls are refused with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from pynn_ext import runner
from pynn_ext.dialects import speaking
from pynn_ext.dialects.nest import SAME
from pynn_ext.errors import UnsupportedError
from pynn_ext.plugins import load_backend

SCRIPT = """
import nest
import pyNN.nest as sim
sim.setup(timestep=0.1)
nest.SetKernelStatus({"rng_seed": 3})
sim.nest.SetKernelStatus({"total_num_virtual_procs": 2})
cells = sim.Population(2, sim.IF_curr_exp(i_offset=1.0))
"""


def run(text: str, tmp_path: Path) -> int:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT + text)
    return runner.run(str(script), [], "codegen")


def test_preparing_nest_has_no_effect_and_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("sim.run(10.0)", tmp_path) == runner.OK
    assert capsys.readouterr().err.count("nest.SetKernelStatus is about NEST's kernel: no effect here") == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nest.SetStatus(cells.all_cells, 'V_m', -70.0)", "write set() of the population or projection"),
        ("sim.nest.Simulate(10.0)", "write run()"),
        ("nest.SetKernelStatus({'resolution': 1.0})", "write setup(timestep=...)"),
        ("sim.native_cell_type('iaf_psc_exp')", "write IF_curr_exp; its V_th is v_thresh"),
        ("sim.native_cell_type(nest_model='ht_neuron')", "pynn-ext models lists what there is"),
        ("sim.native_synapse_type('stdp_synapse_hom')", "write STDPMechanism\n"),
        ("sim.native_electrode_type('noise_generator')", "write NoisyCurrentSource\n"),
        ("sim.nestml.nestml_cell_type('own', 'own.nestml')", "codegen does not read NESTML"),
        ("from pyNN.nest.nestml import nestml_cell_type", "codegen does not read NESTML"),
    ],
)
def test_what_only_nest_has_is_refused(
    line: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line, tmp_path) == runner.UNSUPPORTED
    assert said in capsys.readouterr().err


def test_a_cell_type_from_equations_is_still_made() -> None:
    backend = load_backend("codegen")
    sim = speaking("nest", backend, "codegen")["pyNN.nest"]
    made = sim.native_cell_type("Own", "dv/dt = -v/tau : volt", {"tau": (10.0, "second")})
    assert made.default_parameters == {"tau": 10.0}


def test_the_models_named_in_remedies_exist_and_are_what_pynn_nest_makes() -> None:
    backend = load_backend("codegen")
    assert [name for name in SAME.values() if not hasattr(backend, name)] == []
    nest = pytest.importorskip("pyNN.nest")
    cells = {k: v for k, v in SAME.items() if hasattr(getattr(nest, v, None), "nest_name")}
    named = {name: getattr(nest, standard).nest_name for name, standard in cells.items()}
    assert len(named) > 10
    assert [
        n for n, known in named.items() if n not in (known.values() if isinstance(known, dict) else [known])
    ] == []


def test_a_name_that_is_not_there() -> None:
    sim = speaking("nest", load_backend("codegen"), "codegen")["pyNN.nest"]
    with pytest.raises(AttributeError, match="which has no 'Foo'"):
        sim.Foo  # noqa: B018
    with pytest.raises(UnsupportedError, match=r"nest\.ll_api belongs to NEST"):
        sim.nest.ll_api  # noqa: B018
    assert not hasattr(sim.nest, "__version__")
