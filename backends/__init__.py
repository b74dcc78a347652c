"""The simulators, one file each: ``import pyNN.<file> as sim``; installed as ``pynn_ext.backends``."""

if __name__ != "pynn_ext.backends":
    raise ImportError(
        f"this folder is the package pynn_ext.backends and cannot be imported as {__name__!r}: a second copy "
        "of a simulator would have a second state. Remedy: write 'import pynn_ext.backends.<name>' or "
        "'import pyNN.<name>'"
    )
