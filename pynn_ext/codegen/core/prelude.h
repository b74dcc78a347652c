// What generated code may use: the coherent units of PyNN (mV, ms, nA, nF, uS), and the functions of Brian2's language.
#pragma once
#include <stdint.h>
#include <string.h>

extern "C" {
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
// glibc has vector versions (libmvec); declaring them here makes them usable without -ffinite-math-only.
__attribute__((simd("notinbranch"))) double exp(double);
__attribute__((simd("notinbranch"))) double log(double);
__attribute__((simd("notinbranch"))) double sin(double);
__attribute__((simd("notinbranch"))) double cos(double);
__attribute__((simd("notinbranch"))) double pow(double, double);
#else
double exp(double);
double log(double);
double sin(double);
double cos(double);
double pow(double, double);
#endif
double expm1(double);
double tan(double);
double tanh(double);
double sinh(double);
double cosh(double);
double sqrt(double);
double floor(double);
double ceil(double);
double fabs(double);
}

static constexpr double volt = 1e3, mvolt = 1.0, mV = 1.0, uvolt = 1e-3, uV = 1e-3;
static constexpr double second = 1e3, msecond = 1.0, ms = 1.0, usecond = 1e-3, us = 1e-3;
static constexpr double amp = 1e9, ampere = 1e9, mamp = 1e6, mA = 1e6, uamp = 1e3, uA = 1e3, namp = 1.0, nA = 1.0, pamp = 1e-3, pA = 1e-3;
static constexpr double farad = 1e9, ufarad = 1e3, uF = 1e3, nfarad = 1.0, nF = 1.0, pfarad = 1e-3, pF = 1e-3;
static constexpr double siemens = 1e6, msiemens = 1e3, mS = 1e3, usiemens = 1.0, uS = 1.0, nsiemens = 1e-3, nS = 1e-3;
static constexpr double hertz = 1e-3, Hz = 1e-3, khertz = 1.0, kHz = 1.0;
static constexpr double ohm = 1e-6, Mohm = 1.0, Gohm = 1e3;

static inline double _clip(double x, double low, double high) { return x < low ? low : (x > high ? high : x); }
static inline int _int_(bool x) { return x; }
#define int_(x) ((int)(x))
// (e^x - 1) / x without a branch; exact to rounding for |x| > 1e-5 and by its series below.
static inline double _exprel(double x) {
  const double small = 1.0 + x * (0.5 + x * (1.0 / 6.0));
  const double safe = fabs(x) < 1e-5 ? 1.0 : x;
  return fabs(x) < 1e-5 ? small : (exp(safe) - 1.0) / safe;
}
static inline double _brian_pow(double x, double y) { return pow(x, y); }
static inline double _brian_pow(double x, int y) {
  switch (y) {
    case 2: return x * x;
    case 3: return x * x * x;
    case 4: return (x * x) * (x * x);
    default: return pow(x, (double)y);
  }
}
static inline double _brian_mod(double x, double y) { return x - y * floor(x / y); }
static inline double _brian_floordiv(double x, double y) { return floor(x / y); }
template <typename T> static inline int _sign(T x) { return (T(0) < x) - (x < T(0)); }

// exp(M h) for a small dense matrix (row-major, at most 16 x 16): scaling and squaring with a Taylor series.
static inline void expm(int n, const double *m, double h, double *result) {
  double scaled[256], term[256], next[256], norm = 0.0;
  for (int i = 0; i < n; i++) {
    double row = 0.0;
    for (int j = 0; j < n; j++) row += fabs(m[i * n + j] * h);
    if (row > norm) norm = row;
  }
  int squarings = 0;
  while (norm > 0.25 && squarings < 60) { norm *= 0.5; h *= 0.5; squarings++; }
  for (int i = 0; i < n * n; i++) scaled[i] = m[i] * h;
  for (int i = 0; i < n * n; i++) result[i] = term[i] = (i % (n + 1) == 0);
  auto multiply = [n](const double *a, const double *b, double *c) {
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        double sum = 0.0;
        for (int k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
        c[i * n + j] = sum;
      }
  };
  for (int order = 1; order < 14; order++) {
    multiply(term, scaled, next);
    for (int i = 0; i < n * n; i++) result[i] += term[i] = next[i] / order;
  }
  for (; squarings; squarings--) { multiply(result, result, next); memcpy(result, next, sizeof(double) * n * n); }
}
