"""Connections between two groups, in the order in which spikes use them.

Synapses are sorted by (presynaptic cell, class, postsynaptic cell). A *class* is a distinct combination of
delay and trace time constants; nearly always there is one per distinct delay. Row ``pre * n_classes + class``
of `offsets` delimits the synapses that a spike of `pre` reaches after the delay of `class`. The presynaptic
index and the delay are implied by the position, the target takes 2 or 4 bytes, and a value that all synapses
share is stored once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError
from .cells import DOUBLE, CellGroup
from .rows import RowBuilder, layout_order
from .sources import SourceGroup
from .synapses import SynapseModel

Column = npt.NDArray[Any]  # shape (n,), or () for a value that all synapses share
LENT = ("offsets", "post_index", "columns")
LONG = 1 << 16  # values; a static weight of which as many as this are float32 numbers is stored as such
MOST_ROWS = 1 << 28  # of a block: 2 GB of offsets


@dataclass(eq=False)
class Connections:
    """All synapses of one model from one group to one receptor of another.

    Build with `Connections.build`; after that `columns`, `delay_steps` and `post` are the only copy. An engine that
    needs another order may borrow the arrays (`lend`); whoever reads them then gets them back from it.

    Attributes
    ----------
    delay_steps : ndarray
        int32, shape ``(n_classes,)``: the delay of each class, in steps.
    offsets : ndarray
        int64, shape ``(pre.size * n_classes + 1,)``.
    post_index : ndarray
        uint16 or uint32, shape ``(n,)``: postsynaptic cells.
    columns : dict of str to ndarray
        ``weight`` and the parameters and state of the model. One for each synapse is of type `dtype`, or float32 if
        nothing is lost by it.
    modulator : CellGroup or None
        One cell, or one for each postsynaptic cell, whose state the model reads.
    stream : int
        Number of the random stream of the synapses.
    """

    pre: CellGroup | SourceGroup
    post: CellGroup
    receptor: str
    model: SynapseModel
    dendritic_delay_fraction: float
    label: str
    delay_steps: npt.NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    class_values: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    offsets: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    post_index: npt.NDArray[Any] = field(default_factory=lambda: np.empty(0, np.uint32))
    columns: dict[str, Column] = field(default_factory=dict)
    initial: dict[str, Column] = field(default_factory=dict)
    stream: int = 0
    revision: int = 0
    modulator: CellGroup | None = None

    @classmethod
    def build(
        cls,
        pre: CellGroup | SourceGroup,
        post: CellGroup,
        receptor: str,
        model: SynapseModel,
        pre_index: npt.NDArray[Any],
        post_index: npt.NDArray[Any],
        delay_steps: int | npt.NDArray[Any],
        columns: dict[str, float | Column],
        dendritic_delay_fraction: float = 1.0,
        label: str = "",
        modulator: CellGroup | None = None,
    ) -> Connections:
        """Sort the given synapses (one entry each, any order) into the layout.

        `columns` holds ``weight`` and every parameter of the model: one number, or an array of shape
        ``(n,)``."""
        self = cls(pre, post, receptor, model, dendritic_delay_fraction, label, modulator=modulator)
        self._check_ends()
        values = {name: np.asarray(value, dtype=np.float64) for name, value in columns.items()}
        for name, start in model.state.items():
            values.setdefault(
                name, np.asarray(values[start] if isinstance(start, str) else start, dtype=np.float64)
            )
        self._arrange(np.asarray(pre_index), np.asarray(post_index), np.asarray(delay_steps), values)
        return self

    @classmethod
    def from_rows(
        cls,
        pre: CellGroup | SourceGroup,
        post: CellGroup,
        receptor: str,
        model: SynapseModel,
        rows: RowBuilder,
        label: str = "",
    ) -> Connections:
        """Take over static synapses that have nothing but weights and delays, and are in order."""
        self = cls(pre, post, receptor, model, 1.0, label)
        self._check_ends()
        self.delay_steps, self.offsets, self.post_index, weight = rows.finish()
        if weight.ndim and len(weight) < LONG:
            weight = weight.astype(self.dtype)
        self.columns = {"weight": weight}
        self.revision += 1
        return self

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of what statements read and write, as that of the postsynaptic cells."""
        return self.post.dtype

    def dtype_of(self, name: str) -> np.dtype[Any]:
        """Return the type in which statements read and write a column."""
        return DOUBLE if name in self.model.times else self.dtype

    def _check_ends(self) -> None:
        """Refuse cells that lack the state that the model reads, or the input that it acts on."""
        model = self.model
        self._check_modulator()
        reads = [set(model.pre_state.values()), set(model.post_state.values())]
        if model.symmetric:
            reads = [reads[0] | reads[1]] * 2
        acts = [model.symmetric, bool(model.coupling)]
        for group, names, acted in zip((self.pre, self.post), reads, acts, strict=True):
            state = group.state if isinstance(group, CellGroup) else {}
            if not names <= set(state):
                raise NetworkError(
                    f"{model.name} reads {', '.join(sorted(names))} of the cells at its ends",
                    where=self.label,
                    limit=f"'{group.label}' has no such state",
                    remedy=f"for example {model.needs}"
                    if model.needs
                    else "connect cells that have these state variables, not spike sources",
                )
            if acted and model.couples_to not in ("i_inj", *state):
                raise NetworkError(
                    f"{model.name} acts on '{model.couples_to}'",
                    where=self.label,
                    limit=f"'{group.label}' has no such input",
                    remedy=f"declare it in the equations of the cells: '{model.couples_to} : 1'",
                )

    def _check_modulator(self) -> None:
        """Refuse a modulator that does not fit the postsynaptic cells or lacks the state that the model reads."""
        names, group = self.model.modulator_state, self.modulator
        if not names:
            return
        if group is None or not set(names.values()) <= set(group.state):
            raise NetworkError(
                f"{self.model.name} reads {', '.join(sorted(names.values()))} of its modulator",
                where=self.label,
                limit="there is no modulator" if group is None else f"'{group.label}' has no such state",
                remedy="give it a population whose cells have these state variables",
            )
        if group.size not in (1, self.post.size):
            raise NetworkError(
                f"the modulator '{group.label}' has {group.size} cells",
                where=self.label,
                limit=f"one, or as many as the {self.post.size} postsynaptic ones",
                remedy="a whole Population of that size",
            )

    def _arrange(
        self,
        pre: npt.NDArray[Any],
        post: npt.NDArray[Any],
        delays: npt.NDArray[Any],
        values: dict[str, Column],
        initial: dict[str, Column] | None = None,
    ) -> npt.NDArray[np.int64]:
        """Build the layout and return the order in which it takes the given synapses."""
        keys = [delays] + [values[tau] for tau in self._class_parameters()]
        varying = [k for k in keys if k.ndim and k.size and np.any(k != k.flat[0])]
        n = len(pre)
        if len(varying) == 1 and varying[0] is delays:
            present = np.flatnonzero(np.bincount(delays))
            member = np.searchsorted(present, delays)
            table = np.broadcast_to(
                np.array([[float(k.flat[0])] for k in keys]), (len(keys), len(present))
            ).copy()
            table[0] = present
        elif varying:
            table, member = np.unique(
                np.stack(np.broadcast_arrays(*keys)).reshape(len(keys), -1), axis=1, return_inverse=True
            )
            member = member.reshape(-1)
        else:
            table, member = (
                np.array([[float(k.flat[0]) if k.size else 1.0] for k in keys]),
                np.zeros(n, np.int64),
            )
        classes = table.shape[1]
        self._check_classes(classes)
        self.delay_steps = table[0].astype(np.int32)
        self.class_values = dict(zip(self._class_parameters(), table[1:], strict=True))
        row = pre.astype(np.int64) * classes + member if classes > 1 else pre.astype(np.int64)
        order = layout_order(row, post)
        counts = np.bincount(row, minlength=self.pre.size * classes)
        self.offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.post_index = post[order].astype(np.uint16 if self.post.size <= 65536 else np.uint32)
        self.columns = {}
        for name, value in values.items():
            shared = value.ndim == 0 and name not in self._own_arrays()
            self.columns[name] = (
                value.copy() if shared else self._narrow(name, np.broadcast_to(value, (n,))[order])
            )
        start = {name: self.columns[name].copy() for name in self._own_arrays()}
        self.initial = start if initial is None else {name: value[order] for name, value in initial.items()}
        self.revision += 1
        return order

    def _check_classes(self, classes: int) -> None:
        """Refuse more rows than memory should hold: each source has one for each class."""
        if classes * self.pre.size > MOST_ROWS:
            names = ", ".join(["delay", *self._class_parameters()])
            raise NetworkError(
                f"{classes} different combinations of {names}",
                where=self.label,
                limit=f"that number times the {self.pre.size} sources is at most {MOST_ROWS}",
                remedy="draw time constants from few values",
            )

    def _narrow(self, name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the column of a network of single precision as such, and many static weights in half the memory if
        nothing is lost by it."""
        if self.dtype != DOUBLE and name not in self._class_parameters():
            return values.astype(self.dtype_of(name), copy=False)
        if name != "weight" or not self.model.static or len(values) < LONG:
            return values
        short = values.astype(np.float32)
        return short if np.array_equal(short, values) else values

    def lend(self, owner: Callable[[Connections], None]) -> None:
        """Give `offsets`, `post_index` and `columns` away; ``owner(self)`` returns them by `take_back` when they
        are read next."""
        if "columns" in self.__dict__:
            self._lent = len(self), owner
            del self.offsets, self.post_index, self.columns

    def take_back(
        self, offsets: npt.NDArray[np.int64], post_index: npt.NDArray[Any], weight: npt.NDArray[Any]
    ) -> None:
        """Receive what was lent."""
        self.offsets, self.post_index, self.columns = offsets, post_index, {"weight": weight}

    def __getattr__(self, name: str) -> Any:
        if name in LENT and "_lent" in self.__dict__:
            self._lent[1](self)
            return self.__dict__[name]
        raise AttributeError(name)

    @property
    def varies(self) -> bool:
        """Whether each synapse has a weight of its own and nothing else."""
        if "columns" not in self.__dict__:
            return True
        return list(self.columns) == ["weight"] and self.columns["weight"].ndim == 1

    def _class_parameters(self) -> list[str]:
        model = self.model
        scale = [model.scale.tau] if model.scale else []
        return list(dict.fromkeys([*model.pre_traces.values(), *model.post_traces.values(), *scale]))

    def _own_arrays(self) -> set[str]:
        """Names of columns that change per synapse while the network runs."""
        model = self.model
        plastic = {"weight"} if model.on_pre or model.on_post or model.on_step or model.on_rescale else set()
        return plastic | set(model.state)

    def __len__(self) -> int:
        return len(self.post_index) if "post_index" in self.__dict__ else self._lent[0]

    def pre_indices(self) -> npt.NDArray[np.int64]:
        """Return the presynaptic index of each synapse, int64, shape ``(n,)``."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets)) // len(self.delay_steps)

    def delays(self) -> npt.NDArray[np.int32]:
        """Return the delay of each synapse in steps, int32, shape ``(n,)``."""
        rows = np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))
        return self.delay_steps[rows % len(self.delay_steps)]

    def get(self, name: str) -> Column:
        """Return the present values of a column, float64, shape ``(n,)``."""
        return np.broadcast_to(self.columns[name].astype(np.float64, copy=False), (len(self),))

    def trace_rows(self, trace: str) -> npt.NDArray[np.int64]:
        """Return which entry of a trace, an array over (cell, class), each synapse uses; int64, shape ``(n,)``."""
        rows = np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))
        if trace in self.model.pre_traces:
            return rows
        classes = len(self.delay_steps)
        return self.post_index.astype(np.int64) * classes + rows % classes

    def observe(self, name: str, t: float = 0.0) -> Column:
        """Return a variable of the model's `observed` at time `t` (ms), float64, shape ``(n,)``."""
        model = self.model
        if model.present is not None:
            return np.broadcast_to(model.present(self.columns, t)[name], (len(self),)).astype(np.float64)
        if name in model.modulator_state and self.modulator is not None:
            values = self.modulator.state[model.modulator_state[name]].astype(np.float64)
            return values[self.post_index] if values.size > 1 else np.full(len(self), values.flat[0])
        return self.get(name)

    def set(self, name: str, value: float | Column) -> npt.NDArray[np.int64] | None:
        """Set a column, in the order of the layout, and what it returns to on reset.

        Returns
        -------
        ndarray or None
            A parameter that distinguishes classes makes the layout be built again: then the former position of
            each synapse.
        """
        value = np.asarray(value, dtype=np.float64)
        if name in self._class_parameters():
            values = {**self.columns, name: value}
            return self._arrange(self.pre_indices(), self.post_index, self.delays(), values, self.initial)
        if value.ndim == 0 and name not in self._own_arrays():
            self.columns[name] = value.copy()
        else:
            self.columns[name] = self._narrow(name, np.broadcast_to(value, (len(self),)).copy())
        if name in self.initial:
            self.initial[name] = self.columns[name].copy()
        self.revision += 1
        return None

    def set_delays(self, steps: int | npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Set the delays (steps; one number or shape ``(n,)``, in the order of the layout).

        Returns
        -------
        ndarray
            The former position of each synapse of the new layout.
        """
        pre, post = self.pre_indices(), self.post_index
        return self._arrange(pre, post, np.asarray(steps), dict(self.columns), self.initial)

    def bring_to(self, t: float) -> None:
        """Bring state that statements follow from spike to spike to time `t` (ms), before anything of it is set."""
        if self.model.present is not None:
            now = self.model.present(self.columns, t)
            for name in set(now) & set(self.model.state):
                self.columns[name][...] = now[name]
            for name in self.model.times:
                self.columns[name][...] = t
            self.revision += 1

    def reset(self) -> None:
        """Return plastic weights and synaptic state to their initial values."""
        for name, value in self.initial.items():
            self.columns[name][...] = value
