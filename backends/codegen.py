"""Compiled point neurons: Brian2 code generation to C++, run in this process.

Equations of the standard models are turned into C++ by Brian2's code generator, one small unit per model,
compiled once and cached; a fixed core delivers spikes and steps the network. Exact integration where the
equations are linear, otherwise methods of second or fourth order (see the documentation page on numerics).
"""

from pynn_ext.codegen import build_core

build_core()  # on a new machine the core is compiled while NumPy and PyNN are imported

from pynn_ext.codegen import choose_engine, draw_partners  # noqa: E402
from pynn_ext.frontend.simulator import Simulator  # noqa: E402

simulator = Simulator(
    __name__, "codegen", choose_engine, precisions=("double", "single"), draw_partners=draw_partners
)
globals().update(simulator.namespace())
__all__ = sorted(simulator.namespace())  # noqa: PLE0605
