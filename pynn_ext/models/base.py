"""What a standard model declares: PyNN's class plus the equations an engine runs.

A file of this folder defines one (or a few closely related) subclasses of one of these bases together with
the class of `pyNN.standardmodels` that it implements. Parameter names and units are PyNN's own, so every
translation is the identity. A backend binds each class to itself with `bind`; nothing else lists the models.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import build_translations

from ..errors import pynn_error, suggestion
from ..network import CellModel, Connections, SynapseModel
from ..network.cells import column_name
from .composition import Membrane, Response
from .formulas import by_distance


def identity(names: Any) -> dict[str, Any]:
    """Return PyNN translations that leave every name and value as it is."""
    return build_translations(*((name, name) for name in names))


class Model:
    """Base of every standard model; `_simulator` is set by `bind`.

    `status` says what its numbers were checked against: a closed form, another simulator, the numbers of a paper or
    of its authors' code, or that part of it is inferred."""

    _simulator: ClassVar[Any] = None
    status: ClassVar[str] = ""
    default_parameters: ClassVar[dict[str, Any]]
    units: ClassVar[dict[str, str]]  # of parameters and variables; a dimensionless one may be left out
    translations: dict[str, Any]

    def __init__(self, *args: Any, **parameters: Any) -> None:
        known = self.default_parameters
        for name in parameters:
            if known and name not in known:
                raise pynn_error(
                    "NonExistentParameterError",
                    f"{type(self).__name__} has no parameter '{name}'",
                    remedy=suggestion(name, known),
                )
        super().__init__(*args, **parameters)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if getattr(cls, "default_parameters", None) and "translations" not in cls.__dict__:
            cls.translations = identity(cls.default_parameters)


class Cell(Model):
    """A cell with dynamics: `cell_model` holds its equations.

    `signal` names the variable that modulates synapses which are given such cells, `signal_decay` the parameter with
    the time constant of its decay in each step if it does nothing else in it."""

    cell_model: ClassVar[CellModel]
    signal: ClassVar[str] = ""
    signal_decay: ClassVar[str] = ""
    receptor_types: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        model = cls.__dict__.get("cell_model")
        if isinstance(model, CellModel):  # PyNN's class may name receptors that the equations do not have
            cls.receptor_types = tuple(model.receptors)

    def can_record(self, variable: str, location: Any = None) -> bool:
        """Every state variable can be recorded."""
        recordable = self.recordable  # type: ignore[attr-defined]
        known = self.cell_model.state_variables
        return location is None and (variable in recordable or column_name(variable) in known)


class Neuron(Model):
    """The neuron of a `PointNeuron`, without receptors."""

    membrane: ClassVar[Membrane]


class Receptor(Model):
    """A receptor of a `PointNeuron`; `aliases` are further names of the class."""

    response: ClassVar[Response]
    aliases: ClassVar[tuple[str, ...]] = ()


class Source(Model):
    """A spike source: `source_group` names the class of `pynn_ext.network` that emits its spikes."""

    source_group: ClassVar[type]


class Synapse(Model):
    """A synapse type: `synapse_model` holds its statements (for STDP it is composed per instance).

    `limits` holds the least and the largest value of parameters that have such."""

    units: ClassVar[dict[str, str]] = {"weight": "uS, nA or mV", "delay": "ms"}
    synapse_model: SynapseModel
    limits: ClassVar[dict[str, tuple[float, float]]] = {}

    def __init__(self, *args: Any, **parameters: Any) -> None:
        super().__init__(*args, **{name: by_distance(value) for name, value in parameters.items()})

    def get_native_names(self, *names: str) -> list[str]:
        """Return the names as they are, also those of state that is no parameter."""
        return list(names or self.translations)

    def _get_minimum_delay(self) -> float:
        return self._simulator.state.default_delay

    def check(self, connections: Connections, timestep: float) -> None:
        """Refuse connections that cannot be computed with `timestep` (ms)."""

    def parameters_from_target(self, cell_parameters: dict[str, Any], receptor: str) -> dict[str, Any]:
        """Return further parameters that follow from the postsynaptic cells.

        Parameters
        ----------
        cell_parameters : dict
            Parameters of the postsynaptic cells: floats, or arrays of one value per cell.
        receptor : str
            Name of the receptor that the synapses reach.
        """
        return {}

    def parameters_from_source(self, size: int) -> dict[str, Any]:
        """Return further parameters, one value for each of the `size` cells of the presynaptic side."""
        return {}


class Electrode(Model):
    """A current source: `waveform` gives its amplitude."""

    def checked(self, values: dict[str, Any], timestep: float) -> dict[str, Any]:
        """Return `values` as they act on a grid of `timestep` ms, or raise ValueError."""
        return values

    def waveform(self, first: int, n: int) -> Any:
        """Return the amplitudes (nA) that act from step ``first + i`` to the next, float64, shape
        ``(n,)``."""
        raise NotImplementedError


def bind(model: type, simulator: Any, module: str) -> type:
    """Return a subclass of `model` that belongs to `simulator` and lives in `module`."""
    return type(
        model.__name__, (model,), {"_simulator": simulator, "__module__": module, "__doc__": model.__doc__}
    )
