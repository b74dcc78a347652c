"""The PyNN API, written once for all backends."""
