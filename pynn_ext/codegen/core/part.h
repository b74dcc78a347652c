// The core may be compiled in two parts at once, by two processors: PYNN_EXT_PART is 1 for what has nothing to do with
// plastic synapses, and 2 for what has. Each function for Python is one or the other: with `extern "C"` alone it would be in both,
// which the linker refuses. In the part that is not its own it is left out, being unused.
#pragma once
#if PYNN_EXT_PART == 1
#define PLASTIC static
#else
#define PLASTIC extern "C"
#endif
#if PYNN_EXT_PART == 2
#define REST static
#else
#define REST extern "C"
#endif
