"""What every chip is made of: time contracts, fixed-point numbers, event rings, networks on chip, ledgers.

NumPy and Numba only; no chip's name.
"""
