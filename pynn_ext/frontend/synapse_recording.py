"""Recording at synapses: samples of what ``projection.get`` can read, taken while the network runs.

That is the weight and the other parameters, and, of a plastic synapse, its traces, its eligibility, and the modulator
that it sees (``projection.recordable``). A sample at time t is the value at t, although a synapse is computed at its
spikes: what decays has decayed to t. Spikes that reach the synapse at t itself are not in it yet.

``projection.record("weight", sampling_interval=10.0)`` samples all synapses from the present time on, every so many ms;
a run is divided at these times, which changes no result but the last bits of a rule whose synapses decay on a scale in
common (they are brought up to date there). ``projection.get_data()`` returns a Neo block with a segment for each run
between two resets, in it one signal per variable whose channels are the synapses, in the order of
``projection.get(..., format="list")``. PyNN 0.13 has no such calls; on its own backends a callback does the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..errors import NetworkError
from ..results import block_of
from .projection_checks import check_readable, recordable

if TYPE_CHECKING:
    import neo

    from .pieces import Piece
    from .projections import Projection


def present(piece: Piece, name: str, state: Any) -> np.ndarray:
    """Return the present values of a parameter or a recordable state, in the order of a block of connections."""
    block = piece.connections
    if name not in block.model.recordable:
        return piece.read(name, state.dt)
    if name in block.model.observed:
        return block.observe(name, state.t)
    if state.engine is None or state.network.step == 0:
        return np.zeros(len(block))
    return np.asarray(state.engine.plastic_trace(block, name), dtype=float)


@dataclass(frozen=True)
class Learned:
    """A variable of a learning procedure, which knows of what its values are.

    Attributes
    ----------
    procedure : LearningProcedure
    name : str
    link
        Whose weights the procedure reads.
    """

    procedure: Any
    name: str
    link: Any

    def track(self, interval: float | None, start: float) -> Any:
        """Return samples of it from `start` on (ms)."""
        return self.procedure.track(self.name, self.link, interval, start)

    def at(self, pre: np.ndarray, post: np.ndarray, label: str) -> np.ndarray:
        """Return the present value for synapses between these positions."""
        over = self.procedure.variables[self.name].over
        value = self.procedure.present(self.name, self.link)
        value = np.asarray(np.nan if value is None else value, dtype=float)
        if value.size == 1:
            return np.full(len(pre), value.flat[0])
        if not over:
            raise NetworkError(
                f"'{self.name}' has {value.size} values, none for a synapse", where=label,
                limit="get() reads values of synapses, or of the cells at their ends", remedy="record() it",
            )  # fmt: skip
        return np.asarray(value[pre, post] if over == "synapse" else value[pre if over == "pre" else post])


@dataclass(eq=False)
class Samples:
    """Samples of one variable.

    Attributes
    ----------
    name : str
    start, every : int
        Step of the first sample and steps between two.
    rows : list of ndarray
        One value per synapse.
    """

    name: str
    start: int
    every: int
    rows: list[np.ndarray] = field(default_factory=list)


class SynapseRecorder:
    """Records the synapses of one projection.

    Parameters
    ----------
    projection : Projection
    """

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self.samples: dict[str, Samples] = {}
        self.tracks: dict[str, Any] = {}  # of learning procedures
        self.segments: list[tuple[int, dict[str, Samples], dict[str, Any]]] = []

    @property
    def _state(self) -> Any:
        return self.projection._simulator.state

    def record(self, names: Iterable[str], sampling_interval: float | None) -> None:
        """Sample these variables from now on; every time step if no interval is given."""
        step = 1 if sampling_interval is None else sampling_interval / self._state.dt
        if step < 1 - 1e-6 or abs(step - round(step)) > 1e-6:
            raise NetworkError(
                f"a sampling_interval of {sampling_interval} ms",
                where=str(self.projection.label),
                limit=f"it is a multiple of the timestep, {self._state.dt:g} ms",
                remedy=f"for example sampling_interval={max(1, round(step)) * self._state.dt:g}",
            )
        names = list(names)
        for name in names:  # all of them, before anything is recorded
            self.projection.check_readable(name)
            self._check_trace(name)
        for name in names:
            learned = self.projection.learned(name)
            if learned:
                self.tracks[name] = learned.track(sampling_interval, self._state.t)
                continue
            self.samples[name] = Samples(name, self._state.network.step, round(step))

    def _check_trace(self, name: str) -> None:
        """Refuse a trace that the backend is known not to have."""
        for piece in () if self.projection.learned(name) else self.projection._pieces:
            model = piece.connections.model
            if name in model.recordable and name not in model.observed:
                self._state.check_trace(piece.connections, name)

    def next_step(self, step: int) -> int:
        """Return the first step after `step` at which a sample is due."""
        due = (s.start + ((step - s.start) // s.every + 1) * s.every for s in self.samples.values())
        return min(due, default=sys.maxsize)

    def sample(self, step: int) -> None:
        """Take the samples that are due at `step`, once."""
        for s in self.samples.values():
            if (step - s.start) % s.every == 0 and len(s.rows) == (step - s.start) // s.every:
                s.rows.append(self.projection.listed(s.name).astype(self._state.network.dtype))

    def begin_segment(self, number: int) -> None:
        """Keep what was recorded in segment `number`, and begin anew at step 0."""
        if any(s.rows for s in (*self.samples.values(), *self.tracks.values())):
            self.segments.append((number, self.samples, self.tracks))
        self.samples = {name: Samples(name, 0, s.every) for name, s in self.samples.items()}
        old, self.tracks = self.tracks, {}
        for name, track in old.items():
            if learned := self.projection.learned(name):
                self.tracks[name] = learned.track(track.interval, 0.0)

    def block(self, names: Iterable[str] | None, clear: bool) -> neo.Block:
        """Return what was recorded, of some variables or of all; forget it if `clear`."""
        projection = self.projection
        pairs = np.array(projection.get("weight", format="list")).reshape(-1, 3)[:, :2].astype(np.int64)

        def signals(samples: dict[str, Samples], tracks: dict[str, Any]) -> list[neo.AnalogSignal]:
            chosen = [s for s in samples.values() if s.rows and (names is None or s.name in names)]
            followed = [
                (name, track)
                for name, track in tracks.items()
                if track.rows and (names is None or name in names)
            ]
            return [
                *(self._signal(s, pairs) for s in chosen),
                *(track.signal(name, str(projection.label)) for name, track in followed),
            ]

        runs = [*self.segments, (self._state.segment_counter, self.samples, self.tracks)]
        found = block_of(
            ((number, signals(samples, tracks)) for number, samples, tracks in runs),
            str(projection.label),
            "call record() and run() before get_data()",
            description=projection.describe(),
        )
        if clear:
            step = self._state.network.step
            self.segments = []
            self.samples = {name: Samples(name, step, s.every) for name, s in self.samples.items()}
            for track in self.tracks.values():
                track.forget()
        return found

    def _signal(self, s: Samples, pairs: np.ndarray) -> neo.AnalogSignal:
        import neo
        from quantities import ms

        dt = self._state.dt
        return neo.AnalogSignal(
            np.array(s.rows), units=self._units(s.name), t_start=s.start * dt * ms,
            sampling_period=s.every * dt * ms, name=s.name, source_projection=str(self.projection.label),
            array_annotations={"presynaptic_index": pairs[:, 0], "postsynaptic_index": pairs[:, 1]},
        )  # fmt: skip

    def _units(self, name: str) -> str:
        synapse = self.projection.synapse_type
        parts = [synapse, *(part for part in vars(synapse).values() if hasattr(part, "units"))]
        known = next((part.units[name] for part in parts if name in getattr(part, "units", {})), "")
        modulation = next((part for part in parts if hasattr(part, "variable")), None)
        if modulation is not None and (name == "signal" or known == "as the signal"):
            known = modulation.population.celltype.units.get(modulation.variable, "")
        if name == "weight" or known == "as the weight":
            return self.projection.weight_units
        known = known.replace("weight", self.projection.weight_units).replace("^", "**")
        return "ms" if name == "delay" else known or "dimensionless"


class RecordedSynapses:
    """The part of a projection that records its synapses."""

    label: Any
    synapse_type: Any
    _simulator: Any
    post: Any
    receptor_type: Any
    procedures: list[Any]  # weak references to learning procedures
    _recorder: SynapseRecorder | None = None

    @property
    def weight_units(self) -> str:
        """Units of the weights: uS, nA or mV."""
        own = getattr(self.synapse_type, "units", {}).get("weight", "")
        if own in ("uS", "nA", "mV"):
            return str(own)
        if self.post.conductance_based:
            return "uS"
        models = [
            population.celltype.cell_model for population in getattr(self.post, "populations", [self.post])
        ]
        targets = {
            model.state_units.get(model.receptors.get(self.receptor_type, ("",))[0]) for model in models
        }
        return "mV" if targets == {"mV"} else "nA"

    @property
    def recordable(self) -> tuple[str, ...]:
        """What `record` and `get` know: parameters; traces, eligibility and modulator of a plasticity; and what
        learning procedures follow, under their own names where these are not taken, and as ``Procedure.name``."""
        own = recordable(self.synapse_type)
        return (*own, *(name for name in self._learned() if name not in own))

    def _learned(self) -> dict[str, Learned]:
        found: dict[str, Learned] = {}
        for reference in self.procedures:
            if (procedure := reference()) is not None:
                link = next(link for link in procedure.links if any(p is self for p in link.projections))
                for name in procedure.variables:
                    found[name] = found[f"{type(procedure).__name__}.{name}"] = Learned(procedure, name, link)
        return found

    def learned(self, name: str) -> Learned | None:
        """Return the variable of a learning procedure of that name, the newest one's, if there is any."""
        return (
            None
            if not self.procedures or name in recordable(self.synapse_type)
            else self._learned().get(name)
        )

    def check_readable(self, name: str) -> None:
        """Refuse what cannot be read."""
        if not self.learned(name):
            check_readable(name, self.synapse_type, str(self.label), self.recordable)

    def record(self, variables: Any, sampling_interval: float | None = None) -> None:
        """Record synapses from now on, as ``population.record`` does cells.

        Parameters
        ----------
        variables : str or list of str, or None
            Names in `recordable`, for example ``"weight"``; None ends the recording and forgets it.
        sampling_interval : float, optional
            ms; every time step by default.

        Raises
        ------
        NetworkError
            If a name is unknown, or the interval is no multiple of the time step.
        UnsupportedError
            If the backend is a chip without that trace; what only the mapped network shows is told by ``run``.
        """
        recorders = self._simulator.state.synapse_recorders
        if variables is None:
            self._recorder = None
            recorders[:] = [r for r in recorders if r.projection is not self]
            return
        if self._recorder is None:
            self._recorder = SynapseRecorder(cast("Projection", self))
        self._recorder.record([variables] if isinstance(variables, str) else variables, sampling_interval)
        if self._recorder not in recorders:
            recorders.append(self._recorder)

    def get_data(self, variables: Any = "all", clear: bool = False) -> Any:
        """Return what `record` recorded.

        Parameters
        ----------
        variables : str or list of str
            Names, or ``"all"``.
        clear : bool
            Whether to forget it.

        Returns
        -------
        neo.Block
            A segment for each run between two resets; signals of shape (samples, synapses), whose array annotations
            ``presynaptic_index`` and ``postsynaptic_index`` say which synapse a channel is.
        """
        if self._recorder is None:
            raise NetworkError(
                "nothing is recorded", where=str(self.label), remedy="call record('weight') before run()"
            )
        chosen = [variables] if isinstance(variables, str) else list(variables)
        return self._recorder.block(None if variables == "all" else chosen, clear)
