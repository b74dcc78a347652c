// The index of plastic synapses by (postsynaptic cell, class), in the order of presynaptic cells.
//
// An entry says how many cells further on its presynaptic cell is, and where in the row of that cell the synapse is: its distance
// from where it would be if the targets of the row were evenly spread over all cells. In random networks both are small, so they
// share the bits of one number: `gap << bits | distance - least`, in 2, 4 or 8 bytes. Of few synapses, which the cache holds, the
// numbers of all synapses and then all presynaptic cells are kept as they are: `entry_bytes` is 0.
#pragma once
#include "rows.h"
#include "team.h"

template <typename Entry>
static void unpack(const Projection &p, int64_t row, uint32_t *__restrict synapse, uint32_t *__restrict pre) {
  const int64_t first = p.post_offsets[row], n = p.post_offsets[row + 1] - first, *offsets = p.offsets + row % p.classes;
  const Entry *__restrict entries = (const Entry *)p.entries + first;
  const uint64_t share = share_of(row / p.classes, p.post->cells);
  const Entry mask = (Entry)(((uint64_t)1 << p.bits) - 1);
  uint32_t source = 0;
  for (int64_t e = 0; e < n; e++) pre[e] = source += (uint32_t)(entries[e] >> p.bits);
  for (int64_t e = 0; e < n; e++) {
    const int64_t begin = offsets[pre[e] * p.classes], length = offsets[pre[e] * p.classes + 1] - begin;
    synapse[e] = (uint32_t)(begin + expected(length, share) + (int64_t)(entries[e] & mask) + p.least);
  }
}

static inline int64_t all(const Projection &p) { return p.post_offsets[p.post->cells * p.classes]; }

static inline void copy(const Projection &p, int64_t row, uint32_t *synapse, uint32_t *pre) {
  const uint32_t *from = (const uint32_t *)p.entries + p.post_offsets[row];
  const int64_t bytes = (p.post_offsets[row + 1] - p.post_offsets[row]) * sizeof(uint32_t);
  memcpy(synapse, from, bytes);
  memcpy(pre, from + all(p), bytes);
}

// Append the entries of a row.
static void append(const Projection &p, int64_t row, Entries &to) {
  const int64_t needed = to.count + p.post_offsets[row + 1] - p.post_offsets[row];
  if (needed > to.capacity) {
    to.capacity = 2 * needed;
    to.synapse = (uint32_t *)realloc(to.synapse, to.capacity * sizeof(uint32_t));
    to.pre = (uint32_t *)realloc(to.pre, to.capacity * sizeof(uint32_t));
  }
  if (!p.entry_bytes) copy(p, row, to.synapse + to.count, to.pre + to.count);
  else if (p.entry_bytes == 2) unpack<uint16_t>(p, row, to.synapse + to.count, to.pre + to.count);
  else if (p.entry_bytes == 4) unpack<uint32_t>(p, row, to.synapse + to.count, to.pre + to.count);
  else unpack<uint64_t>(p, row, to.synapse + to.count, to.pre + to.count);
  to.count = needed;
}

// Every synapse in the order of the rows: its row in the index, how many cells after that row's last entry it is, its distance
// and its number.
template <typename Index, typename Told>
static void visit(const Projection &p, Told told) {
  const Index *targets = (const Index *)p.targets;
  uint32_t *latest = (uint32_t *)calloc(p.post->cells * p.classes + 1, sizeof(uint32_t));
  for (int64_t row = 0; row < p.pre->cells * p.classes; row++) {
    const int64_t first = p.offsets[row], length = p.offsets[row + 1] - first;
    const uint32_t source = (uint32_t)(row / p.classes);
    for (int64_t place = 0; place < length; place++) {
      const int64_t target = targets[first + place], to = target * p.classes + row % p.classes;
      told(to, (uint64_t)(source - latest[to]), place - expected(length, share_of(target, p.post->cells)), first + place);
      latest[to] = source;
    }
  }
  free(latest);
}

static inline int64_t bits_of(uint64_t number) { return number ? 64 - __builtin_clzll(number) : 0; }

template <typename Index>
static void survey_rows(Projection &p, int64_t *post_offsets) {
  uint64_t furthest = 0;
  int64_t least = 0, most = 0;
  visit<Index>(p, [&](int64_t row, uint64_t gap, int64_t distance, int64_t) {
    post_offsets[row + 1]++;
    furthest = gap > furthest ? gap : furthest;
    least = distance < least ? distance : least;
    most = distance > most ? distance : most;
  });
  for (int64_t row = 0; row < p.post->cells * p.classes; row++) post_offsets[row + 1] += post_offsets[row];
  p.bits = bits_of((uint64_t)(most - least));
  p.least = least;
  p.entry_bytes = bits_of(furthest) + p.bits <= 16 ? 2 : bits_of(furthest) + p.bits <= 32 ? 4 : 8;
}

// Count the entries of each row of the index, whose numbers must be zero, and choose how they are packed.
extern "C" void survey(Projection *p, int64_t *post_offsets) {
  p->wide ? survey_rows<uint32_t>(*p, post_offsets) : survey_rows<uint16_t>(*p, post_offsets);
}

// Fill the index: `put` is given the place of an entry and what `visit` tells of it.
template <typename Index, typename Put>
static void place_rows(const Projection &p, Put put) {
  int64_t *next = (int64_t *)malloc((p.post->cells * p.classes + 1) * sizeof(int64_t));
  memcpy(next, p.post_offsets, p.post->cells * p.classes * sizeof(int64_t));
  visit<Index>(p, [&](int64_t row, uint64_t gap, int64_t distance, int64_t synapse) { put(row, next[row]++, gap, distance, synapse); });
  free(next);
}

template <typename Put>
static void place_entries(const Projection &p, Put put) {
  p.wide ? place_rows<uint32_t>(p, put) : place_rows<uint16_t>(p, put);
}

template <typename Entry>
static void pack_entries(const Projection &p, Entry *entries) {
  place_entries(p, [&](int64_t, int64_t at, uint64_t gap, int64_t distance, int64_t) {
    entries[at] = (Entry)(gap << p.bits | (uint64_t)(distance - p.least));
  });
}

static void keep_entries(const Projection &p, uint32_t *synapses, uint32_t *pre) {
  place_entries(p, [&](int64_t row, int64_t at, uint64_t gap, int64_t, int64_t synapse) {
    synapses[at] = (uint32_t)synapse;
    pre[at] = (uint32_t)gap + (at > p.post_offsets[row] ? pre[at - 1] : 0);
  });
}

extern "C" void pack(const Projection *p) {
  if (!p->entry_bytes) keep_entries(*p, (uint32_t *)p->entries, (uint32_t *)p->entries + all(*p));
  else if (p->entry_bytes == 2) pack_entries(*p, (uint16_t *)p->entries);
  else if (p->entry_bytes == 4) pack_entries(*p, (uint32_t *)p->entries);
  else pack_entries(*p, (uint64_t *)p->entries);
}
