"""Every example is in the gallery with a picture that it drew, and no picture is left of one that is gone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.fixture
def gallery(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    import gallery

    return gallery


def test_every_example_has_a_picture(gallery: Any) -> None:
    wanted = {gallery.thumbnail(name).name for name in gallery.examples()}
    assert wanted == {path.name for path in gallery.THUMBNAILS.iterdir()} and len(wanted) > 20


def test_the_page_shows_them_all(gallery: Any) -> None:
    page = gallery.page()
    for name, path in gallery.examples().items():
        assert (
            f"## {name}\n" in page and f"({'../../images/gallery/' + gallery.thumbnail(name).name})" in page
        )
        assert path.name in page
