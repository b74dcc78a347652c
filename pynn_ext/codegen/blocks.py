"""Loops over synapses with exponentials or powers, in blocks: what the statements need is gathered, then computed for
all of the block at a time, then put back.

The synapses of a postsynaptic cell are each in another line of memory, as are the traces at their other ends. Vector
instructions that gather and scatter take longer than the exponentials themselves, and where there are none a loop with
such places is not made into vectors at all. So registers are put together of single numbers and taken apart again; a
block is as many synapses as they hold. The last one is filled up with entries that are there already, so that every
synapse goes through the same instructions, whatever part of a row it is given with.

Arguments of exponentials and bases of powers that are known before the statements run are computed first, so that
`core/blocks.h` takes them for a block."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .ahead import ASSIGNMENT, DEFINITION, steps_to
from .exponentials import argument_ends

CALL = re.compile(r"\b(exp|_brian_pow)\(")
PLACE = re.compile(r"\bP_(\w+)\[(_\w+)\]")
WRITTEN = re.compile(r"^\s*P_(\w+)\[(_\w+)\]\s*=[^=]")
BLOCKS = """{{
  {tables}
  for (int64_t block = first; block < last; block += LANES) {{
    const int64_t count = block + LANES < last ? LANES : last - block;
    {arrays}
    {gathered}
    {prefetch}
    {ahead}
    EACH_LANE {{
      {lines}
    }}
    {returned}
  }}
  }}"""
INDEX = (
    "{kind} _row_{name}[LANES]; const {kind} *_in_{name} = whole_block({name} + block, count, _row_{name});"
)
WHOLE_BLOCK = "{kind} _of_{name}[LANES]; {const}{kind} *_at_{name} = count < LANES ? _of_{name} : {at};"
GATHERED_BLOCK = "{kind} _of_{name}[LANES], *_at_{name} = _of_{name};"
GATHER = "gather(_of_{name}, [&](int64_t lane) {{ return P_{name}[{place}]; }});"
SCATTER = "scatter(_of_{name}, [&](int64_t lane) -> {kind} & {{ return P_{name}[{place}]; }});"
AHEAD = """EACH_LANE {{
      {lines}
    }}
    {calls}"""
INDEXED = re.compile(r"\b(\w+)\[block \+ lane\]")
IN_ORDER = re.compile(r"(?:(\d+) \* )?\(?block \+ lane\)?")


def blocked(
    lines: Sequence[str],
    places: Mapping[str, str],
    indices: Mapping[str, str],
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
        The indices that vary in the loop, and what each is for entry ``block + lane``: in order, perhaps with a factor,
        or by way of `indices`, ``name[block + lane]``; what holds for one class, with ``classes`` and ``member``, is
        chosen once for a block.
    indices : mapping of str to str
        The arrays that `places` go by, and their C++ types.
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
    tables, ahead, arrays, source = _ahead(source)
    columns = [_Column(name, kinds[name], places[index], name in written) for name, index in used]

    def placed(text: str) -> str:
        return PLACE.sub(lambda m: f"_at_{m[1]}[lane]" if (m[1], m[2]) in used else m[0], text)

    arrays += [INDEX.format(name=name, kind=kind) for name, kind in indices.items()]
    arrays += [column.array for column in columns]
    returned = [column.returned for column in columns if column.written]
    if out:
        source = [*source, "_at_transmitted[lane] = transmitted;"]
        arrays.append(WHOLE_BLOCK.format(const="", kind="real", name="transmitted", at=out))
        returned.append(f"if (count < LANES) put_part(_of_transmitted, 1, count, {out});")
    return BLOCKS.format(
        tables="\n  ".join(tables),
        arrays="\n    ".join(arrays),
        prefetch=prefetch,
        gathered="\n    ".join(column.gathered for column in columns),
        ahead=placed(ahead),
        lines=placed("\n      ".join(source)),
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
        Its index for entry ``block + lane``.
    written : bool
        Whether statements assign to it.
    """

    name: str
    kind: str
    place: str
    written: bool

    @property
    def _stride(self) -> int:
        """How far apart entries that follow one another lie, 0 if they are anywhere."""
        found = IN_ORDER.fullmatch(self.place)
        return int(found[1] or 1) if found else 0

    @property
    def array(self) -> str:
        """The declaration of ``_of_...``, what is gathered, and ``_at_...``, what statements use."""
        declaration = WHOLE_BLOCK if self._stride == 1 else GATHERED_BLOCK
        const = "" if self.written else "const "
        return declaration.format(const=const, kind=self.kind, name=self.name, at=f"P_{self.name} + block")

    @property
    def gathered(self) -> str:
        """What gathers; without the product by the number of classes if there is one class."""
        if self._stride:
            return f"{self._if_copied}take({self._in_memory}, {self._stride}, count, _of_{self.name});"
        factor = " * classes + member"
        if factor in self.place:
            return f"if (classes == 1) {self._moved(GATHER, factor)}\n    else {self._moved(GATHER)}"
        return self._moved(GATHER)

    @property
    def returned(self) -> str:
        """What puts values back."""
        if self._stride:
            return f"{self._if_copied}put(_of_{self.name}, {self._stride}, count, {self._in_memory});"
        return self._moved(SCATTER)

    @property
    def _if_copied(self) -> str:
        return "if (count < LANES) " if self._stride == 1 else ""

    @property
    def _in_memory(self) -> str:
        return f"P_{self.name} + {self._stride} * block"

    def _moved(self, loop: str, without: str = "") -> str:
        place = INDEXED.sub(r"_in_\1[lane]", self.place.replace(without, ""))
        return loop.format(name=self.name, kind=self.kind, place=place)


def _ahead(source: list[str]) -> tuple[list[str], str, list[str], list[str]]:
    """Return the tables of powers, the loop that computes arguments ahead with the calls for a block, their arrays, and
    the statements that are left."""
    source = list(source)
    steps: set[int] = set()
    arguments: list[str] = []
    tables: list[str] = []
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
            if power:
                tables.append(f"const Powers &_powers_{len(arguments)} = powers_of({exponent});")
            calls.append(f"powers({name}, _powers_{len(arguments)});" if power else f"exponentials({name});")
            arguments.append(argument)
            steps |= found
            source[k] = f"{line[: match.start()]}{name}[lane]{line[end + 1 :]}"
    if not arguments:
        return [], "", [], source
    lines = [source[k] for k in sorted(steps)]
    lines += [f"_ahead_{k}[lane] = {argument};" for k, argument in enumerate(arguments)]
    loop = AHEAD.format(lines="\n      ".join(lines), calls=" ".join(calls))
    return tables, loop, [f"real _ahead_{k}[LANES];" for k in range(len(arguments))], source


def _is_fixed(exponent: str, source: Sequence[str]) -> bool:
    """Return whether an exponent is a number that all synapses share."""
    defined = {m["name"] for line in source if (m := DEFINITION.match(line) or ASSIGNMENT.match(line))}
    return exponent.isidentifier() and exponent not in defined
