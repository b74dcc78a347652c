// e^x in line: a call to the vector library would spill every register of the loop around it.
#pragma once
#include "real.h"

#ifdef __FP_FAST_FMA
// e^r for |r| <= ln(2) / 2 by its series, in which the term of r^13 is told by those below it (Chebyshev); in pairs (Estrin), so
// that terms do not wait for each other. What is small is added to 1 last, so that it is rounded once.
static inline double exp_series(double r) {
  const double r2 = r * r, r4 = r2 * r2;
  const double low = __builtin_fma(r, 0.16666666666666702, 0.5);
  const double middle = __builtin_fma(__builtin_fma(r, 0.0001984126990910223, 1.0 / 720.0), r2, __builtin_fma(r, 0.00833333333330957, 1.0 / 24.0));
  const double high = __builtin_fma(__builtin_fma(r, 2.5114797765539588e-08, 1.0 / 3628800.0), r2,
                                    __builtin_fma(r, 2.7557225101168366e-06, 1.0 / 40320.0));
  const double top = __builtin_fma(r4, 1.0 / 479001600.0, high);
  return 1.0 + __builtin_fma(__builtin_fma(__builtin_fma(top, r4, middle), r2, low), r2, r);
}
// Arguments beyond give 0 and infinity, as 2^n is for the least and the largest n. NaN passes through.
static inline double within_exponents(double x) {
  const double above = x < -709.4 ? -709.4 : x;
  return above > 709.9 ? 709.9 : above;
}
// e^(x + rest) for x within, with a `rest` of at most some units in the last place of x, to one unit in the last place. x = n ln 2
// + r; explicit fma keeps the two parts of ln 2 apart. 1.5 2^52 more than n + 1023 has that number in its last bits, which become
// the exponent.
static inline double exp_within(double x, double rest) {
  const double n = __builtin_rint(x * 1.4426950408889634);
  double r = __builtin_fma(-n, 6.93147180369123816490e-01, x);
  r = __builtin_fma(-n, 1.90821492927058770002e-10, r) + rest;
  const double shifted = n + (0x1.8p52 + 1023.0);
  int64_t bits;
  __builtin_memcpy(&bits, &shifted, sizeof bits);
  bits = (int64_t)((uint64_t)bits << 52);
  double power;
  __builtin_memcpy(&power, &bits, sizeof power);
  return exp_series(r) * power;
}
static inline double inline_exp(double x) { return exp_within(within_exponents(x), 0.0); }
#if defined(__AVX512DQ__)
#define exp inline_exp
#endif
#endif
