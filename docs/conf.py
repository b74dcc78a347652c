"""Sphinx: ``pip install ".[docs]"``, then ``sphinx-build docs docs/_build``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pynn_ext  # noqa: E402

project = "pynn-ext"
author = "the pynn-ext contributors"
version = release = pynn_ext.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_parser"]
exclude_patterns = ["_build"]
autosummary_generate = True
autodoc_default_options = {"members": True}
autodoc_typehints = "description"
numpydoc_show_class_members = False
myst_heading_anchors = 3
html_theme = "alabaster"
suppress_warnings = ["ref.python"]  # a package and its module both hold a class
