"""What differs between backends that ran the same script, where it begins, and why."""
