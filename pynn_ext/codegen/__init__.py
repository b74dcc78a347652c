"""The code generation engine: equations become C++, one small unit per model, which a fixed core runs in this
process."""

from .engine import Engine

__all__ = ["Engine"]
