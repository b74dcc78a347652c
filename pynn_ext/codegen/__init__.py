"""The code generation engine: equations become C++, one small unit per model, which a fixed core runs in this
process. Without a C++ compiler the same equations run through NumPy."""

from .engine import Engine
from .library import build_core
from .partners import draw_partners
from .selection import choose_engine

__all__ = ["Engine", "build_core", "choose_engine", "draw_partners"]
