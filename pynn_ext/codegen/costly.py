"""Which loops over synapses are divided into blocks: those with exponentials or powers, which are worth it.

In a block every synapse goes through the same instructions, so that a row may be cut anywhere without a change of a
bit; elsewhere the last synapses of a row may be computed one by one, and a function of the library for one number and
that for several may differ in the last bit."""

from __future__ import annotations

import re

COSTLY = re.compile(r"\bexp\(|\*\*\s*[a-z]")
DRAWS = re.compile(r"\b(uniform|binomial)\(")


def in_blocks(code: str) -> bool:
    """Return whether a loop over statements is divided into blocks; draws need the number of the synapse."""
    return bool(COSTLY.search(code)) and not DRAWS.search(code)
