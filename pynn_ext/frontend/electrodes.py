"""Current sources: PyNN's interface around the waveforms of `pynn_ext.models`.

A source keeps every set of values it has had since time 0 with the step from which it holds, so that
`get_data` reproduces what was injected."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.parameters import ArrayParameter, ParameterSpace

from ..models.base import Source
from ..network import Injection
from .state import ID


class CurrentSource:
    """Mixed into each current source of a backend."""

    _simulator: Any
    _values: dict[str, Any]
    _history: list[tuple[int, dict[str, Any]]]

    def __init__(self, **parameters: Any) -> None:
        object.__setattr__(self, "_values", {})
        object.__setattr__(self, "_history", [])
        super().__init__(**parameters)
        state = self._simulator.state
        object.__setattr__(self, "_number", len(state.current_sources))
        state.current_sources.append(self)
        self.set_native_parameters(self.native_parameters)  # type: ignore[attr-defined]

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        """Change values from the present step on."""
        state = self._simulator.state
        parameters.shape = (1,)
        parameters.evaluate(simplify=True)
        new = {name: _plain(value) for name, value in parameters.items()}
        values = self.checked({**self._values, **new}, state.dt)  # type: ignore[attr-defined]
        object.__setattr__(self, "_values", values)
        self._history.append((state.network.step, values))

    def rewind(self) -> None:
        """Time begins anew: the present values hold from step 0."""
        self._history[:] = [(0, self._values)]

    def get_native_parameters(self) -> ParameterSpace:
        """Return the present values."""
        packed = {n: ArrayParameter(v) if isinstance(v, np.ndarray) else v for n, v in self._values.items()}
        space = ParameterSpace(packed, self.get_schema(), shape=(1,))  # type: ignore[attr-defined]
        return space

    def get_parameters(self) -> dict[str, Any]:
        """Return the present values by name."""
        return dict(self._values)

    def inject_into(self, cells: Any) -> None:
        """Inject into a Population, PopulationView, Assembly or list of cells; spike sources raise
        TypeError."""
        by_population: dict[Any, list[int]] = {}
        for cell in [cells] if isinstance(cells, ID) else cells:
            if not cell.celltype.injectable:
                what = "a spike source" if isinstance(cell.celltype, Source) else type(cell.celltype).__name__
                raise TypeError(f"Can't inject current into {what}.")
            by_population.setdefault(cell.parent, []).append(cell.parent.id_to_index(cell))
        for population, index in by_population.items():
            self._simulator.state.network.add_injection(
                Injection(population.group, np.array(index, dtype=np.int32), self.waveform)  # type: ignore[attr-defined]
            )

    def record(self) -> None:
        """Nothing to do: what was injected can always be told."""

    def _get_data(self) -> tuple[np.ndarray, np.ndarray]:
        state = self._simulator.state
        n = state.network.step + 1
        current = np.zeros(n)
        present = self._values
        for (start, values), (stop, _) in zip(self._history, [*self._history[1:], (n, None)], strict=True):
            if stop > start:
                object.__setattr__(self, "_values", values)
                current[start:stop] = self.waveform(start, stop - start)  # type: ignore[attr-defined]
        object.__setattr__(self, "_values", present)
        return np.arange(n) * state.dt, current


def _plain(value: Any) -> Any:
    return np.asarray(value.value, dtype=float) if isinstance(value, ArrayParameter) else float(value)
