// x^y of a block of LANES synapses for one y, from tables: x = 2^k m with 1 <= m < 2, and of the 128 parts of that range m is in the
// one around c: x^y = 2^(k y) c^y (1 + r)^y with r = m / c - 1, |r| < 2^-8. The first two are looked up, the third is its binomial
// series. Each of the three factors and their products is rounded: to four units in the last place, 3.2 is the most that was found.
#pragma once
#include "exponential.h"

struct Powers {
  enum { NONE, ONE, NO_CHANGE, ROOT, TABLES, OTHER } way;
  double exponent, of_zero, series[6];
  double of_two[128], inverse[128], of_part[128];  // 2^(k y), 1 / c and c^y
};

static constexpr int64_t LEAST = 1023 - 64;  // biased exponent of the least x in the tables, 2^-64; the largest is below 2^64

// Fill the tables. c^y is rounded: where that counts for more than the rounding of 1 / c, c is taken to be that of which it is the power.
static void tabulate(Powers &to, double y) {
  to.exponent = y;
  to.of_zero = pow(0.0, y);
  to.way = y == 1 ? Powers::NO_CHANGE : y == 0 ? Powers::ONE : y == 0.5 ? Powers::ROOT : y >= -1 && y <= 7 ? Powers::TABLES : Powers::OTHER;
  if (to.way != Powers::TABLES) return;
  double binomial = 1;
  for (int n = 0; n < 6; n++) to.series[n] = binomial *= (y - n) / (n + 1);
  double octave = 0x1p-64;
  for (int k = 0; k < 128; k++, octave *= 2) {
    to.of_two[k] = pow(octave, y);
    const double inverse = 1.0 / (1.0 + (k + 0.5) / 128.0), power = pow(inverse, -y);
    to.of_part[k] = power;
    to.inverse[k] = fabs(y) < 1 && fabs(y) > 1e-6 ? pow(power, -1.0 / y) : inverse;
  }
}

// Tables of the exponents that a thread used last.
static const Powers &powers_of(double exponent) {
  static thread_local Powers kept[4];
  static thread_local int64_t next;
  for (const Powers &of : kept) if (of.way != Powers::NONE && of.exponent == exponent) return of;
  Powers &of = kept[next++ % 4];
  tabulate(of, exponent);
  return of;
}

static __attribute__((noinline)) double other_power(double x, double y) { return pow(x, y); }

// Where x is in the tables: `octave` is beyond 127 for what is not. (Zero is looked up as 1.)
static inline void look_up(double x, int64_t &octave, int64_t &part) {
  const double other = x == 0.0 ? 1.0 : x;
  int64_t bits;
  __builtin_memcpy(&bits, &other, sizeof bits);
  octave = (int64_t)((uint64_t)bits >> 52) - LEAST;
  part = (int64_t)((uint64_t)bits >> 45 & 127);
}

static inline double tabled_power(double x, const Powers &of, double of_zero, int64_t octave, int64_t part) {
  int64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  bits = (bits & 0x000fffffffffffff) | 0x3ff0000000000000;
  double m;
  __builtin_memcpy(&m, &bits, sizeof m);
  const double r = __builtin_fma(m, of.inverse[part], -1.0), r2 = r * r;
  const double low = __builtin_fma(of.series[1], r, of.series[0]), middle = __builtin_fma(of.series[3], r, of.series[2]);
  const double high = __builtin_fma(of.series[5], r, of.series[4]);
  const double change = r * __builtin_fma(__builtin_fma(high, r2, middle), r2, low);
  const double power = of.of_two[octave] * __builtin_fma(of.of_part[part], change, of.of_part[part]);
  return x == 0.0 ? of_zero : power;
}

static inline void tabled_powers(double *x, const Powers &of) {
  const double of_zero = of.of_zero;  // (else gcc would read it for some lanes only)
  int64_t octave[LANES], part[LANES], beyond = 0;
  EACH_LANE {
    look_up(x[lane], octave[lane], part[lane]);
    beyond |= octave[lane];
  }
  __asm__ volatile("" ::: "memory");  // indices are in memory: taking them out of vectors takes longer
  if (__builtin_expect(beyond >> 7 == 0, 1)) EACH_LANE x[lane] = tabled_power(x[lane], of, of_zero, octave[lane], part[lane]);
  else for (int64_t e = 0; e < LANES; e++)
    x[e] = octave[e] >> 7 ? other_power(x[e], of.exponent) : tabled_power(x[e], of, of_zero, octave[e], part[e]);
}

// x <- x^y.
static inline void powers(double *x, const Powers &of) {
  if (of.way == Powers::NO_CHANGE) return;
  if (of.way == Powers::ONE) EACH_LANE x[lane] = 1;
  else if (of.way == Powers::ROOT) EACH_LANE x[lane] = sqrt(x[lane]);
  else if (of.way == Powers::TABLES) tabled_powers(x, of);
  else for (int64_t e = 0; e < LANES; e++) x[e] = other_power(x[e], of.exponent);
}
