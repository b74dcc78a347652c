"""The code generation engine: equations become C++, one small unit per model, which a fixed core runs in this
process."""

from .engine import Engine
from .library import build_core

__all__ = ["Engine", "build_core"]
