// Exponentials and powers of a block of synapses, LANES at a time. Each is a function of its own argument, to the bit, whatever
// is beside it: the short way that a group of small arguments takes is the long way without the steps that change nothing.
#pragma once
#include "exponential.h"

static constexpr int64_t BLOCK = 64, LANES = 8;

#if defined(__FP_FAST_FMA) && !defined(PYNN_EXT_SINGLE)
// Arguments within 0.34375 < ln(2) / 2 are their own remainders: negative for others, and for what is not a number.
static inline int64_t room_of(double x) {
  int64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return 0x3fd6000000000000 - (bits & 0x7fffffffffffffff);
}

// x <- e^x, to one unit in the last place. `count` is rounded up to whole groups of lanes.
static inline void exponentials(double *x, int64_t count) {
  int64_t room = 0;
  for (int64_t e = 0; e < count; e++) room |= room_of(x[e]);
  if (room >= 0) for (int64_t group = 0; group < count; group += LANES) for (int64_t e = group; e < group + LANES; e++) x[e] = exp_series(x[e]);
  else {
    for (int64_t e = 0; e < count; e++) x[e] = within_exponents(x[e]);  // (a loop of its own, else it becomes branches)
    for (int64_t group = 0; group < count; group += LANES) for (int64_t e = group; e < group + LANES; e++) x[e] = exp_within(x[e], 0.0);
  }
}

// x^y = e^(y ln x) for normal positive x, to two units in the last place. x = 2^k m with m between the roots of 1/2 and of 2;
// with s = (m - 1)/(m + 1), ln m = 2 atanh(s) = f - s (f - s^2 Q(s^2)) where f = m - 1; Q interpolates at Chebyshev's nodes to
// 5e-18. The sum with k ln 2 is kept in two parts, and so is its product with y.
static inline double general_power(double x, double y) {
  static constexpr uint64_t ONE = 0x3ff0000000000000, ROOT = 0x3fe6a09e667f3bcd, MANTISSA = 0x000fffffffffffff;
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  bits += ONE - ROOT;
  const uint64_t exponent = bits >> 52 | 0x4330000000000000, fraction = (bits & MANTISSA) + ROOT;
  double k, m;
  __builtin_memcpy(&k, &exponent, sizeof k);
  __builtin_memcpy(&m, &fraction, sizeof m);
  k -= 0x1p52 + 1023.0;
  const double f = m - 1.0, s = f / (m + 1.0), z = s * s, z2 = z * z;
  const double low = __builtin_fma(z, 0.39999999999899505, 0.666666666666667);
  const double middle = __builtin_fma(z, 0.2222221113479508, 0.28571428625975487);
  const double high = __builtin_fma(z2, 0.14616449685043406, __builtin_fma(z, 0.15331721600556042, 0.18182889125261723));
  const double q = __builtin_fma(__builtin_fma(high, z2, middle), z2, low);
  const double log_m = __builtin_fma(-s, __builtin_fma(-z, q, f), f);
  const double sum = __builtin_fma(k, 6.93147180369123816490e-01, log_m);
  const double lost = log_m - __builtin_fma(-k, 6.93147180369123816490e-01, sum);
  const double rest = __builtin_fma(k, 1.90821492927058770002e-10, lost);
  const double product = y * sum;
  return exp_within(within_exponents(product), __builtin_fma(y, rest, __builtin_fma(y, sum, -product)));
}

// Negative for what is no normal positive number, but zero.
static inline int64_t normality(double x) {
  int64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits == 0 ? 0 : (bits - 0x0010000000000000) | (0x7fefffffffffffff - bits);
}

static inline void general_powers(double *x, int64_t count, double exponent) {
  const double of_zero = pow(0.0, exponent);
  const auto power = [&](double base) { return base == 0.0 ? of_zero : general_power(base, exponent); };
  int64_t all = 0;
  for (int64_t e = 0; e < count; e++) all |= normality(x[e]);
  if (all >= 0) for (int64_t group = 0; group < count; group += LANES) for (int64_t e = group; e < group + LANES; e++) x[e] = power(x[e]);
  else for (int64_t e = 0; e < count; e++) x[e] = normality(x[e]) < 0 ? pow(x[e], exponent) : power(x[e]);
}
#else
static inline void exponentials(real *x, int64_t count) {
  for (int64_t group = 0; group < count; group += LANES) for (int64_t e = group; e < group + LANES; e++) x[e] = exp(x[e]);
}

static inline void general_powers(real *x, int64_t count, real exponent) {
  for (int64_t group = 0; group < count; group += LANES) for (int64_t e = group; e < group + LANES; e++) x[e] = pow(x[e], exponent);
}
#endif

// x <- x^exponent: the usual exponents cost less.
static inline void powers(real *x, int64_t count, real exponent) {
  if (exponent == 1) return;
  if (exponent == 0) for (int64_t group = 0; group < count; group += LANES) for (int64_t e = group; e < group + LANES; e++) x[e] = 1;
  else if (exponent == (real)0.5) for (int64_t group = 0; group < count; group += LANES) for (int64_t e = group; e < group + LANES; e++) x[e] = sqrt(x[e]);
  else general_powers(x, count, exponent);
}
