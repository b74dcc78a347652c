// The type of state, parameters, sums and traces: `setup(precision=...)` chooses the library. Time, and what sources draw
// and use up, are double in both.
#pragma once
#ifdef PYNN_EXT_SINGLE
typedef float real;
#else
typedef double real;
#endif
