// e^x in line: a call to the vector library would spill every register of the loop around it.
#pragma once
#include "real.h"

#if defined(__AVX512DQ__)
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
// To one unit in the last place; 0 below -709.4 and infinite above 709.4, as 2^n is for the least and the largest n.
// x = n ln 2 + r; explicit fma keeps the two parts of ln 2 apart. NaN passes through all of it.
static inline double inline_exp(double x) {
  const double above = x < -709.4 ? -709.4 : x, bounded = above > 709.9 ? 709.9 : above;
  const double n = __builtin_rint(bounded * 1.4426950408889634);
  double r = __builtin_fma(-n, 6.93147180369123816490e-01, bounded);
  r = __builtin_fma(-n, 1.90821492927058770002e-10, r);
  const int64_t bits = ((int64_t)n + 1023) << 52;
  double power;
  __builtin_memcpy(&power, &bits, sizeof power);
  return exp_series(r) * power;
}
#define exp inline_exp
#endif
