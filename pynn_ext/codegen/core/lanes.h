// Several cells at once: LANES numbers of the type of the state, and a flag of one bit for each. A loop over single cells becomes one
// that mixes registers of numbers of 64 bits (the state) with those of 32 (whether cells are refractory) and 16 (what they are fed),
// and takes a quarter longer.
#pragma once
#include "real.h"

#if defined(__AVX512DQ__) && defined(__AVX512VL__)
#define PYNN_EXT_LANES
#include <immintrin.h>

static constexpr int64_t LANES = 64 / sizeof(real);
#ifdef PYNN_EXT_SINGLE
typedef __m512 Register;
typedef __mmask16 Bits;
#define FOR_LANES(NAME) _mm512_##NAME##_ps
#define FLAGS_OF(ORDER) Flags::of(_mm512_cmp_ps_mask(a.all, b.all, ORDER))
static inline Bits not_above(const int32_t *steps, int32_t now) {
  return _mm512_cmple_epi32_mask(_mm512_loadu_si512(steps), _mm512_set1_epi32(now));
}
static inline Register numbers(const uint16_t *counts) {
  return _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)counts)));
}
#else
typedef __m512d Register;
typedef __mmask8 Bits;
#define FOR_LANES(NAME) _mm512_##NAME##_pd
#define FLAGS_OF(ORDER) Flags::of(_mm512_cmp_pd_mask(a.all, b.all, ORDER))
static inline Bits not_above(const int32_t *steps, int32_t now) {
  return _mm256_cmple_epi32_mask(_mm256_loadu_si256((const __m256i *)steps), _mm256_set1_epi32(now));
}
static inline Register numbers(const uint16_t *counts) {
  return _mm512_cvtepi32_pd(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)counts)));
}
#endif

struct Flags {
  Bits bits;
  Flags(bool all) : bits(all ? (Bits)-1 : 0) {}
  static Flags of(int bits) { Flags flags(false); flags.bits = (Bits)bits; return flags; }
  friend Flags operator&(Flags a, Flags b) { return of(a.bits & b.bits); }
  friend Flags operator|(Flags a, Flags b) { return of(a.bits | b.bits); }
  friend Flags operator&&(Flags a, Flags b) { return a & b; }
  friend Flags operator||(Flags a, Flags b) { return a | b; }
  friend Flags operator!(Flags a) { return of(~a.bits); }
};

struct Lanes {
  Register all;
  Lanes(Register numbers) : all(numbers) {}
  Lanes(real number) : all(FOR_LANES(set1)(number)) {}
  friend Lanes operator-(Lanes a) { return -a.all; }
  friend Lanes operator+(Lanes a, Lanes b) { return a.all + b.all; }
  friend Lanes operator-(Lanes a, Lanes b) { return a.all - b.all; }
  friend Lanes operator*(Lanes a, Lanes b) { return a.all * b.all; }
  friend Lanes operator/(Lanes a, Lanes b) { return a.all / b.all; }
  friend Flags operator<(Lanes a, Lanes b) { return FLAGS_OF(_CMP_LT_OQ); }
  friend Flags operator>(Lanes a, Lanes b) { return FLAGS_OF(_CMP_GT_OQ); }
  friend Flags operator<=(Lanes a, Lanes b) { return FLAGS_OF(_CMP_LE_OQ); }
  friend Flags operator>=(Lanes a, Lanes b) { return FLAGS_OF(_CMP_GE_OQ); }
  friend Flags operator==(Lanes a, Lanes b) { return FLAGS_OF(_CMP_EQ_OQ); }
  friend Flags operator!=(Lanes a, Lanes b) { return FLAGS_OF(_CMP_NEQ_UQ); }
};

static inline Lanes get(const real *from) { return FOR_LANES(loadu)(from); }
static inline void put(real *to, Lanes lanes) { FOR_LANES(storeu)(to, lanes.all); }
static inline Lanes choose(Flags flags, Lanes yes, Lanes no) { return FOR_LANES(mask_mov)(no.all, flags.bits, yes.all); }
static inline Flags are_ready(const int32_t *ready, int32_t now) { return Flags::of(not_above(ready, now)); }
static inline Lanes _brian_pow(Lanes x, int y) {  // 2, 3 or 4
  const Lanes square = x * x;
  return y == 2 ? square : square * (y == 3 ? x : square);
}
template <int column> static inline Lanes fed(Lanes value, real weight, const uint16_t *counts, int64_t cell) {
  return column == PYNN_EXT_FED ? value + Lanes(weight) * Lanes(numbers(counts + cell)) : value;
}
#endif
