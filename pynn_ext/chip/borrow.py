"""Arrays without reference counts, for kernels of many small functions.

Numba counts a reference to every array argument of every call, with an atomic instruction each way; where a call
lasts a few nanoseconds that is most of the time. An array without an owner is not counted.
"""

from __future__ import annotations

from typing import Any

from numba import config
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array


def _borrow(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Copy of the array's description with owner and parent cleared."""
    array = make_array(signature.args[0])(context, builder, arguments[0])
    for owner in ("meminfo", "parent"):
        setattr(array, owner, cgutils.get_null_value(getattr(array, owner).type))
    return array._getvalue()


def _typed(context: Any, array: Any) -> Any:
    return array(array), _borrow


if config.DISABLE_JIT:

    def borrowed(array: Any) -> Any:
        """Return the array."""
        return array
else:
    #: The array without an owner; whoever calls keeps the array itself until the kernel returns.
    borrowed = intrinsic(_typed)
