"""What the catalogue has about the standard models, in Markdown: a page of all, for the docs, and the section of each,
for ``pynn-ext models NAME``.

The page has a table of all models and the backends that accept them, then the sections by kind. A section that begins
with the first sentence of the docstring of the model's file ends with the rest of it, else with all of it."""

from __future__ import annotations

from .catalogue import TITLES, Entry, entries, first_sentence, procedure_entries, sentence_end
from .plugins import backend_names


def page() -> str:
    """Return the page of all models, in Markdown."""
    found = [*entries(), *procedure_entries()]
    head = (
        "# Models\n\nEvery standard model, from its class: parameters in PyNN's units, equations as the engine takes "
        "them, how they are integrated, and the backends that accept it.\n"
    )
    backends = sorted(backend_names())
    table = ["| model | kind | what it is | status |" + "".join(f" {b} |" for b in backends)]
    table.append("|---|---|---|---|" + "---|" * len(backends))
    for entry in found:
        marks = "".join(" yes |" if b in entry.backends else "  |" for b in backends)
        link = f"[{entry.name}](#{entry.name.lower()})"
        table.append(f"| {link} | {entry.kind} | {entry.described} | {entry.grade} |{marks}")
    sections = []
    for kind, title in TITLES.items():
        members = [markdown(entry) for entry in found if entry.kind == kind]
        sections += [f"## {title}\n", *members] if members else []
    return "\n".join([head, *table, "", *sections])


def markdown(entry: Entry) -> str:
    """Return the section of one model, in Markdown."""
    lines = [
        f"### {entry.name}\n",
        f"{entry.summary}.\n",
        f"Backends: {', '.join(entry.backends) or 'none'}.\n",
    ]
    if entry.parameters:
        lines += ["| parameter | default | unit |", "|---|---|---|"]
        lines += [f"| `{n}` | {v} | {entry.units[n]} |" for n, v in entry.parameters.items()]
        lines.append("")
    if entry.receptors:
        lines.append(f"Receptors: {', '.join(f'`{name}`' for name in entry.receptors)}.\n")
    if entry.recordable:
        shown = [f"`{n}`" + (f" ({u})" if (u := entry.units.get(n)) else "") for n in entry.recordable]
        lines.append(f"Recordable: {', '.join(shown)}.\n")
    if entry.method:
        lines.append(f"Integration: {entry.method}.\n")
    if entry.equations:
        lines.append(f"```text\n{entry.equations}\n```\n")
    told = first_sentence(entry.source) == entry.summary
    rest = entry.source[sentence_end(entry.source) if told else 0 :].lstrip(".: \n")
    if rest:
        lines.append(f"{rest}\n")
    if entry.part and entry.kind == "cell":
        lines.append("It can be the neuron of a `PointNeuron`, too.\n")
    if entry.status:
        lines.append(f"Status: {entry.status}.\n")
    lines.append(f"In `{entry.file}`.\n")
    return "\n".join(lines)
