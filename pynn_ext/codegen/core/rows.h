// Rows of synapses lie anywhere in memory, and processors find out too late that one is read in order: so they are asked for
// ahead of time, into the second level of the cache.
#pragma once
#include "records.h"

static constexpr int64_t LINE = 64, ASKED = 4096;  // bytes; lines that fit into the second level of the cache

static inline uint64_t share_of(int64_t cell, int64_t cells) { return ((uint64_t)cell << 32) / cells; }  // times 2^32

static inline int64_t expected(int64_t length, uint64_t share) { return (int64_t)(length * share >> 32); }

struct Part { uint64_t from, to; };  // shares of the cells of a thread

static inline Part part_of(int64_t low, int64_t high, int64_t cells) {
  return {share_of(low, cells), share_of(high < cells ? high : cells, cells)};
}

// (As functions of their own these have no effect that gcc knows of, and calls of them are left out.)
__attribute__((always_inline)) static inline void ask_for(const void *from, int64_t first, int64_t last, int64_t size, int64_t &left) {
  const char *at = (const char *)from + first * size, *end = (const char *)from + last * size;
  for (; at < end && left > 0; at += LINE, left--) __builtin_prefetch(at, 0, 2);
}

// The part of a row that belongs to some cells if its targets are evenly spread, and what `values` has for it, of `size` bytes each.
__attribute__((always_inline)) static inline void ask_for_row(const Projection &p, int64_t row, const Part &part, const void *values,
                                                              int64_t size, int64_t &left) {
  const int64_t begin = p.offsets[row], length = p.offsets[row + 1] - begin;
  const int64_t first = begin + expected(length, part.from), last = begin + expected(length, part.to);
  ask_for(p.targets, first, last, p.wide ? sizeof(uint32_t) : sizeof(uint16_t), left);
  ask_for(values, first, last, size, left);
}

template <typename Index, typename Weight>
static inline void add_weights(real *receptor, const Index *__restrict targets, const Weight *__restrict weight, real factor,
                               int64_t first, int64_t last) {
  for (int64_t s = first; s < last; s++) receptor[targets[s]] += factor * (real)weight[s];
}
