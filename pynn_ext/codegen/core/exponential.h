// e^x in line: a call to the vector library would spill every register of the loop around it.
#pragma once
#include "real.h"

#ifdef __FP_FAST_FMA
// e^r for |r| <= ln(2) / 2 by the polynomial of degree 11 that is nearest to it, to 6e-18: with fewer products it would not be. In pairs,
// so that terms do not wait for each other. What is small is added to 1 last, so that it is rounded once.
static inline double exp_series(double r) {
  const double r2 = r * r;
  const double a = __builtin_fma(r, 0.16666666666666433, 0.5), b = __builtin_fma(r, 0.008333333333499823, 0.041666666666604034);
  const double c = __builtin_fma(r, 0.00019841269467418243, 0.0013888888926763257);
  const double d = __builtin_fma(r, 2.755763939317424e-06, 2.4801508729205726e-05);
  const double e = __builtin_fma(r, 2.4978918190305534e-08, 2.762516585120133e-07);
  const double sum = __builtin_fma(__builtin_fma(__builtin_fma(__builtin_fma(e, r2, d), r2, c), r2, b), r2, a);
  return 1.0 + __builtin_fma(sum, r2, r);
}
// Arguments beyond give 0 and infinity, as 2^n is for the least and the largest n. NaN passes through.
static inline double not_below(double x) { return x < -709.4 ? -709.4 : x; }
static inline double not_above(double x) { return x > 709.9 ? 709.9 : x; }
// e^x for x within, to one unit in the last place. x = n ln 2 + r; explicit fma keeps the two parts of ln 2 apart. 1.5 2^52 more
// than n + 1023 has that number in its last bits, which become the exponent.
static inline double exp_within(double x) {
  const double n = __builtin_rint(x * 1.4426950408889634);
  double r = __builtin_fma(-n, 6.93147180369123816490e-01, x);
  r = __builtin_fma(-n, 1.90821492927058770002e-10, r);
  const double shifted = n + (0x1.8p52 + 1023.0);
  int64_t bits;
  __builtin_memcpy(&bits, &shifted, sizeof bits);
  bits = (int64_t)((uint64_t)bits << 52);
  double power;
  __builtin_memcpy(&power, &bits, sizeof power);
  return exp_series(r) * power;
}
static inline double inline_exp(double x) { return exp_within(not_above(not_below(x))); }
#if defined(__AVX512DQ__)
#define exp inline_exp
#endif
#endif
