// What generated code may use: the coherent units of PyNN (mV, ms, nA, nF, uS), and the functions of Brian2's language.
#pragma once
#include <stdint.h>
#include <string.h>
#include "random.h"
#include "real.h"

extern "C" {
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && !defined(PYNN_EXT_SCALAR_MATH)
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
double log1p(double);
double log10(double);
double asin(double);
double acos(double);
double atan(double);
double tan(double);
double tanh(double);
double sinh(double);
double cosh(double);
double sqrt(double);
double floor(double);
double ceil(double);
double fabs(double);
}

#include "exponential.h"
#ifdef PYNN_EXT_SINGLE
#include "single.h"
#endif
#include "exprel.h"

static constexpr real volt = 1e3, mvolt = 1.0, mV = 1.0, uvolt = 1e-3, uV = 1e-3;
static constexpr real second = 1e3, msecond = 1.0, ms = 1.0, usecond = 1e-3, us = 1e-3;
static constexpr real amp = 1e9, ampere = 1e9, mamp = 1e6, mA = 1e6, uamp = 1e3, uA = 1e3, namp = 1.0, nA = 1.0, pamp = 1e-3, pA = 1e-3;
static constexpr real farad = 1e9, ufarad = 1e3, uF = 1e3, nfarad = 1.0, nF = 1.0, pfarad = 1e-3, pF = 1e-3;
static constexpr real siemens = 1e6, msiemens = 1e3, mS = 1e3, usiemens = 1.0, uS = 1.0, nsiemens = 1e-3, nS = 1e-3;
static constexpr real hertz = 1e-3, Hz = 1e-3, khertz = 1.0, kHz = 1.0;
static constexpr real ohm = 1e-6, Mohm = 1.0, Gohm = 1e3;

// What the receptor in a column has at the begin of a step: where it is the one that is fed, with the spikes of the cell's own source,
// which are counted and have one weight.
#ifndef PYNN_EXT_FED
#define PYNN_EXT_FED -1
#endif
template <int column> static inline real fed(real value, real weight, const uint16_t *counts, int64_t cell) {
  return column == PYNN_EXT_FED ? value + weight * counts[cell] : value;
}

static inline real _clip(real x, real low, real high) {  // in two steps, each of which is one instruction
  const real raised = x < low ? low : x;
  return raised > high ? high : raised;
}
static inline real _brian_abs(real x) { return fabs(x); }
static inline int _int_(bool x) { return x; }
#define int_(x) ((int)(x))
// (e^x - 1) / x without a branch: by its series where the difference would lose digits.
static inline real _exprel(real x) {
#ifdef PYNN_EXT_SINGLE
  const real bound = 0.1f, small = 1 + x * (0.5f + x * (1.0f / 6.0f + x * (1.0f / 24.0f + x * (1.0f / 120.0f))));
#else
  const real bound = 1e-5, small = 1.0 + x * (0.5 + x * (1.0 / 6.0));
#endif
  const real safe = fabs(x) < bound ? 1 : x;
  return fabs(x) < bound ? small : (exp(safe) - 1) / safe;
}
// e^n for 0 < n < 128; all powers of one number share its squares.
template <class Real> static inline Real whole_power(Real e, int n) {
  const Real e2 = e * e, e4 = e2 * e2, e8 = e4 * e4, e16 = e8 * e8, e32 = e16 * e16, e64 = e32 * e32, one = 1;
  const Real low = (n & 1 ? e : one) * (n & 2 ? e2 : one) * (n & 4 ? e4 : one);
  return low * (n & 8 ? e8 : one) * (n & 16 ? e16 : one) * (n & 32 ? e32 : one) * (n & 64 ? e64 : one);
}
// e^x for small x, by its series to x^4.
template <class Real> static inline Real exp_near(Real x) {
  return 1 + x * (1 + x * (Real(0.5) + x * (Real(1.0 / 6.0) + x * Real(1.0 / 24.0))));
}
// x / (e^x - 1), where e^x is given; by its series near 0, where the difference loses digits: to 1e-9 there.
static inline double exprel_inverse(double x, double grown) {
  const double near = 1.0 - 0.5 * x;
  return fabs(x) < 1e-4 ? near : x / (grown - 1.0);
}
static inline real _brian_pow(real x, real y) { return pow(x, y); }
static inline real _brian_pow(real x, int y) {
  switch (y) {
    case 2: return x * x;
    case 3: return x * x * x;
    case 4: return (x * x) * (x * x);
    default: return pow(x, (real)y);
  }
}
static inline real _brian_mod(real x, real y) { return x - y * floor(x / y); }
static inline real _brian_floordiv(real x, real y) { return floor(x / y); }
template <typename T> static inline int _sign(T x) { return (T(0) < x) - (x < T(0)); }

// exp(M h) for a small dense matrix (row-major, n x n): scaling and squaring with a Taylor series.
template <int n>
static inline void expm(const double *m, double h, double *result) {
  double scaled[n * n], term[n * n], next[n * n], norm = 0.0;
  for (int i = 0; i < n; i++) {
    double row = 0.0;
    for (int j = 0; j < n; j++) row += fabs(m[i * n + j] * h);
    if (row > norm) norm = row;
  }
  int squarings = 0;
  while (norm > 0.25 && squarings < 60) { norm *= 0.5; h *= 0.5; squarings++; }
  for (int i = 0; i < n * n; i++) scaled[i] = m[i] * h;
  for (int i = 0; i < n * n; i++) result[i] = term[i] = (i % (n + 1) == 0);
  auto multiply = [](const double *a, const double *b, double *c) {
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
