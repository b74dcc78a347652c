"""One backend: `Simulator` binds the front end and the models to an engine and gives the module its names.

A backend module ends with::

    simulator = Simulator(__name__, "label", engine_factory)
    globals().update(simulator.namespace())

Each backend has a state of its own, so several work in one process.
"""

from __future__ import annotations

import difflib
import inspect
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any

from pyNN import common, errors, random, space
from pyNN import network as pynn_network
from pyNN.random import GSLRNG, RandomDistribution
from pyNN.space import Space
from pyNN.standardmodels import base as pynn_base
from pyNN.standardmodels import cells, electrodes, receptors, synapses

from ..errors import UnsupportedError
from ..models.base import Electrode, bind
from ..models.registry import all_models
from . import connectors as connector_module
from . import populations, projections
from .assemblies import Assembly
from .electrodes import CurrentSource
from .interrupts import INTERRUPTS, StoppedError
from .native import native_cell_type
from .random import NativeRNG, NumpyRNG
from .recording import Recorder
from .state import DEFAULT_SEED, State

MISSPELT = 0.77  # similarity of a keyword: "num_threads" is a slip, "spike_precision" is an argument of NEST
REASONS = {"MultiCompartmentNeuron": "it has several compartments; pyNN.neuron and pyNN.arbor simulate it"}


