"""The parts of the NeuroCoreX model: registers, the two clock domains, the serial line, and the host's side of it."""
