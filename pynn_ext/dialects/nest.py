"""pyNN.nest: NEST's own models, and NEST itself.

A script may ask pyNN.nest for models of NEST (``native_cell_type("iaf_psc_exp")``) and call NEST beside PyNN. Neither
exists elsewhere. The error names the standard model that pyNN.nest makes of the same model of NEST, where there is one.
Calls that only prepare NEST do nothing, and say so once; any other would build or change a network that is not the one
that runs, and is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from ..errors import UnsupportedError
from . import without_effect

BACKEND = "nest"
MODULES = ("pyNN.nest",)

#: Models of NEST and the standard model that is the same.
SAME = {
    "iaf_psc_alpha": "IF_curr_alpha",
    "iaf_psc_exp": "IF_curr_exp",
    "iaf_psc_exp_ps": "IF_curr_exp",
    "iaf_psc_delta": "IF_curr_delta",
    "iaf_psc_delta_ps": "IF_curr_delta",
    "iaf_cond_alpha": "IF_cond_alpha",
    "iaf_cond_exp": "IF_cond_exp",
    "iaf_cond_exp_sfa_rr": "IF_cond_exp_gsfa_grr",
    "aeif_cond_alpha": "EIF_cond_alpha_isfa_ista",
    "aeif_cond_exp": "EIF_cond_exp_isfa_ista",
    "hh_cond_exp_traub": "HH_cond_exp",
    "gif_cond_exp": "GIF_cond_exp",
    "izhikevich": "Izhikevich",
    "poisson_generator": "SpikeSourcePoisson",
    "spike_generator": "SpikeSourceArray",
    "static_synapse": "StaticSynapse",
    "tsodyks_synapse": "TsodyksMarkramSynapse",
    "stdp_synapse": "STDPMechanism",
    "stdp_synapse_hom": "STDPMechanism",
    "gap_junction": "ElectricalSynapse",
    "dc_generator": "DCSource",
    "ac_generator": "ACSource",
    "noise_generator": "NoisyCurrentSource",
    "step_current_generator": "StepCurrentSource",
}
#: Parameters of NEST's integrate-and-fire cells.
NAMES = (
    "; its V_th is v_thresh, E_L v_rest, t_ref tau_refrac, tau_syn_ex tau_syn_E, E_ex e_rev_E, g_L cm/tau_m, "
    "I_e i_offset; pF, pA, nS are nF, nA, uS"
)
WITHOUT_EFFECT = ("ResetKernel", "SetKernelStatus", "set_verbosity")
IN_PLACE_OF = {
    "Simulate": "run()",
    "SetStatus": "set() of the population or projection",
    "GetStatus": "get() of the population or projection",
    "Create": "Population",
    "Connect": "Projection",
    "SetDefaults": "parameters of the cell or synapse type",
    "GetConnections": "Projection.get()",
    "GetKernelStatus": "get_time_step(), get_current_time() or num_processes()",
}


def additions(backend: Any, name: str) -> dict[str, Any]:
    """Return what pyNN.nest has beyond PyNN, as errors that name the remedy."""
    kinds = ("native_cell_type", "native_synapse_type", "native_electrode_type")
    beside = ModuleType("nest")
    vars(beside).update(HELPERS["nest"])
    nestml = ModuleType("nestml")
    nestml.__getattr__ = lambda function: _refuse_nestml(function, name)  # type: ignore[method-assign]
    return {"nest": beside, "nestml": nestml, **{kind: _native(kind, backend, name) for kind in kinds}}


def _native(kind: str, backend: Any, name: str) -> Callable[..., Any]:
    own = getattr(backend, kind, None)

    def native(*args: Any, **kwargs: Any) -> Any:
        if own is not None and len(args) + len(kwargs) > 1:  # a cell type from equations
            return own(*args, **kwargs)
        model = str(next(iter((*args, *kwargs.values())), ""))
        same = SAME.get(model, model)
        known = hasattr(backend, same)
        raise UnsupportedError(
            f"{kind}({model!r}) is a model of NEST; {name} has PyNN's standard models",
            remedy=f"write {same}{NAMES * same.startswith(('IF_', 'EIF_'))}"
            if known
            else "pynn-ext models lists what there is",
        )

    native.__name__ = kind
    native.__doc__ = "Refuse a model of NEST, and name the standard model that is the same."
    return native


def _refuse(attribute: str) -> Any:
    if attribute.startswith("__"):
        raise AttributeError(attribute)
    raise UnsupportedError(
        f"nest.{attribute} belongs to NEST, which simulates nothing in this run",
        remedy=f"write {IN_PLACE_OF.get(attribute, 'it with PyNN')}, or run the script on pyNN.nest itself",
    )


def _refuse_nestml(function: str, name: str) -> Any:
    if function.startswith("__"):
        raise AttributeError(function)
    raise UnsupportedError(
        f"nestml.{function} compiles a description in NESTML for NEST; {name} does not read NESTML",
        remedy="take a standard model (pynn-ext models), make the cell type from Brian2 equations "
        "(native_cell_type of codegen), or run the script on pyNN.nest itself",
    )


def _preparing(function: str) -> Callable[..., None]:
    ignored = without_effect(f"nest.{function}", "is about NEST's kernel: no effect here")

    def checked(*args: Any, **kwargs: Any) -> None:
        if "resolution" in kwargs or any("resolution" in given for given in args if isinstance(given, dict)):
            raise UnsupportedError(
                f"nest.{function} sets NEST's resolution", remedy="write setup(timestep=...)"
            )
        ignored()

    checked.__name__, checked.__doc__ = function, ignored.__doc__
    return checked


HELPERS: dict[str, dict[str, Any]] = {
    "nest": {"__getattr__": _refuse, **{function: _preparing(function) for function in WITHOUT_EFFECT}}
}
