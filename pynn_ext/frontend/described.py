"""What objects say of themselves, in a few lines.

PyNN asks for templates that it does not have for connectors and plasticity, and answers with the template's name; that
of a projection prints the dictionaries of both populations and a name without a value. Any other template, or None for
the dictionary, goes to PyNN.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

SHORT = "short"


def with_parameters(obj: Any, parameters: Mapping[str, Any]) -> str:
    """Return the name of an object's class with its parameters, long ones shortened."""
    texts = {
        name: " ".join(str(getattr(value, "base_value", value)).split()) for name, value in parameters.items()
    }
    values = ", ".join(f"{name}={textwrap.shorten(text, 70)}" for name, text in texts.items())
    return f"{type(obj).__name__}({values})"


class Described:
    """Base of classes whose `describe` is `_short` unless a template is given."""

    def describe(self, template: str | None = SHORT, engine: str = "default") -> Any:
        """Return a short description; another `template`, or None for a dictionary, as PyNN does."""
        if template == SHORT:
            return self._short()
        return super().describe(template, engine)  # type: ignore[misc]

    def _short(self) -> str:
        raise NotImplementedError


class DescribedConnector(Described):
    """Base of connectors."""

    def _short(self) -> str:
        return with_parameters(self, self.get_parameters())  # type: ignore[attr-defined]
