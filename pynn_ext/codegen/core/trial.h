// What units with steps on trial use: the cells that fail, listed. And the compiler orders their long loops before it gives
// out registers, which saves a thirtieth.
#pragma once
#if defined(__AVX512F__)
#include <immintrin.h>
#endif
#include "real.h"
#pragma GCC optimize("schedule-insns,sched-pressure")

// Appends to `listed`, of `count` numbers, each first + k, k < 64, where failed[k] is 1, and returns the new count; up to 16
// numbers more are overwritten.
static inline int64_t append(int32_t *listed, int64_t count, int64_t first, const int32_t *failed) {
#if defined(__AVX512F__)
  const __m512i order = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  for (int64_t k = 0; k < 64; k += 16) {
    const __m512i flags = _mm512_loadu_si512(failed + k), index = _mm512_add_epi32(order, _mm512_set1_epi32((int32_t)(first + k)));
    const __mmask16 mask = _mm512_test_epi32_mask(flags, flags);
    _mm512_storeu_si512(listed + count, _mm512_maskz_compress_epi32(mask, index));
    count += __builtin_popcount(mask);
  }
#else
  for (int64_t k = 0; k < 64; k++) {
    listed[count] = (int32_t)(first + k);
    count += failed[k];
  }
#endif
  return count;
}

// `now` where `chosen` is 1, else `before`, bit by bit. Of `chosen ? now : before`, stored where `before` is from, compilers
// make stores under a mask, which take a core of a Zen 3 without AVX-512 as long as dozens of products.
static inline real choose(int32_t chosen, real now, real before) {
#ifdef PYNN_EXT_SINGLE
  typedef int32_t bits;
#else
  typedef int64_t bits;
#endif
  const bits mask = -(bits)chosen;
  bits a, b;
  __builtin_memcpy(&a, &now, sizeof a);
  __builtin_memcpy(&b, &before, sizeof b);
  a = (a & mask) | (b & ~mask);
  real result;
  __builtin_memcpy(&result, &a, sizeof result);
  return result;
}
