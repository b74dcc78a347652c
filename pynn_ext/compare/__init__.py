"""What differs between backends that ran the same script, where it begins, and why."""

from .._callable import make_callable

make_callable(__name__, "comparison")
