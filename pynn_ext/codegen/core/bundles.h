// Many projections of one group as one. Where each has its own delays and weights, what one spike reaches after one delay is a
// few synapses in each projection, far apart in memory. A bundle has them side by side: sorted by source, delay and place in
// a row that holds one sum for each (receptor, cell) of a thread; the row is then added to the receptors.
#pragma once
#include "delivery.h"

struct Rows { int64_t *row; int64_t count, capacity; };  // segments that act in a step

static void find_rows(const Bundle &bundle, int64_t k, Rows &rows) {
  rows.count = 0;
  for (int64_t c = 0; c < bundle.classes; c++) {
    if (k < bundle.delay[c]) continue;
    const Spikes &spikes = slot(*bundle.pre, k - bundle.delay[c]);
    if (rows.count + spikes.count > rows.capacity) {
      rows.capacity = 2 * (rows.count + spikes.count);
      rows.row = (int64_t *)realloc(rows.row, rows.capacity * sizeof(int64_t));
    }
    for (int64_t i = 0; i < spikes.count; i++) rows.row[rows.count++] = spikes.index[i] * bundle.classes + c;
  }
}

// Segments lie anywhere in memory: their places are asked for long before they are used, then their contents.
template <typename Index, typename Weight>
static void deliver_segments(const Share &share, const Rows &rows) {
  const int64_t far = 24, near = 12;
  const Index *targets = (const Index *)share.targets;
  const Weight *weights = (const Weight *)share.weights;
  for (int64_t j = -far; j < rows.count; j++) {
    if (j + far < rows.count) __builtin_prefetch(share.offsets + rows.row[j + far]);
    if (j + near >= 0 && j + near < rows.count) {
      const int64_t row = rows.row[j + near], first = share.offsets[row], last = share.offsets[row + 1];
      for (int64_t s = first; s < last; s += 64 / sizeof(Index)) __builtin_prefetch(targets + s);
      for (int64_t s = first; s < last; s += 64 / sizeof(Weight)) __builtin_prefetch(weights + s);
    }
    if (j < 0) continue;
    const int64_t row = rows.row[j];
    add_weights(share.row, targets, weights, 1.0, share.offsets[row], share.offsets[row + 1]);
  }
}

static void deliver_bundle(const Bundle &bundle, int64_t thread, int64_t k, Rows &rows) {
  find_rows(bundle, k, rows);
  const Share &share = bundle.shares[thread];
  if (share.wide && bundle.single) deliver_segments<uint32_t, float>(share, rows);
  else if (share.wide) deliver_segments<uint32_t, double>(share, rows);
  else if (bundle.single) deliver_segments<uint16_t, float>(share, rows);
  else deliver_segments<uint16_t, double>(share, rows);
}

static void add_slices(const Core &core, const Group &group, int64_t thread) {
  for (int64_t s = 0; s < core.n_slices; s++) {
    const Slice &slice = core.slices[s];
    if (slice.thread != thread || slice.post != &group) continue;
    double *__restrict receptor = slice.receptor + slice.low, *__restrict row = slice.row;
    for (int64_t i = 0; i < slice.high - slice.low; i++) {
      receptor[i] += slice.factor * row[i];
      row[i] = 0.0;
    }
  }
}

// One projection of a bundle, and its place in one thread's share: cells from `low` to `high` are at `base` in the row.
struct Part {
  int64_t *offsets; void *targets, *weights; int64_t wide, classes;
  const int64_t *member;           // for each class of the bundle the one of the projection, or -1
  int64_t low, high, base;
};

template <typename Index, typename Weight>
static int64_t copy_in(const Part &p, int64_t first, int64_t last, Index *targets, Weight *weights, int64_t at) {
  const void *from = p.targets;
  if (p.wide) {
    first = lower((const uint32_t *)from, first, last, p.low);
    last = lower((const uint32_t *)from, first, last, p.high);
  } else {
    first = lower((const uint16_t *)from, first, last, p.low);
    last = lower((const uint16_t *)from, first, last, p.high);
  }
  if (targets) for (int64_t s = first; s < last; s++, at++) {
    targets[at] = (Index)((p.wide ? (int64_t)((const uint32_t *)from)[s] : (int64_t)((const uint16_t *)from)[s]) - p.low + p.base);
    weights[at] = ((const Weight *)p.weights)[s];
  }
  else at += last - first;
  return at;
}

template <typename Index, typename Weight>
static int64_t merge(const Part *parts, int64_t n, int64_t cells, int64_t classes, uint32_t *offsets, Index *targets, Weight *weights) {
  int64_t at = 0;
  for (int64_t i = 0; i < cells; i++) for (int64_t c = 0; c < classes; c++) {
    if (offsets) offsets[i * classes + c] = (uint32_t)at;
    for (int64_t j = 0; j < n; j++) {
      const Part &p = parts[j];
      if (p.member[c] < 0) continue;
      const int64_t row = i * p.classes + p.member[c];
      at = copy_in(p, p.offsets[row], p.offsets[row + 1], targets, weights, at);
    }
  }
  if (offsets) offsets[cells * classes] = (uint32_t)at;
  return at;
}

// Fill one share from its parts, which are sorted by base; without arrays, only count.
extern "C" int64_t merge_share(const Part *parts, int64_t n, int64_t cells, int64_t classes, uint32_t *offsets, void *targets,
                               void *weights, int64_t wide, int64_t single) {
  if (wide && single) return merge(parts, n, cells, classes, offsets, (uint32_t *)targets, (float *)weights);
  if (wide) return merge(parts, n, cells, classes, offsets, (uint32_t *)targets, (double *)weights);
  if (single) return merge(parts, n, cells, classes, offsets, (uint16_t *)targets, (float *)weights);
  return merge(parts, n, cells, classes, offsets, (uint16_t *)targets, (double *)weights);
}

template <typename Index, typename Weight>
static void split(const Part *parts, const Share *shares, int64_t n, int64_t cells, int64_t classes) {
  int64_t at = 0;
  for (int64_t i = 0; i < cells; i++) for (int64_t c = 0; c < classes; c++) {
    const Part &own = parts[0];
    if (own.member[c] < 0) continue;
    own.offsets[i * own.classes + own.member[c]] = at;
    for (int64_t j = 0; j < n; j++) {
      const Part &p = parts[j];
      const Index *targets = (const Index *)shares[j].targets;
      int64_t first = shares[j].offsets[i * classes + c], last = shares[j].offsets[i * classes + c + 1];
      first = lower(targets, first, last, p.base);
      last = lower(targets, first, last, p.base + p.high - p.low);
      for (int64_t s = first; s < last; s++, at++) {
        const int64_t target = targets[s] - p.base + p.low;
        if (p.wide) ((uint32_t *)p.targets)[at] = (uint32_t)target; else ((uint16_t *)p.targets)[at] = (uint16_t)target;
        ((Weight *)p.weights)[at] = ((const Weight *)shares[j].weights)[s];
      }
    }
  }
  parts[0].offsets[cells * parts[0].classes] = at;
}

// The reverse for one projection: its part in each share, which have all the same arrays of the projection.
extern "C" void split_shares(const Part *parts, const Share *shares, int64_t n, int64_t cells, int64_t classes, int64_t wide, int64_t single) {
  if (wide && single) split<uint32_t, float>(parts, shares, n, cells, classes);
  else if (wide) split<uint32_t, double>(parts, shares, n, cells, classes);
  else if (single) split<uint16_t, float>(parts, shares, n, cells, classes);
  else split<uint16_t, double>(parts, shares, n, cells, classes);
}
