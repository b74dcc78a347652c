"""Injected currents: constant, sinusoidal, stepwise, noisy.

The amplitude that acts from t_k to t_k + dt is the one at t_k; start and stop are taken at the nearest step.
So a current switched on at t_on changes v first at t_on + dt."""

from typing import Any, ClassVar

import numpy as np
from pyNN.standardmodels import electrodes

from .base import Electrode


class _Windowed(Electrode):
    """A current between start and stop."""

    units: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("start", "stop", "times", "dt"), "ms"),
        **dict.fromkeys(("amplitude", "amplitudes", "offset", "mean", "stdev"), "nA"),
        "frequency": "Hz",
        "phase": "degree",
    }
    _values: dict[str, Any]

    def _window(self, steps: np.ndarray) -> np.ndarray:
        first, last = (np.rint(self._values[name] / self.timestep) for name in ("start", "stop"))
        return (steps >= first) & (steps < last)

    @property
    def timestep(self) -> float:
        """Integration step (ms)."""
        return self._simulator.state.dt


class DCSource(_Windowed, electrodes.DCSource):
    __doc__ = electrodes.DCSource.__doc__
    status = "exact: closed forms"

    def waveform(self, first: int, n: int) -> np.ndarray:
        return np.where(self._window(np.arange(first, first + n)), self._values["amplitude"], 0.0)


class ACSource(_Windowed, electrodes.ACSource):
    # PyNN has the first line of DCSource
    status = "exact: closed forms"
    __doc__ = electrodes.ACSource.__doc__.replace(
        "a single pulse of current of constant amplitude", "a sinusoidal current"
    )

    def waveform(self, first: int, n: int) -> np.ndarray:
        steps = np.arange(first, first + n)
        v = self._values
        angle = 2e-3 * np.pi * v["frequency"] * (steps * self.timestep - v["start"]) + np.deg2rad(v["phase"])
        return np.where(self._window(steps), v["offset"] + v["amplitude"] * np.sin(angle), 0.0)


class StepCurrentSource(_Windowed, electrodes.StepCurrentSource):
    __doc__ = electrodes.StepCurrentSource.__doc__
    status = "exact: closed forms"

    def checked(self, values: dict[str, Any], timestep: float) -> dict[str, Any]:
        """Round the times to steps; of several in one step the last counts."""
        times, amplitudes = np.asarray(values["times"], float), np.asarray(values["amplitudes"], float)
        if len(times) != len(amplitudes):
            raise ValueError(
                f"StepCurrentSource: {len(times)} times but {len(amplitudes)} amplitudes; give one for each"
            )
        if len(times) and (times.min() < 0 or np.any(np.diff(times) < 0)):
            raise ValueError("StepCurrentSource: times must not be negative and must not decrease; sort them")
        steps = np.rint(times / timestep)
        last = np.append(np.diff(steps) > 0, True)[: len(steps)]
        return {"times": steps[last] * timestep, "amplitudes": amplitudes[last]}

    def waveform(self, first: int, n: int) -> np.ndarray:
        steps = np.rint(np.asarray(self._values["times"]) / self.timestep)
        amplitudes = np.concatenate([[0.0], self._values["amplitudes"]])
        return amplitudes[np.searchsorted(steps, np.arange(first, first + n), side="right")]


class NoisyCurrentSource(_Windowed, electrodes.NoisyCurrentSource):
    __doc__ = electrodes.NoisyCurrentSource.__doc__
    status = "exact: its statistics, in closed form"

    def waveform(self, first: int, n: int) -> np.ndarray:
        v = self._values
        hold = max(1, round(v["dt"] / self.timestep))
        steps = np.arange(first, first + n)
        start = int(np.rint(v["start"] / self.timestep))
        interval = np.maximum(steps - start, 0) // hold
        low = int(interval[0]) if n else 0
        block = 256  # draws come in blocks keyed by their number: any cut of a run gives the same noise
        blocks = range(low // block, (int(interval[-1]) if n else 0) // block + 1)
        draws = np.concatenate([self._draws(b, block) for b in blocks])
        noise = v["mean"] + v["stdev"] * draws[interval - blocks[0] * block]
        return np.where(self._window(steps), noise, 0.0)

    def _draws(self, block: int, size: int) -> np.ndarray:
        seed = (self._simulator.state.network.seed, self._number, block)
        return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed))).standard_normal(size)
