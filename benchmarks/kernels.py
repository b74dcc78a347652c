"""The hand-written simulations of ``kernels.cpp``: how fast a network can be on this machine."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from .networks import Layered, Network, Plastic, Recurrent

FLAGS = "-std=c++17 -O3 -march=native -ffast-math -fPIC -w".split()
NAMES = ("coba", "coba_single", "hh", "stdp", "layers")


@lru_cache
def library() -> ctypes.CDLL:
    """Return the compiled kernels."""
    compiler = next(filter(None, map(shutil.which, ("g++", "clang++", "c++"))), None)
    if compiler is None:
        raise RuntimeError("the kernels need a C++ compiler, for example g++")
    with tempfile.TemporaryDirectory() as folder:
        compiled, target = Path(folder, "kernels.o"), Path(folder, "kernels.so")
        source = Path(__file__).with_name("kernels.cpp")
        subprocess.run([compiler, *FLAGS, "-c", str(source), "-o", str(compiled)], check=True)
        # Without -ffast-math here: with it, g++ adds start-up code that turns subnormal numbers off in the process.
        subprocess.run([compiler, "-shared", str(compiled), "-o", str(target)], check=True)
        kernels = ctypes.CDLL(str(target))
    for name in NAMES:
        getattr(kernels, f"make_{name}").restype = ctypes.c_void_p
        run = getattr(kernels, f"run_{name}")
        run.argtypes, run.restype = [ctypes.c_void_p, ctypes.c_int64], ctypes.c_int64
    return kernels


def _made(net: Network, precision: str) -> tuple[str, Any]:
    kernels, size = library(), ctypes.c_int64(net.size)
    if isinstance(net, Plastic):
        numbers = map(ctypes.c_double, (net.probability, net.weight, net.rate))
        return "stdp", kernels.make_stdp(ctypes.c_int64(net.sources), size, *numbers)
    if isinstance(net, Recurrent):
        name = {"IF_cond_exp": "coba", "HH_cond_exp": "hh"}[net.cell]
        name += "_single" * (precision == "single")
        return name, getattr(kernels, f"make_{name}")(size, ctypes.c_double(net.inputs))
    assert isinstance(net, Layered)
    arrays = (
        net.sizes.astype(np.int64), net.numbers.astype(np.int64).reshape(-1), net.weights.reshape(-1), net.offsets,
        net.external * net.timestep * 1e-3,
    )  # fmt: skip
    addresses = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
    return "layers", kernels.make_layers(*addresses, ctypes.c_double(net.weight))


def has(net: Network) -> bool:
    """Return whether there is a kernel for a network."""
    return not isinstance(net, Recurrent) or net.cell in ("IF_cond_exp", "HH_cond_exp")


def measure(net: Network, precision: str = "double") -> dict[str, float]:
    """Run a network and return CPU time (s) and rate (spikes/s)."""
    name, made = _made(net, precision)
    begun = time.process_time()
    spikes = getattr(library(), f"run_{name}")(made, round(net.duration / net.timestep))
    used = time.process_time() - begun
    return {"run_cpu_s": used, "rate": spikes / net.size / net.duration * 1e3}
