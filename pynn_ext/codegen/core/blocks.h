// Exponentials and powers of a block of LANES synapses. Each is a function of its own argument, to the bit, whatever is beside it:
// the short way that a block of small arguments takes is the long way without the steps that change nothing.
//
// Loops over lanes become vectors, unless gcc unrolls them before it looks for vectors.
#pragma once
#include "exponential.h"
#if defined(__AVX512DQ__)
#include <immintrin.h>
#endif

static constexpr int64_t LANES = 8;

#define EACH_LANE _Pragma("GCC ivdep") _Pragma("GCC unroll 1") for (int64_t lane = 0; lane < LANES; lane++)
#define EACH_LANE_APART _Pragma("GCC unroll 8") for (int64_t lane = 0; lane < LANES; lane++)

// What `at` gives for each lane. Numbers that are stored one by one and read as one would have to wait for each other.
template <typename T, typename At> static inline void gather(T *to, At at) {
  typedef T Block __attribute__((vector_size(LANES * sizeof(T)), aligned(sizeof(T)), may_alias));
  *(Block *)to = Block{at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)};
}
// The reverse: `at` gives the place of each lane.
template <typename T, typename At> static inline void scatter(const T *from, At at) {
  typedef T Block __attribute__((vector_size(LANES * sizeof(T)), aligned(sizeof(T)), may_alias));
  const Block all = *(const Block *)from;
  EACH_LANE_APART at(lane) = all[lane];
}

// Parts of a block, which only the end of a row is, are filled up with their last entry; they are treated elsewhere, so that nothing
// of it is in the way of whole ones.
#define APART template <typename T> __attribute__((noinline, cold)) static

APART const T *filled_up(const T *from, int64_t width, int64_t count, T *room) {
  for (int64_t e = 0; e < LANES; e++) room[e] = from[width * (e < count ? e : count - 1)];
  return room;
}
APART void put_part(const T *from, int64_t width, int64_t count, T *to) {
  for (int64_t e = 0; e < count; e++) to[width * e] = from[e];
}

// `count` entries as a whole block: where they are, or if there are too few copied and filled up.
template <typename T> static inline const T *whole_block(const T *from, int64_t count, T *room) {
  return __builtin_expect(count == LANES, 1) ? from : filled_up(from, 1, count, room);
}

// Every entry of a column in which `width` lie beside each other.
template <typename T> static inline void take(const T *from, int64_t width, int64_t count, T *to) {
  if (__builtin_expect(count == LANES, 1)) gather(to, [&](int64_t lane) { return from[width * lane]; });
  else filled_up(from, width, count, to);
}
template <typename T> static inline void put(const T *from, int64_t width, int64_t count, T *to) {
  if (__builtin_expect(count == LANES, 1)) scatter(from, [&](int64_t lane) -> T & { return to[width * lane]; });
  else put_part(from, width, count, to);
}

#if defined(__FP_FAST_FMA) && !defined(PYNN_EXT_SINGLE)
#include "powers.h"

// Whether all arguments are 0, as where an exponent is, or all are within 0.34375 < ln(2) / 2 and so their own remainders. What is
// not a number is beyond.
enum Sizes { ZERO, WITHIN, BEYOND };
static inline Sizes sizes(const double *x) {
#if defined(__AVX512DQ__)
  const __m512d size = _mm512_abs_pd(_mm512_loadu_pd(x));
  if (_mm512_cmp_pd_mask(size, _mm512_set1_pd(0.34375), _CMP_NLE_UQ)) return BEYOND;
  return _mm512_test_epi64_mask((__m512i)size, (__m512i)size) ? WITHIN : ZERO;
#else
  int64_t room = 0, any = 0;
  EACH_LANE {
    int64_t bits;
    __builtin_memcpy(&bits, x + lane, sizeof bits);
    bits &= 0x7fffffffffffffff;
    any |= bits;
    room |= 0x3fd6000000000000 - bits;
  }
  return room < 0 ? BEYOND : any ? WITHIN : ZERO;
#endif
}

// x <- e^x, to one unit in the last place.
static inline void exponentials(double *x) {
  const Sizes found = sizes(x);
  if (found == ZERO) EACH_LANE x[lane] = 1.0;
  else if (__builtin_expect(found == WITHIN, 1)) EACH_LANE x[lane] = exp_series(x[lane]);
  else {
    EACH_LANE x[lane] = not_below(x[lane]);  // (in loops of their own, else they become branches)
    EACH_LANE x[lane] = not_above(x[lane]);
    EACH_LANE x[lane] = exp_within(x[lane]);
  }
}
#else
static inline void exponentials(real *x) { EACH_LANE x[lane] = exp(x[lane]); }

struct Powers { real exponent; };
static inline Powers powers_of(real exponent) { return {exponent}; }

// x <- x^exponent: the usual exponents cost less.
static inline void powers(real *x, const Powers &of) {
  if (of.exponent == 1) return;
  if (of.exponent == 0) EACH_LANE x[lane] = 1;
  else if (of.exponent == (real)0.5) EACH_LANE x[lane] = sqrt(x[lane]);
  else EACH_LANE x[lane] = pow(x[lane], of.exponent);
}
#endif
