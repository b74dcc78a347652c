"""Sphinx: ``pip install ".[docs]"``, then ``sphinx-build docs docs/_build``."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import pynn_ext  # noqa: E402

project = "pynn-ext"
author = "the pynn-ext contributors"
version = release = pynn_ext.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_parser"]
exclude_patterns = ["_build", "reference/generated/*_record.md"]  # the records are parts of pages
autosummary_generate = True
autodoc_default_options = {"members": True}
autodoc_typehints = "description"
numpydoc_show_class_members = False
myst_heading_anchors = 3
html_theme = "alabaster"
suppress_warnings = ["ref.python"]  # a package and its module both hold a class


def write_pages(app: object) -> None:
    """Write the pages that come from the code, before the sources are read."""
    import gallery

    from pynn_ext import chip_pages, model_pages

    pages = {"models": model_pages.page(), "gallery": gallery.page()}
    pages |= {f"{name}_record": chip_pages.page(name) for name in chip_pages.chip_names()}
    for name, text in pages.items():
        path = HERE / "reference" / "generated" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: object) -> None:
    app.connect("builder-inited", write_pages)  # type: ignore[attr-defined]
