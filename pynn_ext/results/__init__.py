"""Results on disk: written whole or not at all, with what is needed to say where they came from."""

from .atomic import write_bytes, write_text, written
from .blocks import block_of
from .neo_files import write_block
from .provenance import provenance

__all__ = ["block_of", "provenance", "write_block", "write_bytes", "write_text", "written"]
