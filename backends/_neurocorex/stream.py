"""What goes over the serial line: the bytes that program the board, and the board's answers.

Each message starts with a command byte. Weight matrices and enable bits end with one byte that the chip
swallows; parameter words are 18 bits in three bytes, low byte first; enable bits are packed most significant
bit first. The answer to an emulation is the byte 0xFF followed by the spike bits of all steps, 90 per step,
neuron 0 first, least significant bit first and not aligned to steps. The answer to a read-back is the input
weights, row by row; the last of the 9216 does not reach the pin.

Serial line: 1 Mbaud, 8 data bits, no parity, one stop bit (tutorial notebooks of ORNL/NeuroCoreX).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pynn_ext.errors import NetworkError, UsageError

SLOTS = 96
NEURONS = 90
WORDS = SLOTS * SLOTS
BAUD = 1_000_000
END_OF_SPIKES = b"\xff\xff\xff"
MAX_WAIT = 255
#: First slot of a neuron: index into the parameter arrays.
FIRST_SLOT = 4
#: Rows of both weight matrices are postsynaptic, ``neuron + 6``; columns of the lateral one ``neuron + 5``.
FIRST_ROW = 6
FIRST_COLUMN = 5
#: Order of the messages in `Program.to_bytes`.
MESSAGES = ("debug", "aa", "ff", "stdp", "param")


def _matrix(fill: int) -> Any:
    return field(default_factory=lambda: np.full((SLOTS, SLOTS), fill, np.int64))


def _words(fill: int) -> Any:
    return field(default_factory=lambda: np.full(SLOTS, fill, np.int64))


@dataclass
class Program:
    """Everything that is written into the chip before an emulation, in the chip's own numbers.

    Attributes
    ----------
    w_aa, w_ff : ndarray of int, shape (96, 96)
        Lateral and input weights, -128..127; row = postsynaptic slot.
    stdp_aa, stdp_ff : ndarray of 0 and 1, shape (96, 96)
        Enable bits of plasticity, at the place of the weight.
    vthr, tref, tau, stdp : ndarray of int, shape (96,)
        Parameter words of 18 bits: threshold (Q7.10) and refractory steps per slot; ``tau[8]`` is the leak of
        all neurons; ``tref[0]`` the factor on input weights; ``stdp[0:3]`` windows and steps of plasticity.
    ibias : int
        Bias current (Q7.10) of one neuron.
    ndebug : int
        That neuron's number plus one.
    """

    w_aa: NDArray[np.int64] = _matrix(0)
    w_ff: NDArray[np.int64] = _matrix(0)
    stdp_aa: NDArray[np.int64] = _matrix(0)
    stdp_ff: NDArray[np.int64] = _matrix(0)
    vthr: NDArray[np.int64] = _words(130048)
    tref: NDArray[np.int64] = _words(0)
    tau: NDArray[np.int64] = _words(0)
    stdp: NDArray[np.int64] = _words(0)
    ibias: int = 0
    ndebug: int = 1

    def message(self, name: str) -> bytes:
        """Return one of `MESSAGES` as bytes; raises `NetworkError` for a value that has no code."""
        if name == "debug":
            return b"\x40" + words(np.array([self.ibias, self.ndebug]), "ibias, ndebug")
        if name == "param":
            return b"\x20" + b"".join(
                words(getattr(self, key), key) for key in ("vthr", "tref", "tau", "stdp")
            )
        if name == "stdp":
            bits = np.concatenate(
                [_checked(getattr(self, f"stdp_{key}"), 0, 1, f"stdp_{key}") for key in ("aa", "ff")]
            )
            return b"\x60" + np.packbits(bits.astype(np.uint8)).tobytes() + b"\0"
        command = {"ff": b"\x00", "aa": b"\x10"}[name]
        return (
            command
            + _checked(getattr(self, f"w_{name}"), -128, 127, f"w_{name}").astype(np.int8).tobytes()
            + b"\0"
        )

    def to_bytes(self, order: Sequence[str] = MESSAGES) -> bytes:
        """Return the programming stream, messages in `order`."""
        return b"".join(self.message(name) for name in order)


def _checked(values: ArrayLike, low: int, high: int, name: str) -> NDArray[np.int64]:
    """Flat copy of `values`; raises if one has no code."""
    flat = np.asarray(values).ravel()
    bad = np.flatnonzero((flat < low) | (flat > high) | (flat != np.rint(flat)))
    if len(bad):
        raise NetworkError(
            f"{name}[{bad[0]}] is {flat[bad[0]]}, as are {len(bad) - 1} others outside the range",
            where="NeuroCoreX",
            limit=f"whole numbers from {low} to {high}",
            remedy="scale the network so that it fits",
        )
    return flat.astype(np.int64)


def words(values: ArrayLike, name: str = "word") -> bytes:
    """Return words as three bytes each, low byte first; the chip ignores all but the low 18 bits."""
    flat = _checked(values, -(1 << 17), (1 << 24) - 1, name)
    flat = np.where(flat < 0, flat & 0x3FFFF, flat)
    return np.stack([flat & 255, flat >> 8 & 255, flat >> 16], axis=1).astype(np.uint8).tobytes()


def spikes(packets: Iterable[tuple[int, int]]) -> bytes:
    """Return the message that starts an emulation.

    Parameters
    ----------
    packets : iterable of (int, int)
        Steps to wait beyond one since the packet before (0 to 255), and input address (0 to 65535; 2 to 95 have a
        defined meaning). At most one enters per step. The chip consumes the last packet without processing it.
    """
    table = np.array(list(packets), np.int64).reshape(-1, 2)
    wait = _checked(table[:, 0], 0, MAX_WAIT, "wait")
    address = _checked(table[:, 1], 0, 0xFFFF, "address")
    if np.any((wait == MAX_WAIT) & (address == 0xFFFF)):
        raise NetworkError(
            "a packet (255, 65535) would end the message", where="NeuroCoreX", remedy="wait 254 steps"
        )
    data = np.stack([wait, address & 255, address >> 8], axis=1).astype(np.uint8)
    return b"\x30" + data.tobytes() + END_OF_SPIKES


def read_back() -> bytes:
    """Return the message that asks for the input weights."""
    return b"\x50\x7a"


def decode_spikes(answer: bytes) -> NDArray[np.uint8]:
    """Return the spikes of an answer.

    Parameters
    ----------
    answer : bytes
        Bytes of the chip from before the marker 0xFF on; everything before the marker is dropped.

    Returns
    -------
    ndarray of 0 and 1, shape (steps, 90)
        Complete steps only.

    Raises
    ------
    NetworkError
        If there is no marker.
    """
    marker = answer.find(b"\xff")
    if marker < 0:
        raise NetworkError(
            "the answer has no start marker 0xFF", where="NeuroCoreX", remedy="read from the start on"
        )
    bits = np.unpackbits(np.frombuffer(answer[marker + 1 :], np.uint8), bitorder="little")
    return bits[: len(bits) // NEURONS * NEURONS].reshape(-1, NEURONS)


def decode_weights(answer: bytes) -> NDArray[np.int8]:
    """Return the input weights of a read-back, shape (96, 96); the word that never arrives is 0."""
    if not WORDS - 1 <= len(answer) <= WORDS:
        raise NetworkError(
            f"{len(answer)} bytes of read-back",
            where="NeuroCoreX",
            limit=f"{WORDS - 1} arrive",
            remedy="read again",
        )
    return np.frombuffer(answer.ljust(WORDS, b"\0"), np.int8).reshape(SLOTS, SLOTS)


def write_stream(data: bytes, path: str | Path) -> None:
    """Write bytes to a file, whole or not at all."""
    import os
    import tempfile

    target = Path(path)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def exchange(port: str, data: bytes, answer_bytes: int, timeout: float = 2.0) -> bytes:
    """Send bytes to a board and return what it answers.

    Parameters
    ----------
    port : str
        Serial port, as pyserial names it (``/dev/ttyUSB1``, ``COM3``, ``loop://``).
    data : bytes
    answer_bytes : int
        Bytes to wait for.
    timeout : float
        Seconds without a byte after which the answer is complete.

    Raises
    ------
    UsageError
        If pyserial is not installed.
    """
    try:
        import serial
    except ImportError:
        raise UsageError("a serial port needs pyserial", remedy="pip install pyserial") from None
    with serial.serial_for_url(port, baudrate=BAUD, timeout=timeout) as line:
        line.reset_input_buffer()
        line.write(data)
        line.flush()
        return bytes(line.read(answer_bytes))
