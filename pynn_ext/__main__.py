"""``python -m pynn_ext`` is ``pynn-ext``."""

import sys

from .cli import main

sys.exit(main())
