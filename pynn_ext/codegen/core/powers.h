// x^y of a block of LANES synapses for one y, from tables: x = 2^k m with 1 <= m < 2, and of the 16 parts of that range m is in the
// one around c: x^y = 2^(k y) c^y (1 + r)^y with r = m / c - 1, |r| < 1 / 33. The first two are looked up, the third is its binomial
// series. Each of the three factors and their products is rounded: to four units in the last place, 2.9 is the most that was found.
#pragma once
#include "exponential.h"
#if defined(__AVX512DQ__)
#include <immintrin.h>
#endif

struct PowerTables {
  enum Way { NONE, ONE, NO_CHANGE, ROOT, TABLES, OTHER } way;
  double exponent, of_zero, series[9];
  double of_two[128], inverse[16], of_part[16];  // 2^(k y), 1 / c and c^y
};

static constexpr int64_t LEAST = 1023 - 64;  // biased exponent of the least x in the tables, 2^-64; the largest is below 2^64

// Fill the tables. c^y is rounded: where that counts for more than the rounding of 1 / c, c is taken to be that of which it is the power.
static __attribute__((noinline, cold)) void tabulate(PowerTables &to, double y) {
  typedef PowerTables P;
  to.exponent = y;
  to.of_zero = pow(0.0, y);
  to.way = y == 1 ? P::NO_CHANGE : y == 0 ? P::ONE : y == 0.5 ? P::ROOT : y > 0 && y <= 7 ? P::TABLES : P::OTHER;
  if (to.way != P::TABLES) return;
  double binomial = 1;
  for (int n = 0; n < 9; n++) to.series[n] = binomial *= (y - n) / (n + 1);
  double octave = 0x1p-64;
  for (int k = 0; k < 128; k++, octave *= 2) to.of_two[k] = pow(octave, y);
  for (int k = 0; k < 16; k++) {
    const double inverse = 1.0 / (1.0 + (k + 0.5) / 16.0), power = pow(inverse, -y);
    to.of_part[k] = power;
    to.inverse[k] = y < 1 && y > 1e-6 ? pow(power, -1.0 / y) : inverse;
  }
}

// Of the exponents that a thread used last.
static const PowerTables &power_tables(double exponent) {
  static thread_local PowerTables kept[4];
  static thread_local int64_t next;
  for (const PowerTables &of : kept) if (of.way != PowerTables::NONE && of.exponent == exponent) return of;
  PowerTables &of = kept[next++ % 4];
  tabulate(of, exponent);
  return of;
}

static __attribute__((noinline)) double other_power(double x, double y) { return pow(x, y); }

static inline double multiply_add(double a, double b, double c) { return __builtin_fma(a, b, c); }
#if defined(__AVX512DQ__)
static inline __m512d multiply_add(__m512d a, __m512d b, __m512d c) { return _mm512_fmadd_pd(a, b, c); }
#endif

// c^y (1 + r)^y, of one number or of several at once.
template <typename Real> static inline Real part_power(Real r, Real of_part, const Real *series) {
  const Real r2 = r * r;
  Real sum = multiply_add(series[8], r2, multiply_add(series[7], r, series[6]));
  for (int n = 4; n >= 0; n -= 2) sum = multiply_add(sum, r2, multiply_add(series[n + 1], r, series[n]));
  return multiply_add(of_part, r * sum, of_part);
}

// Where x is in the tables: `octave` is beyond 127 for what is not. (Zero is looked up as 1.)
static inline void look_up(double x, int64_t &octave, int64_t &part) {
  const double other = x == 0.0 ? 1.0 : x;
  int64_t bits;
  __builtin_memcpy(&bits, &other, sizeof bits);
  octave = (int64_t)((uint64_t)bits >> 52) - LEAST;
  part = (int64_t)((uint64_t)bits >> 48 & 15);
}

static inline double power_at(double x, const PowerTables &of, double of_zero, int64_t octave, int64_t part) {
  int64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  bits = (bits & 0x000fffffffffffff) | 0x3ff0000000000000;
  double m;
  __builtin_memcpy(&m, &bits, sizeof m);
  const double power = of.of_two[octave] * part_power(__builtin_fma(m, of.inverse[part], -1.0), of.of_part[part], of.series);
  return x == 0.0 ? of_zero : power;
}

static __attribute__((noinline)) double tabled_power(double x, const PowerTables &of) {
  int64_t octave, part;
  look_up(x, octave, part);
  return octave >> 7 ? other_power(x, of.exponent) : power_at(x, of, of.of_zero, octave, part);
}

