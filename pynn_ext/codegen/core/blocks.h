// Exponentials and powers of a group of LANES synapses. Each is a function of its own argument, to the bit, whatever is beside it:
// the short way that a group of small arguments takes is the long way without the steps that change nothing.
//
// Loops over lanes become vectors, unless gcc unrolls them before it looks for vectors.
#pragma once
#include "exponential.h"

static constexpr int64_t BLOCK = 16, LANES = 8;

#define EACH_GROUP _Pragma("GCC unroll 1") for (int64_t group = 0; group < count; group += LANES)
#define EACH_LANE _Pragma("GCC ivdep") _Pragma("GCC unroll 1") for (int64_t lane = 0; lane < LANES; lane++)
#define EACH_LANE_APART _Pragma("GCC unroll 8") for (int64_t lane = 0; lane < LANES; lane++)

// The last of `count` entries again, up to whole groups.
template <typename T> static inline void fill_up(T *x, int64_t count) {
  for (int64_t e = count; e % LANES; e++) x[e] = x[count - 1];
}

// `count` entries in whole groups: where they are, or if there are too few copied and filled up.
template <typename T> static inline const T *whole_groups(const T *from, int64_t count, T *room) {
  if (count % LANES == 0) return from;
  memcpy(room, from, count * sizeof(T));
  fill_up(room, count);
  return room;
}

// Every entry of a column in which `width` lie beside each other.
template <typename T> static inline void take(const T *from, int64_t width, int64_t count, T *to) {
  if (count == BLOCK) for (int64_t e = 0; e < BLOCK; e++) to[e] = from[width * e];
  else for (int64_t e = 0; e < count; e++) to[e] = from[width * e];
  fill_up(to, count);
}
template <typename T> static inline void put(const T *from, int64_t width, int64_t count, T *to) {
  if (count == BLOCK) for (int64_t e = 0; e < BLOCK; e++) to[width * e] = from[e];
  else for (int64_t e = 0; e < count; e++) to[width * e] = from[e];
}

#if defined(__FP_FAST_FMA) && !defined(PYNN_EXT_SINGLE)
#include "powers.h"

// x <- e^x, to one unit in the last place. Arguments within 0.34375 < ln(2) / 2 are their own remainders: `room` is negative for
// others, and for what is not a number. Where an exponent is 0, all arguments are.
static inline void exponentials(double *x) {
  int64_t room = 0, any = 0;
  EACH_LANE {
    int64_t bits;
    __builtin_memcpy(&bits, x + lane, sizeof bits);
    bits &= 0x7fffffffffffffff;
    any |= bits;
    room |= 0x3fd6000000000000 - bits;
  }
  if (any == 0) EACH_LANE x[lane] = 1.0;
  else if (__builtin_expect(room >= 0, 1)) EACH_LANE x[lane] = exp_series(x[lane]);
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
