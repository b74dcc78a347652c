"""What the tests of this folder say they are about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

Marks = dict[str, dict[str, list[Any]]]


def models_of(item: pytest.Item) -> list[str]:
    """Return the standard models that a test is marked with."""
    return [name for marker in item.iter_markers("model") for name in marker.args]


def marks_of(items: Iterable[pytest.Item]) -> Marks:
    """Return what each test is about: test identifier to models and numbers of silent errors."""
    return {
        item.nodeid: {
            "models": models_of(item),
            "errors": [n for marker in item.iter_markers("silent_error") for n in marker.args],
        }
        for item in items
    }
