// The functions of Brian2's language in single precision, beside those of double precision (which times are).
#pragma once

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && !defined(PYNN_EXT_SCALAR_MATH)
#define VECTORISED __attribute__((simd("notinbranch")))
#else
#define VECTORISED
#endif
#define SINGLE(ATTRIBUTES, NAME) \
  extern "C" ATTRIBUTES float NAME##f(float); \
  static inline float NAME(float x) { return NAME##f(x); } \
  static inline float NAME(int x) { return NAME##f((float)x); }

#if defined(__AVX512DQ__)
// As for double; the series ends at r^7, where what is left is an eighth of the last place.
static inline float inline_exp(float x) {
  const float bounded = x < -87.3f ? -87.3f : (x > 88.7f ? 88.7f : x);
  const float n = __builtin_rintf(bounded * 1.44269504f);
  float r = __builtin_fmaf(-n, 0.693359375f, bounded);
  r = __builtin_fmaf(-n, -2.12194440e-4f, r);
  const float r2 = r * r, r4 = r2 * r2;
  const float low = __builtin_fmaf(__builtin_fmaf(r, 1.0f / 6.0f, 0.5f), r2, 1.0f + r);
  const float high = __builtin_fmaf(__builtin_fmaf(r, 1.0f / 5040.0f, 1.0f / 720.0f), r2, __builtin_fmaf(r, 1.0f / 120.0f, 1.0f / 24.0f));
  float p = __builtin_fmaf(high, r4, low);
  int32_t bits;
  __builtin_memcpy(&bits, &p, sizeof bits);
  bits += (int32_t)n << 23;
  __builtin_memcpy(&p, &bits, sizeof p);
  p = x > 88.7f ? __builtin_inff() : p;
  p = x < -87.3f ? 0.0f : p;
  return x != x ? x : p;
}
static inline float inline_exp(int x) { return inline_exp((float)x); }
#else
SINGLE(VECTORISED, exp)
#endif
SINGLE(VECTORISED, log)
SINGLE(VECTORISED, sin)
SINGLE(VECTORISED, cos)
SINGLE(, expm1)
SINGLE(, log1p)
SINGLE(, log10)
SINGLE(, asin)
SINGLE(, acos)
SINGLE(, atan)
SINGLE(, tan)
SINGLE(, tanh)
SINGLE(, sinh)
SINGLE(, cosh)
SINGLE(, sqrt)
SINGLE(, floor)
SINGLE(, ceil)
SINGLE(, fabs)
extern "C" VECTORISED float powf(float, float);
static inline float pow(float x, float y) { return powf(x, y); }
static inline float _brian_pow(float x, double y) { return powf(x, (float)y); }