#if defined(__AVX512DQ__)
// 16 numbers in registers, of which each lane chooses one by the last four bits of an index.
struct Sixteen {
  __m512d low, high;
  explicit Sixteen(const double *from) : low(_mm512_loadu_pd(from)), high(_mm512_loadu_pd(from + 8)) {}
  __m512d at(__m512i index) const { return _mm512_permutex2var_pd(low, index, high); }
};

// What a loop needs of the tables, in registers. As a rule all x are from 2^-15 to below 2: their exponents differ in four bits only.
struct Powers {
  const PowerTables &of;
  const PowerTables::Way way;
  const Sixteen of_two, inverse, of_part;
  __m512d series[9];
  explicit Powers(const PowerTables &from)
      : of(from), way(from.way), of_two(from.of_two + 0x3f0 - LEAST), inverse(from.inverse), of_part(from.of_part) {
    for (int n = 0; n < 9; n++) series[n] = _mm512_set1_pd(from.series[n]);
  }
};

// (Zero is looked up as 1.)
static inline void tabled_powers(double *x, const Powers &by) {
  const __m512d one = _mm512_set1_pd(1.0), given = _mm512_loadu_pd(x);
  const __mmask8 zero = _mm512_cmp_pd_mask(given, _mm512_setzero_pd(), _CMP_EQ_OQ);
  const __m512i bits = _mm512_castpd_si512(_mm512_mask_mov_pd(given, zero, one));
  const __m512i octave = _mm512_srli_epi64(bits, 52), part = _mm512_srli_epi64(bits, 48);
  __m512d of_two = by.of_two.at(octave);
  if (__builtin_expect(_mm512_cmpneq_epi64_mask(_mm512_srli_epi64(bits, 56), _mm512_set1_epi64(0x3f)), 0)) {
    const __m512i place = _mm512_sub_epi64(octave, _mm512_set1_epi64(LEAST));
    if (_mm512_cmpgt_epu64_mask(place, _mm512_set1_epi64(127))) {
      for (int64_t lane = 0; lane < LANES; lane++) x[lane] = tabled_power(x[lane], by.of);
      return;
    }
    of_two = _mm512_i64gather_pd(place, by.of.of_two, sizeof(double));
  }
  const __m512i fraction = _mm512_set1_epi64(0x000fffffffffffff);
  const __m512d m = _mm512_castsi512_pd(_mm512_ternarylogic_epi64(bits, fraction, _mm512_castpd_si512(one), 0xea));  // a & b | c
  const __m512d r = _mm512_fmsub_pd(m, by.inverse.at(part), one);
  const __m512d power = of_two * part_power(r, by.of_part.at(part), by.series);
  _mm512_storeu_pd(x, _mm512_mask_mov_pd(power, zero, _mm512_set1_pd(by.of.of_zero)));
}
#else
struct Powers {
  const PowerTables &of;
  const PowerTables::Way way;
  explicit Powers(const PowerTables &from) : of(from), way(from.way) {}
};

static inline void tabled_powers(double *x, const Powers &by) {
  const double of_zero = by.of.of_zero;  // (else gcc would read it for some lanes only)
  int64_t octave[LANES], part[LANES], beyond = 0;
  EACH_LANE {
    look_up(x[lane], octave[lane], part[lane]);
    beyond |= octave[lane];
  }
  __asm__ volatile("" ::: "memory");  // indices are in memory: taking them out of vectors takes longer
  if (__builtin_expect(beyond >> 7 == 0, 1)) EACH_LANE x[lane] = power_at(x[lane], by.of, of_zero, octave[lane], part[lane]);
  else for (int64_t lane = 0; lane < LANES; lane++) x[lane] = tabled_power(x[lane], by.of);
}
#endif

static inline Powers powers_of(double exponent) { return Powers(power_tables(exponent)); }

// x <- x^y.
static inline void powers(double *x, const Powers &by) {
  if (by.way == PowerTables::NO_CHANGE) return;
  if (by.way == PowerTables::ONE) EACH_LANE x[lane] = 1;
  else if (by.way == PowerTables::ROOT) EACH_LANE x[lane] = sqrt(x[lane]);
  else if (by.way == PowerTables::TABLES) tabled_powers(x, by);
  else for (int64_t e = 0; e < LANES; e++) x[e] = other_power(x[e], by.of.exponent);
}
