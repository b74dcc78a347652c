"""The PyNN API of a chip: what every backend has, the chip's options in ``setup``, and its report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import NetworkError
from ..models.base import Source
from ..models.registry import all_models
from .simulator import Simulator


class ChipSimulator(Simulator):
    """A backend whose engine is a model of a chip.

    The engine has, besides ``run(steps)``, ``report()`` and ``annotations()``. Spikes of sources enter the chip from
    outside, so every chip takes all of PyNN's sources beside its `models`.

    Parameters
    ----------
    stages : mapping of str to mapping
        Steps on the way to the chip, in order: what each is, and the keywords of ``setup`` that make it.
    """

    def __init__(
        self, *args: Any, stages: Mapping[str, Mapping[str, Any]] | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.stages = dict(stages or {})

    def _accepted(self) -> dict[str, type]:
        sources = {name: model for name, model in all_models().items() if issubclass(model, Source)}
        return {**super()._accepted(), **sources}

    def chip_report(self) -> dict[str, Any]:
        """Return what the chip did since the last reset: use of its cores, spikes, messages, time, energy.

        Raises
        ------
        NetworkError
            If nothing has run yet.
        """
        engine = self.state.engine
        if engine is None or not self.state.running:
            raise NetworkError("there is no report yet", where="chip_report", remedy="call run() before it")
        return dict(engine.report())

    def namespace(self) -> dict[str, Any]:
        """Return every public name of the backend's module."""
        return {**super().namespace(), "chip_report": self.chip_report}
