"""Loops over synapses with exponentials or powers, in blocks: what the statements need is gathered into arrays, then
computed many at a time, then put back.

The synapses of a postsynaptic cell are each in another line of memory, as are the traces at their other ends. Vector
instructions that gather and scatter take longer than the exponentials themselves, and where there are none a loop with
such places is not made into vectors at all. Arguments of exponentials and bases of powers that are known before the
statements run are computed first, so that `core/blocks.h` takes them for a whole block."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .ahead import ASSIGNMENT, DEFINITION, steps_to
from .exponentials import argument_ends

CALL = re.compile(r"\b(exp|_brian_pow)\(")
PLACE = re.compile(r"\bP_(\w+)\[(_\w+)\]")
WRITTEN = re.compile(r"^\s*P_(\w+)\[(_\w+)\]\s*=[^=]")
BLOCKS = """for (int64_t block = first; block < last; block += BLOCK) {{
    const int64_t count = block + BLOCK < last ? BLOCK : last - block;
    {arrays}
    {gathered}
    for (int64_t e = count; e % LANES; e++) {{ {repeated} }}
    {ahead}
    for (int64_t group = 0; group < count; group += LANES) {{
      {prefetch}
#pragma GCC ivdep
      for (int64_t e = group; e < group + LANES; e++) {{
        {lines}
      }}
    }}
    {returned}
  }}"""
WHOLE_BLOCK = "{kind} _of_{name}[BLOCK]; {const}{kind} *_at_{name} = count < BLOCK ? _of_{name} : {at};"
GATHERED_BLOCK = "{kind} _of_{name}[BLOCK], *_at_{name} = _of_{name};"
EACH = "for (int64_t e = 0; e < count; e++)"
AHEAD = """for (int64_t group = 0; group < count; group += LANES)
#pragma GCC ivdep
      for (int64_t e = group; e < group + LANES; e++) {{
        {lines}
      }}
    {calls}"""


def blocked(
    lines: Sequence[str],
    places: Mapping[str, str],
    kinds: Mapping[str, str],
    out: str = "",
    prefetch: str = "",
) -> str:
    """Return a loop from ``first`` to ``last`` over statements, in blocks.

    Parameters
    ----------
    lines : sequence of str
        C++ statements over one synapse.
    places : mapping of str to str
        The indices that vary in the loop, and what each is for entry ``block + e``; what holds for one class, with
        ``classes`` and ``member``, is chosen once for a block.
    kinds : mapping of str to str
        The C++ types of columns and traces.
    out : str
        The place of the value of ``transmitted`` of the block's first entry.
    prefetch : str
        Statements that ask for memory ahead.
    """
    source = [line for text in lines for line in text.splitlines()]
    used = dict.fromkeys(
        (name, index) for line in source for name, index in PLACE.findall(line) if index in places
    )
    written = {m[1] for line in source if (m := WRITTEN.match(line))}
    ahead, arrays, source = _ahead(source)
    columns = [_Column(name, kinds[name], places[index], name in written) for name, index in used]

    def placed(text: str) -> str:
        return PLACE.sub(lambda m: f"_at_{m[1]}[e]" if (m[1], m[2]) in used else m[0], text)

    arrays += [column.array for column in columns]
    returned = [column.returned for column in columns if column.written]
    if out:
        source = [*source, "_at_transmitted[e] = transmitted;"]
        arrays.append(WHOLE_BLOCK.format(const="", kind="real", name="transmitted", at=out))
        returned.append(f"if (count < BLOCK) {EACH} ({out})[e] = _of_transmitted[e];")
    return BLOCKS.format(
        arrays="\n    ".join(arrays),
        prefetch=prefetch,
        gathered="\n    ".join(column.gathered for column in columns),
        repeated=" ".join(f"_of_{c.name}[e] = _of_{c.name}[count - 1];" for c in columns),
        ahead=placed(ahead),
        lines=placed("\n        ".join(source)),
        returned="\n    ".join(returned),
    )


@dataclass(frozen=True)
class _Column:
    """A column or trace in a block: gathered, or where it lies if its entries follow one another and the block is
    whole.

    Attributes
    ----------
    name, kind : str
        Its name and C++ type.
    place : str
        Its index for entry ``block + e``.
    written : bool
        Whether statements assign to it.
    """

    name: str
    kind: str
    place: str
    written: bool

    @property
    def _in_order(self) -> bool:
        return self.place == "block + e"

    @property
    def array(self) -> str:
        """The declaration of ``_of_...``, what is gathered, and ``_at_...``, what statements use."""
        declaration = WHOLE_BLOCK if self._in_order else GATHERED_BLOCK
        const = "" if self.written else "const "
        return declaration.format(const=const, kind=self.kind, name=self.name, at=f"P_{self.name} + block")

    @property
    def gathered(self) -> str:
        """The loop that gathers; without the product by the number of classes if there is one class."""
        many = f"{EACH} _of_{self.name}[e] = P_{self.name}[{self.place}];"
        if self._in_order:
            return f"if (count < BLOCK) {many}"
        factor = " * classes + member"
        if factor in self.place:
            return f"if (classes == 1) {many.replace(factor, '')}\n    else {many}"
        return many

    @property
    def returned(self) -> str:
        """The loop that puts values back."""
        loop = f"{EACH} P_{self.name}[{self.place}] = _of_{self.name}[e];"
        return f"if (count < BLOCK) {loop}" if self._in_order else loop


def _ahead(source: list[str]) -> tuple[str, list[str], list[str]]:
    """Return the loop that computes arguments ahead with the calls for a whole block, their arrays, and the statements
    that are left."""
    source = list(source)
    steps: set[int] = set()
    arguments: list[str] = []
    calls = []
    for k in range(len(source)):
        start = 0
        while match := CALL.search(source[k], start):
            line, start = source[k], match.end()
            comma, end = argument_ends(line, start)
            power = match[1] == "_brian_pow"
            argument, exponent = line[start : comma if power else end], line[comma + 1 : end].strip()
            found = steps_to(argument, source[:k])
            if found is None or (power and not _is_fixed(exponent, source)):
                continue
            name = f"_ahead_{len(arguments)}"
            calls.append(f"powers({name}, count, {exponent});" if power else f"exponentials({name}, count);")
            arguments.append(argument)
            steps |= found
            source[k] = f"{line[: match.start()]}{name}[e]{line[end + 1 :]}"
    if not arguments:
        return "", [], source
    lines = [source[k] for k in sorted(steps)]
    lines += [f"_ahead_{k}[e] = {argument};" for k, argument in enumerate(arguments)]
    loop = AHEAD.format(lines="\n        ".join(lines), calls=" ".join(calls))
    return loop, [f"real _ahead_{k}[BLOCK];" for k in range(len(arguments))], source


def _is_fixed(exponent: str, source: Sequence[str]) -> bool:
    """Return whether an exponent is a number that all synapses share."""
    defined = {m[1] for line in source if (m := DEFINITION.match(line) or ASSIGNMENT.match(line))}
    return exponent.isidentifier() and exponent not in defined
