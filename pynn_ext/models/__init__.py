"""Standard models: one file = one cell, synapse, plasticity rule or current source. Files register
themselves."""
