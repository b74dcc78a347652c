"""``python -m pynn_ext`` is the command ``pynn-ext``."""

from .cli import main

if __name__ == "__main__":
    raise SystemExit(main())
