"""Izhikevich's model with nine parameters (2007, Dynamical Systems in Neuroscience, chapter 8).

``cm dv/dt = k (v - v_r)(v - v_t) - u + i_syn + i_offset + i_inj``, ``du/dt = a (U(v) - u)`` with ``U(v) = b (v - v_r) +
b_cubic [v - v_b]+^3``; at v >= v_peak: v = c, u += d. The book's neurons have b_cubic = 0, except fast spiking
interneurons, which have b = 0. The least current that makes a neuron fire for ever is, for b < 0 or of saddle-node
type, ``(k (v_t - v_r) + b)^2 / (4 k)``: 51.43 pA for regular spiking.

Runge and Kutta's fourth order in steps of at most 0.1 ms; on the right-hand sides v is capped at v_peak, so that what
lies above it within a step leaves no trace in u. CARLsim's nine-parameter model is the same."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardCellType

from ..errors import NetworkError, suggestion
from .composition import Membrane
from .neuron_cell import NeuronCell

# pF, nS/mV, mV, mV, mV, 1/ms, nS, mV, pA, and pA/mV^3: Izhikevich 2007, chapter 8
PRESETS: dict[str, tuple[float, ...]] = {
    "RS": (100.0, 0.7, -60.0, -40.0, 35.0, 0.03, -2.0, -50.0, 100.0, 0.0),
    "IB": (150.0, 1.2, -75.0, -45.0, 50.0, 0.01, 5.0, -56.0, 130.0, 0.0),
    "CH": (50.0, 1.5, -60.0, -40.0, 25.0, 0.03, 1.0, -40.0, 150.0, 0.0),
    "FS": (20.0, 1.0, -55.0, -40.0, 25.0, 0.2, 0.0, -45.0, 0.0, 0.025),
}
NAMES = ("cm", "k", "v_r", "v_t", "v_peak", "a", "b", "c", "d", "b_cubic")
SCALES = (1e-3, 1e-3, 1.0, 1.0, 1.0, 1.0, 1e-3, 1.0, 1e-3, 1e-3)  # to nF, uS/mV, mV, 1/ms, uS, nA, nA/mV^3
CAPPED = "clip(v, -1*volt, v_peak)"


def preset(name: str) -> dict[str, float]:
    """Return the parameters of a kind of neuron, in PyNN's units.

    Raises
    ------
    NetworkError
        If there is no such kind.
    """
    if name not in PRESETS:
        raise NetworkError(
            f"there is no preset '{name}'", where="Izhikevich9", remedy=suggestion(name, PRESETS)
        )
    return {n: value * scale for n, value, scale in zip(NAMES, PRESETS[name], SCALES, strict=True)}


class Izhikevich9(NeuronCell, StandardCellType):
    """Izhikevich's nine-parameter neuron with exponential currents; ``Izhikevich9.preset("FS")`` is a fast spiking one.

    Presets are RS (regular spiking, the default), IB (intrinsically bursting), CH (chattering), FS (fast spiking).
    """

    status = "verified: rheobase of the equations, rates of Brian2 with the same equations"
    default_parameters: ClassVar[dict[str, Any]] = {**preset("RS"), "v_b": -55.0, "i_offset": 0.0}
    default_initial_values: ClassVar[dict[str, float]] = {"v": -60.0, "u": 0.0}
    recordable: ClassVar[list[str]] = ["spikes", "v", "u"]
    units: ClassVar[dict[str, str]] = {
        **{
            "cm": "nF",
            "k": "uS/mV",
            "v_r": "mV",
            "v_t": "mV",
            "v_peak": "mV",
            "a": "/ms",
            "b": "uS",
            "c": "mV",
        },
        **{"d": "nA", "b_cubic": "nA/mV^3", "v_b": "mV", "i_offset": "nA", "v": "mV", "u": "nA"},
    }
    membrane = Membrane(
        equations=f"dv/dt = (k*({CAPPED} - v_r)*({CAPPED} - v_t) - u + i_syn + i_offset + i_inj)/cm : volt\n"
        f"du/dt = a*(b*({CAPPED} - v_r) + b_cubic*clip({CAPPED} - v_b, 0*volt, 1*volt)**3 - u) : amp",
        parameters={
            **{
                "cm": "farad",
                "k": "siemens/volt",
                "v_r": "volt",
                "v_t": "volt",
                "v_peak": "volt",
                "a": "hertz",
            },
            **{
                "b": "siemens",
                "c": "volt",
                "d": "amp",
                "b_cubic": "amp/volt/volt/volt",
                "v_b": "volt",
                "i_offset": "amp",
            },
        },
        threshold="v >= v_peak",
        reset="v = c\nu += d",
        refractory="",
        potential=CAPPED,
        method="rk4",
        max_step=0.1,
    )

    @classmethod
    def preset(cls, name: str, **parameters: Any) -> Izhikevich9:
        """Return a neuron of the kind `name`, at rest; `parameters` replace some of its own."""
        own = {**preset(name), **parameters}
        neuron = cls(**own)
        rest = own["v_r"]
        if isinstance(rest, int | float):
            neuron.default_initial_values = {**cls.default_initial_values, "v": float(rest)}  # type: ignore[misc]
        return neuron
