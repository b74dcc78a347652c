"""The arithmetic of Loihi: compartments, weights, learning engines, time and energy."""
