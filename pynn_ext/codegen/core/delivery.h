// Spikes along static synapses: weights are added to the receptors of a range of cells, in one order whatever the range.
#pragma once
#include "records.h"
#include "rows.h"
#include "sources.h"

static constexpr int64_t BLOCK = 256;  // cells whose columns fit into the first level of the cache

template <typename Index>
static inline void add_weight(real *receptor, const Index *__restrict targets, real weight, int64_t first, int64_t last) {
#pragma GCC unroll 4  // rows are long: a tenth of Brunel's network
  for (int64_t s = first; s < last; s++) receptor[targets[s]] += weight;
}

template <typename Index>
static inline void deliver_row(const Projection &p, real *receptor, int64_t first, int64_t last, int64_t low, int64_t high) {
  const Index *targets = (const Index *)p.targets;
  if (low > 0) first = lower(targets, first, last, low);
  if (high < p.post->cells) last = lower(targets, first, last, high);
  if (p.varied == 1) add_weights(receptor, targets, (const double *)p.weight, p.factor, first, last);
  else if (p.varied) add_weights(receptor, targets, (const float *)p.weight, p.factor, first, last);
  else add_weight(receptor, targets, p.factor * *(const double *)p.weight, first, last);
}

// How many spikes of each source of a block of cells act in a step, from index `low` on. Counts that nobody else looks at are made
// here; what was fired before `begin` is kept.
static const uint16_t *counts_of(const Projection &p, int64_t k, int64_t low, int64_t high, int64_t begin, uint16_t *made) {
  const int64_t step = k - p.delay[0];
  if (step >= 0 && !(p.pre->unseen && step > begin)) return counts_at(*p.pre, step);
  if (step >= 0) count_poisson(*p.pre, low, high < p.pre->cells ? high : p.pre->cells, step - 1, made);
  else memset(made, 0, BLOCK * sizeof(uint16_t));
  return made - low;
}

// Source i has one synapse, onto cell i: nothing has to be looked up.
static void deliver_counts(const Projection &p, real *__restrict receptor, int64_t k, int64_t low, int64_t high, int64_t begin) {
  uint16_t made[BLOCK];
  const int64_t end = high < p.pre->cells ? high : p.pre->cells;  // there may be more cells than sources
  const uint16_t *__restrict counts = counts_of(p, k, low, high, begin, made);
  const real factor = p.factor;
  if (p.varied == 1) for (int64_t i = low; i < end; i++) receptor[i] += factor * (real)((const double *)p.weight)[i] * counts[i];
  else if (p.varied) for (int64_t i = low; i < end; i++) receptor[i] += factor * ((const float *)p.weight)[i] * counts[i];
  else {
    const real weight = p.factor * *(const double *)p.weight;
    for (int64_t i = low; i < end; i++) receptor[i] += weight * counts[i];
  }
}

// The place of a row is asked for `far` rows ahead, its synapses `near` rows ahead.
template <typename Index>
static void deliver_lists(const Projection &p, real *receptor, int64_t k, int64_t low, int64_t high) {
  constexpr int64_t far = 8, near = 4;
  const int64_t bytes = p.varied == 1 ? sizeof(double) : p.varied ? sizeof(float) : 0;  // of a weight
  const Part part = part_of(low, high, p.post->cells);
  for (int64_t c = 0; c < p.classes; c++) {
    if (k < p.delay[c]) continue;
    const Spikes &spikes = slot(*p.pre, k - p.delay[c]);
    const auto row_of = [&](int64_t j) { return (int64_t)spikes.index[j] * p.classes + c; };
    for (int64_t j = -far; j < spikes.count; j++) {
      if (j + far < spikes.count) __builtin_prefetch(p.offsets + row_of(j + far));
      int64_t left = ASKED / near;
      if (j + near >= 0 && j + near < spikes.count) ask_for_row(p, row_of(j + near), part, p.weight, bytes, left);
      if (j < 0) continue;
      deliver_row<Index>(p, receptor, p.offsets[row_of(j)], p.offsets[row_of(j) + 1], low, high);
    }
  }
}

static void deliver(const Projection &p, real *receptor, int64_t k, int64_t low, int64_t high) {
  if (p.wide) deliver_lists<uint32_t>(p, receptor, k, low, high);
  else deliver_lists<uint16_t>(p, receptor, k, low, high);
}
