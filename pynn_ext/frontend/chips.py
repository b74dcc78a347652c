"""The PyNN API of a chip: what every backend has, the chip's options in ``setup``, and its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import NetworkError, UnsupportedError
from ..models.base import Source
from ..models.registry import all_models
from ..network import Connections
from ..results.checkpoint import load, save
from .simulator import Simulator


class ChipSimulator(Simulator):
    """A backend whose engine is a model of a chip.

    The engine has, besides ``run(steps)``, ``report()`` and ``annotations()``. Spikes of sources enter the chip from
    outside, so every chip takes all of PyNN's sources beside its `models`.

    Parameters
    ----------
    stages : mapping of str to mapping
        Steps on the way to the chip, in order: what each is, and the keywords of ``setup`` that make it.
    kinds : mapping of type to str
        By base class, or union of these: what the chip lacks for models of that kind of which `lacks` says nothing.
    check_trace : callable, optional
        ``check_trace(connections, name, options)`` raises an error if the chip, with these options of ``setup``, has no
        trace of that name to read; what is only known of a mapped network is for the engine to say.
    """

    def __init__(
        self, *args: Any, stages: Mapping[str, Mapping[str, Any]] | None = None,
        kinds: Mapping[Any, str] | None = None,
        check_trace: Callable[[Connections, str, Mapping[str, Any]], None] | None = None, **options: Any,
    ) -> None:  # fmt: skip
        self.stages, self._kinds = dict(stages or {}), dict(kinds or {})
        super().__init__(*args, **options)
        if check_trace is not None:
            state = self.state
            state.check_trace = lambda connections, name: check_trace(connections, name, state.options)

    def _reason(self, name: str) -> str | None:
        model = all_models().get(name, object)
        found = (reason for kind, reason in self._kinds.items() if issubclass(model, kind))
        return super()._reason(name) or next(found, None)

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

    def save_checkpoint(self, path: Path | str) -> None:
        """Write the state of the network and the chip to a file, from which another process can go on.

        Parameters
        ----------
        path : path
            A NumPy file of arrays and text, without code.

        Raises
        ------
        UnsupportedError
            If this chip's engine keeps state elsewhere, or segments from before a reset are still held.
        """
        self._checkpoint(path, save)

    def load_checkpoint(self, path: Path | str) -> None:
        """Go on from a checkpoint, in place of ``run``, after the script has built the same network.

        Parameters
        ----------
        path : path
            As given to `save_checkpoint`; recordings from before it are there too.

        Raises
        ------
        NetworkError
            If the file is no checkpoint, or one of another network.
        """
        self.state.run_until(self.state.t)  # places the network on the chip
        self._checkpoint(path, load)

    def _checkpoint(self, path: Path | str, act: Callable[..., None]) -> None:
        state = self.state
        if not getattr(state.engine, "restorable", False):
            raise UnsupportedError(
                f"a checkpoint of {self.name}",
                where="checkpoint",
                limit="call run() before; engines that keep spikes in compiled code have none",
                remedy="loihi and neurocorex have checkpoints",
            )
        if state.segment_counter:
            raise UnsupportedError(
                "a checkpoint after reset()", where="checkpoint", remedy="save it in the first segment"
            )
        network = state.network
        about = {
            "backend": self.name,
            "timestep": network.timestep,
            "seed": network.seed,
            "groups": [[group.label, group.size] for group in network.groups],
            "synapses": [[block.label, len(block)] for block in network.connections],
            "probes": [[probe.variable, len(probe.index)] for probe in network.probes],
        }
        act(path, about, {"network": network, "engine": state.engine})

    def namespace(self) -> dict[str, Any]:
        """Return every public name of the backend's module."""
        own = {name: getattr(self, name) for name in ("chip_report", "save_checkpoint", "load_checkpoint")}
        return {**super().namespace(), **own}
