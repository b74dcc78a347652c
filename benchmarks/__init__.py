"""Speed and memory of the compiled engine against its peers: ``python -m benchmarks`` in the checkout."""
