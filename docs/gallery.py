"""The gallery: a thumbnail of each example, made by the example, and the page that shows them.

python docs/gallery.py [NAME ...]     runs the examples (all if none is named) and writes docs/images/gallery/NAME.png

The page is written when the documentation is built, from the examples' own docstrings.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "examples"
THUMBNAILS = HERE / "images" / "gallery"
WIDTH = 480  # pixels


def examples() -> dict[str, Path]:
    """Return the scripts of the folder and of its sub-folders that say how they are run, by name."""
    found = {}
    for path in sorted(EXAMPLES.rglob("*.py")):
        if " SIMULATOR" in (ast.get_docstring(ast.parse(path.read_text())) or ""):
            found[path.relative_to(EXAMPLES).with_suffix("").as_posix()] = path
    return found


def thumbnail(name: str) -> Path:
    """Return where the picture of an example is kept."""
    return THUMBNAILS / f"{name.replace('/', '_')}.png"


def draw(name: str, path: Path) -> None:
    """Run an example and keep its figure, made small."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(path), "codegen", "--plot-figure", "figure.png"]
        environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(HERE.parent)}
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        with Image.open(Path(folder, "figure.png")) as figure:
            small = figure.convert("RGB")
            small.thumbnail((WIDTH, WIDTH))
            THUMBNAILS.mkdir(parents=True, exist_ok=True)
            small.quantize(64).save(thumbnail(name), optimize=True)


def page() -> str:
    """Return the gallery as Markdown: picture, what it shows, how to run it."""
    parts = [
        "# Gallery",
        "",
        "Every example runs on any backend that has what it needs: `pynn-ext run FILE --backend NAME`.",
        "",
    ]
    for name, path in examples().items():
        title, _, _ = (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n\n")
        parts += [f"## {name}", ""]
        if thumbnail(name).exists():
            parts += [f"![Figure of {name}](../../images/gallery/{thumbnail(name).name})", ""]
        parts += [
            " ".join(title.split()),
            "",
            f"`python {path.relative_to(HERE.parent).as_posix()} codegen --plot-figure`",
            "",
        ]
    return "\n".join(parts)


def main(names: list[str]) -> None:
    """Draw the thumbnails of some examples, or of all."""
    known = examples()
    for name in names or known:
        print(name, flush=True)
        draw(name, known[name])


if __name__ == "__main__":
    main(sys.argv[1:])
