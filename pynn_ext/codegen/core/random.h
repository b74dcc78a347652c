// Counter-based random numbers: a draw is a hash of what it belongs to, never of what was drawn before.
#pragma once
#include <stdint.h>

template <typename Word>
static inline Word mix(Word z) {  // finalizer of splitmix64, of one number or of several at once
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

// A number of at most 53 bits, or 2^53. AVX2 converts integers of 32 bits only, so that loops with draws would be none of vectors;
// its halves are exact, and so is their sum.
static inline double as_double(uint64_t bits) {
#if defined(__AVX512DQ__)
  return (double)bits;
#else
  return (double)(int32_t)(bits >> 27) * 0x1.0p27 + (double)(int32_t)(bits & 0x7ffffff);
#endif
}

// Uniform number in (0, 1] from the key of a cell and the number of the draw, as in network/draws.py.
static inline double drawn(uint64_t key, uint64_t draw) {
  return as_double((mix(key + draw * 0x9e3779b97f4a7c15ull) >> 11) + 1) * 0x1.0p-53;
}

// Key of all draws of one projection.
static inline uint64_t projection_key(uint64_t seed, uint64_t stream) {
  return mix(mix(seed + 0x9e3779b97f4a7c15ull * (stream + 1)) + 0x8cb92ba72f3d8dd7ull);
}

// Key of its draws at one spike; `repeat` counts spikes of the same cell in the same step. Postsynaptic spikes count steps
// down from the largest number.
static inline uint64_t spike_key(uint64_t projection, uint64_t step, uint64_t repeat) {
  return mix(projection + step * 0xd1342543de82ef95ull + repeat * 0xaef17502108ef2d9ull);
}

// Number `number` in [0, 1) of synapse `synapse`, and of its trial `trial`.
static inline double uniform_draw(uint64_t key, uint64_t synapse, uint64_t number, uint64_t trial = 0) {
  const uint64_t bits = mix(mix(key + synapse * 0x9e3779b97f4a7c15ull) + number * 0xd1342543de82ef95ull + trial * 0x9e3779b97f4a7c15ull);
  return as_double(bits >> 11) * 0x1.0p-53;
}

static inline double binomial_draw(uint64_t key, uint64_t synapse, uint64_t number, double trials, double p) {
  double successes = 0.0;
  for (uint64_t trial = 0; trial < trials; trial++) successes += uniform_draw(key, synapse, number, trial) < p;
  return successes;
}
