// (e^x - 1) / x for exponential integration, where x is -h / tau: small as a rule, so that a polynomial will do, which neither
// reduces its argument nor divides.
#pragma once
#include "real.h"

#ifdef PYNN_EXT_SINGLE
#define FMA __builtin_fmaf
#else
#define FMA __builtin_fma
#endif
#ifndef __FP_FAST_FMA              // not one instruction, but a call
#undef FMA
#define FMA(a, b, c) ((a) * (b) + (c))
#endif

static inline bool is_far(real x) { return fabs(x) >= (real)0.75; }

// What interpolates it at Chebyshev's nodes, to 2e-16 (1e-8 in single precision), in pairs of terms.
static inline real near_exprel(real x) {
  const real x2 = x * x, x4 = x2 * x2;
#ifdef PYNN_EXT_SINGLE
  const real a = FMA(0.5f, x, 1.0f), b = FMA(0.0416666716f, x, 0.166666716f);
  const real c = FMA(1.38881209e-3f, x, 8.33256356e-3f), d = FMA(2.50743051e-5f, x, 2.01142786e-4f);
  return FMA(FMA(d, x2, c), x4, FMA(b, x2, a));
#else
  const real a = FMA(0.49999999999999983, x, 1.0), b = FMA(0.041666666666689535, x, 0.16666666666666666);
  const real c = FMA(0.0013888888884146498, x, 0.008333333333334856), d = FMA(2.480159089752756e-05, x, 0.00019841269838110785);
  const real e = FMA(2.755608714991124e-07, x, 2.755732161945237e-06), f = FMA(2.1071178831691416e-09, x, 2.5051287564594896e-08);
  return FMA(FMA(FMA(1.6188591349645104e-10, x4, FMA(f, x2, e)), x4, FMA(d, x2, c)), x4, FMA(b, x2, a));
#endif
}
#undef FMA

static inline real far_exprel(real x) { return (exp(x) - 1) / x; }
static inline real step_exprel(real x) { return is_far(x) ? far_exprel(x) : near_exprel(x); }