class Simulator:
    """The PyNN API of one backend.

    Parameters
    ----------
    module : str
        Name of the backend's module.
    name : str
        Name of the simulator, as it stands in the annotations of results.
    engine_factory : callable
        ``engine_factory(network, threads=...)`` returns an object with ``run(steps)``.
    models : collection of str, optional
        Names of the standard models that the engine takes; all by default.
    lacks : mapping of str to str, optional
        Why it does not take a model, and which one is nearest.
    options : mapping of str to object, optional
        Keywords of ``setup`` that go to the engine, with their defaults. An engine with options also gets
        ``report``, to tell what it changes.
    precisions : collection of str
        What the engine can compute in, ``"double"`` and ``"single"``; empty if it has an arithmetic of its own, of
        which it says itself what it rounds.
    draw_partners : callable, optional
        ``draw_partners(state, counts, size, first, with_replacement, drawn=, worth_compiling=)`` draws for many
        cells at once what connectors else draw cell by cell, or returns None.
    """

    def __init__(
        self, module: str, name: str, engine_factory: Callable[..., Any], *, models: Collection[str] | None = None,
        lacks: Mapping[str, str] | None = None, options: Mapping[str, Any] | None = None,
        precisions: Collection[str] = (), draw_partners: Callable[..., Any] | None = None,
    ) -> None:  # fmt: skip
        self.module, self.name = module, name
        self._accepts, self._lacks, self._options = models, lacks or {}, options
        self.state = State(engine_factory, options, precisions)
        self.draw_partners = draw_partners
        self.ID = populations.ID
        self._bind_structures()
        self._models = self._bind_models()
        _, self._run_until = common.build_run(self)
        self.reset = common.build_reset(self)

    # --- structure -----------------------------------------------------------------------------------------

    def _bind_structures(self) -> None:
        self.Assembly = self._bound(Assembly)
        self.PopulationView = self._bound(populations.PopulationView, _assembly_class=self.Assembly)
        self.PopulationView._view_class = self.PopulationView
        self.Population = self._bound(
            populations.Population,
            _assembly_class=self.Assembly,
            _view_class=self.PopulationView,
            _recorder_class=self._bound(Recorder),
        )
        self.Connection = projections.Connection
        self.Projection = self._bound(projections.Projection)
        self.Network = type("Network", (pynn_network.Network,), {"sim": property(lambda network: self)})

    def _bound(self, cls: type, **attributes: Any) -> Any:
        return type(
            cls.__name__,
            (cls,),
            {"_simulator": self, "__doc__": cls.__doc__, "__module__": self.module, **attributes},
        )

    def _bind_models(self) -> dict[str, type]:
        bound: dict[str, type] = {}
        for name, model in self._accepted().items():
            bases = (CurrentSource, model) if issubclass(model, Electrode) else (model,)
            merged = type(name, bases, {"__doc__": model.__doc__}) if len(bases) > 1 else model
            bound[name] = bind(merged, self, self.module)
        for name in (*_standard_names(), *all_models()):
            if name not in bound:
                bound[name] = _not_available(name, self.name, self._reason(name))
        self.Projection._static_synapse_class = bound["StaticSynapse"]
        return bound

    def _reason(self, name: str) -> str | None:
        """Return why there is no such model here."""
        return self._lacks.get(name)

    def _accepted(self) -> dict[str, type]:
        models = all_models()
        return models if self._accepts is None else {n: m for n, m in models.items() if n in self._accepts}

    # --- control -------------------------------------------------------------------------------------------

    def setup(
        self, timestep: float = 0.1, min_delay: float | str = "auto", *, threads: int = 1, rng_seed: int = DEFAULT_SEED,
        strict: bool = False, fresh_noise: bool = False, precision: str = "double", record_to: Any = None,
        **extra_params: Any,
    ) -> int:  # fmt: skip
        """Begin a new network; any existing one is destroyed.

        Parameters
        ----------
        timestep : float
            Integration step (ms).
        min_delay : float or "auto"
            Smallest synaptic delay (ms); ``max_delay`` may be given as well.
        threads : int
            Number of threads; results do not depend on it.
        rng_seed : int
            Seed of Poisson sources and noise. It has a default, so the same script gives the same result.
        strict : bool
            Whether anything that would be rounded or changed is an error.
        fresh_noise : bool
            Whether sources, noise and stochastic synapses draw new numbers after each ``reset``, as trials want. The
            default repeats the run exactly.
        precision : {"double", "single"}
            Of the state of cells, of weights and of the arithmetic on them. Single precision is faster and takes half
            the memory; recorded signals are then float32. A backend with an arithmetic of its own says that it
            keeps it.
        record_to : path, optional
            Folder for everything that populations record: it is written while the network runs, so that memory stays
            bounded and nothing is lost if the process dies. `get_data` and `write_data` read from there, and
            `pynn_ext.read_recordings` does in another process. A folder with recordings in it is refused.
        **extra_params
            Arguments of other simulators; ignored, with a warning if one looks like a misspelt argument of this one.

        Returns
        -------
        int
            The rank of the process, 0.
        """
        common.setup(timestep, min_delay, **extra_params)
        self.state.configure(
            timestep, min_delay, extra_params.get("max_delay", "auto"), threads, rng_seed, strict, fresh_noise,
            precision, record_to, {name: extra_params[name] for name in self._options or () if name in extra_params},
        )  # fmt: skip
        self._report_misspelt(extra_params)
        return self.rank()

    def _report_misspelt(self, names: Collection[str]) -> None:
        """Report ignored keywords that are close to one that would have been acted on."""
        known = sorted(self.settings())
        for name in sorted(set(names) - set(known)):
            close = difflib.get_close_matches(name, known, n=1, cutoff=MISSPELT)
            if close:
                self.state.report(
                    f"'{name}' is no argument of this backend and is ignored; did you mean '{close[0]}'?",
                    f"setup({name}=...)",
                    f"use '{close[0]}', or leave it out",
                )

    def settings(self) -> set[str]:
        """Return the keywords that ``setup()`` acts on; it ignores others, as PyNN's backends do."""
        own = set(inspect.signature(self.setup).parameters) - {"extra_params"}
        return own | {"max_delay"} | set(self._options or ())

    def run(self, simtime: float, callbacks: Any = None) -> float:
        """Advance by `simtime` ms; see `run_until`."""
        return self.run_until(self.state.t + simtime, callbacks)

    def run_until(self, time_point: float, callbacks: Any = None) -> float:
        """Advance to `time_point`, rounded to the nearest step; the first Ctrl-C ends the run before.

        Parameters
        ----------
        time_point : float
            Time (ms).
        callbacks : list of callable
            Each is called with the present time and returns the next time at which it wants to be called,
            which is at least one step ahead.

        Returns
        -------
        float
            The present time (ms).
        """
        state = self.state

        def advancing(callback: Any) -> Any:
            # PyNN's loop would call for ever if a callback asked for the present step
            return lambda t: max(callback(t), state.t + state.dt)

        end = time_point if time_point < state.t else state.step_of(time_point) * state.dt
        INTERRUPTS.begin()
        try:
            return self._run_until(end, [advancing(callback) for callback in callbacks or ()])
        except StoppedError:
            print(
                f"pynn_ext: stopped at {state.t:.6g} of {end:.6g} ms; the script goes on with what was simulated "
                "and simulates no more. Ctrl-C ends it",
                file=sys.stderr,
            )
            return state.t

    def end(self, compatible_output: bool = True) -> None:
        """Write the files that ``record(..., to_file=...)`` asked for."""
        for population, variables, filename in self.state.write_on_end:
            population.write_data(filename, variables)
        self.state.write_on_end = []

    def rank(self) -> int:
        """Return the rank of the process."""
        return self.state.mpi_rank

    def list_standard_models(self) -> list[str]:
        """Return the names of the standard cell types that this backend simulates."""
        available = self._accepted()
        return [
            n for n, m in self._models.items() if n in available and issubclass(m, pynn_base.StandardCellType)
        ]

    # --- names ---------------------------------------------------------------------------------------------

    def namespace(self) -> dict[str, Any]:
        """Return every public name of the backend's module."""
        names: dict[str, Any] = {
            "errors": errors, "random": random, "space": space, "Space": Space, "NumpyRNG": NumpyRNG, "GSLRNG": GSLRNG,
            "RandomDistribution": RandomDistribution, "NativeRNG": NativeRNG, "Network": self.Network,
            "Population": self.Population, "PopulationView": self.PopulationView, "Assembly": self.Assembly,
            "Projection": self.Projection, "Connection": self.Connection, "setup": self.setup, "end": self.end,
            "run": self.run, "run_until": self.run_until, "run_for": self.run, "reset": self.reset,
            "initialize": common.initialize, "set": common.set, "list_standard_models": self.list_standard_models,
            "native_cell_type": native_cell_type,
        }  # fmt: skip
        queries = common.build_state_queries(self)
        query_names = (
            "get_current_time",
            "get_time_step",
            "get_min_delay",
            "get_max_delay",
            "num_processes",
            "rank",
        )
        names.update(zip(query_names, queries, strict=True))
        names.update({name: getattr(connector_module, name) for name in connector_module.__all__})
        names.update(self._models)
        for name, model in all_models().items():
            names.update({alias: self._models[name] for alias in getattr(model, "aliases", ())})
        names.update(self._procedures(names))
        return names

    def _procedures(self, names: dict[str, Any]) -> dict[str, Any]:
        record = common.build_record(self)
        return {
            "create": common.build_create(self.Population),
            "connect": common.build_connect(
                self.Projection, names["FixedProbabilityConnector"], names["StaticSynapse"]
            ),
            "record": record,
            "record_v": lambda source, filename: record(["v"], source, filename),
            "record_gsyn": lambda source, filename: record(["gsyn_exc", "gsyn_inh"], source, filename),
        }


def _standard_names() -> list[str]:
    """Names of all of PyNN's standard models."""
    abstract = {name for name, value in vars(pynn_base).items() if inspect.isclass(value)}
    names = []
    for module in (cells, synapses, electrodes, receptors):
        for name, value in vars(module).items():
            own = inspect.isclass(value) and value.__module__ == module.__name__
            if own and issubclass(value, pynn_base.StandardModelType) and name not in abstract:
                names.append(name)
    return names


def _not_available(name: str, simulator: str, reason: str | None = None) -> type:
    reason = reason or REASONS.get(name, "it is not implemented here yet")

    def refuse(self: Any, *args: Any, **kwargs: Any) -> None:
        raise UnsupportedError(
            f"{name} is not available on the backend '{simulator}'",
            limit=reason,
            remedy="'pynn-ext models' lists what is; pyNN.nest or pyNN.neuron may have this one",
        )

    return type(
        name, (pynn_base.ModelNotAvailable,), {"__init__": refuse, "__doc__": f"Not available: {reason}."}
    )
