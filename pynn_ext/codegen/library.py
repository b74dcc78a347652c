"""The records that `core/core.cpp` and `core/plastic.cpp` work on, and the handles of what is compiled of them.

Every pointer refers to memory of a NumPy array that the Python side keeps alive; only spike rings, logs and
queues belong to the core."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_double, c_int64, c_uint16, c_uint64, c_void_p
from functools import lru_cache
from typing import Any

import numpy as np

from . import cache
from .build import core_library


class GroupRecord(Structure):
    """``struct Group``."""

    _fields_ = [
        ("cells", c_int64),
        ("kind", c_int64),
        ("logged", c_int64),
        ("update", c_void_p),
        ("columns", c_void_p),
        ("n_columns", c_int64),
        ("states", c_void_p),
        ("n_states", c_int64),
        ("fed", c_void_p),
        ("ready", c_void_p),
        ("period", c_void_p),
        ("steps", c_void_p),
        ("index", c_void_p),
        ("total", c_int64),
        ("position", c_int64),
        ("rate", c_void_p),
        ("start", c_void_p),
        ("stop", c_void_p),
        ("hazard", c_void_p),
        ("draws", c_void_p),
        ("stream", c_uint64),
        ("keys", c_void_p),
        ("thresholds", c_void_p),
        ("level", c_void_p),
        ("levels", c_int64),
        ("open_from", c_double),
        ("open_to", c_double),
        ("bounds", c_void_p),
        ("counted", c_int64),
        ("listed", c_int64),
        ("slots", c_int64),
        ("ring", c_void_p),
        ("counts", c_void_p),
        ("guided", c_int64),
        ("guide", c_uint16 * 128),
        ("unseen", c_int64),
        ("log_step", c_void_p),
        ("log_index", c_void_p),
        ("logs", c_int64),
        ("log_capacity", c_int64),
    ]


class HistoryRecord(Structure):
    """``struct History``."""

    _fields_ = [
        ("column", c_void_p),
        ("ring", c_void_p),
        ("cells", c_int64),
        ("slots", c_int64),
        ("begun", c_void_p),
    ]


class ProjectionRecord(Structure):
    """``struct Projection``."""

    _fields_ = [
        ("pre", c_void_p),
        ("post", c_void_p),
        ("offsets", c_void_p),
        ("targets", c_void_p),
        ("wide", c_int64),
        ("weight", c_void_p),
        ("varied", c_int64),
        ("factor", c_double),
        ("receptor", c_void_p),
        ("classes", c_int64),
        ("delay", c_void_p),
        ("axonal", c_void_p),
        ("dendritic", c_void_p),
        ("see", c_void_p),
        ("grow", c_void_p),
        ("columns", c_void_p),
        ("beside", c_int64),
        ("traces", c_void_p),
        ("seen", c_int64),
        ("n_seen", c_int64),
        ("histories", c_void_p),
        ("n_pre_traces", c_int64),
        ("n_post_traces", c_int64),
        ("decay", c_void_p),
        ("post_offsets", c_void_p),
        ("entries", c_void_p),
        ("entry_bytes", c_int64),
        ("bits", c_int64),
        ("least", c_int64),
        ("pending", c_void_p),
        ("whole", c_int64),
        ("since", c_int64),
        ("stream", c_uint64),
        ("diagonal", c_int64),
        ("feeds", c_int64),
        ("nearest", c_void_p),
        ("sweep", c_void_p),
        ("rescale", c_void_p),
        ("fold", c_void_p),
        ("period", c_int64),
        ("until", c_void_p),
        ("scale", c_void_p),
        ("growth", c_void_p),
        ("signal", c_void_p),
        ("signals", c_int64),
        ("integral", c_void_p),
        ("gain", c_void_p),
        ("own", c_int64),
    ]


class ShareRecord(Structure):
    """``struct Share``."""

    _fields_ = [
        ("offsets", c_void_p),
        ("data", c_void_p),
        ("row", c_void_p),
        ("wide", c_int64),
        ("present", c_void_p),
        ("schedule", c_void_p),
    ]


class BundleRecord(Structure):
    """``struct Bundle``."""

    _fields_ = [
        ("pre", c_void_p),
        ("classes", c_int64),
        ("delay", c_void_p),
        ("bytes", c_int64),
        ("unit", c_double),
        ("shares", c_void_p),
    ]


class SliceRecord(Structure):
    """``struct Slice``."""

    _fields_ = [
        ("post", c_void_p),
        ("receptor", c_void_p),
        ("row", c_void_p),
        ("low", c_int64),
        ("high", c_int64),
        ("thread", c_int64),
        ("factor", c_double),
    ]


class PartRecord(Structure):
    """``struct Part``."""

    _fields_ = [
        ("offsets", c_void_p),
        ("targets", c_void_p),
        ("weights", c_void_p),
        ("wide", c_int64),
        ("classes", c_int64),
        ("member", c_void_p),
        ("low", c_int64),
        ("high", c_int64),
        ("base", c_int64),
    ]


class CouplingRecord(Structure):
    """``struct Coupling``."""

    _fields_ = [
        ("group", c_void_p),
        ("into", c_void_p),
        ("base", c_void_p),
        ("opens", c_int64),
        ("couple", c_void_p),
        ("columns", c_void_p),
        ("offsets", c_void_p),
        ("classes", c_int64),
        ("synapse", c_void_p),
        ("partner", c_void_p),
    ]


class InjectionRecord(Structure):
    """``struct Injection``."""

    _fields_ = [
        ("column", c_void_p),
        ("index", c_void_p),
        ("count", c_int64),
        ("wave", c_void_p),
        ("cells", c_int64),
        ("opens", c_int64),
    ]


class ProbeRecord(Structure):
    """``struct Probe``."""

    _fields_ = [
        ("column", c_void_p),
        ("index", c_void_p),
        ("count", c_int64),
        ("every", c_int64),
        ("start", c_int64),
        ("out", c_void_p),
    ]


class CoreRecord(Structure):
    """``struct Core``."""

    _fields_ = [
        ("n_groups", c_int64),
        ("groups", c_void_p),
        ("n_projections", c_int64),
        ("projections", c_void_p),
        ("n_injections", c_int64),
        ("injections", c_void_p),
        ("n_probes", c_int64),
        ("probes", c_void_p),
        ("n_couplings", c_int64),
        ("couplings", c_void_p),
        ("n_histories", c_int64),
        ("histories", c_void_p),
        ("n_bundles", c_int64),
        ("bundles", c_void_p),
        ("n_slices", c_int64),
        ("slices", c_void_p),
        ("h", c_double),
        ("seed", c_uint64),
        ("threads", c_int64),
        ("divided", c_int64),
        ("plastic", c_void_p),
    ]


def is_single(dtype: Any) -> bool:
    """Return whether this is the type of numbers of single precision."""
    return np.dtype(dtype) == np.float32


@lru_cache
def core(single: bool = False) -> ctypes.CDLL:
    """Return the compiled core, built on first use. Only `run` depends on the precision."""
    library = core_library("core", single)
    library.run.argtypes = [POINTER(CoreRecord), c_int64, c_int64]
    library.set_slots.argtypes = [POINTER(GroupRecord), c_int64, c_int64]
    library.clear_group.argtypes = [POINTER(GroupRecord)]
    library.free_group.argtypes = [POINTER(GroupRecord)]
    library.take_log.argtypes = [POINTER(GroupRecord), c_double, c_void_p, c_void_p]
    library.set_form.argtypes = [POINTER(GroupRecord), c_int64, c_int64, c_int64]
    library.make_schedule.argtypes = [c_int64, c_int64]
    library.make_schedule.restype = c_void_p
    library.clear_schedule.argtypes = library.free_schedule.argtypes = [c_void_p]
    for function in (
        library.clear_schedule,
        library.free_schedule,
        library.run,
        library.set_slots,
        library.clear_group,
        library.free_group,
        library.take_log,
        library.set_form,
    ):
        function.restype = None
    return library


@lru_cache
def plastic(single: bool = False) -> ctypes.CDLL:
    """Return the part for plastic synapses, built when a network has some."""
    library = core_library("plastic", single)
    library.settle.argtypes = [POINTER(CoreRecord), c_int64]
    library.survey.argtypes = [POINTER(ProjectionRecord), c_void_p]
    library.pack.argtypes = [POINTER(ProjectionRecord)]
    library.make_queues.argtypes = [c_int64]
    library.make_queues.restype = c_void_p
    library.free_queues.argtypes = [c_void_p, c_int64]
    for function in (library.settle, library.survey, library.pack, library.free_queues):
        function.restype = None
    return library


@lru_cache
def merger() -> ctypes.CDLL:
    """Return what makes bundles, built on first use."""
    library = cache.library("merge", lambda: ((cache.CORE / "merge.cpp").read_text(), {}))[0]
    library.merge_share.argtypes = [
        c_void_p,
        c_int64,
        c_int64,
        c_int64,
        c_void_p,
        c_void_p,
        c_void_p,
        c_int64,
        c_int64,
    ]
    library.merge_share.restype = c_int64
    for function in (library.split_shares, library.write_weights):
        function.argtypes = [c_void_p, c_void_p, c_int64, c_int64, c_int64, c_int64, c_int64]
        function.restype = None
    return library


def address(array: np.ndarray[Any, Any]) -> int:
    """Return the address of an array's memory."""
    return array.ctypes.data


def pointers(arrays: list[np.ndarray[Any, Any]]) -> Any:
    """Return a C array of the addresses of `arrays`."""
    return (c_void_p * max(len(arrays), 1))(*(address(a) for a in arrays))


def function(library: ctypes.CDLL, name: str) -> int:
    """Return the address of a function of a library."""
    return ctypes.cast(getattr(library, name), c_void_p).value or 0
