// Many projections of one group as one. Where each has its own delays and weights, what one spike reaches after one delay is a
// few synapses in each projection, far apart in memory. A bundle has them side by side: sorted by source, delay and place in
// a row that holds one sum for each (receptor, cell) of a thread.
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

// Segments lie anywhere in memory: their places are asked for long before they are used, then their contents, which come
// into the second level of the cache: the first one cannot wait for as many lines at once.
template <typename Index, typename Weight>
static void deliver_segments(const Share &share, const Rows &rows) {
  const int64_t far = 48, near = 16;
  const Index *targets = (const Index *)share.targets;
  const Weight *weights = (const Weight *)share.weights;
  for (int64_t j = -far; j < rows.count; j++) {
    if (j + far < rows.count) __builtin_prefetch(share.offsets + rows.row[j + far]);
    if (j + near >= 0 && j + near < rows.count) {
      const int64_t row = rows.row[j + near], first = share.offsets[row], last = share.offsets[row + 1];
      for (int64_t s = first; s < last; s += 64 / sizeof(Index)) __builtin_prefetch(targets + s, 0, 2);
      for (int64_t s = first; s < last; s += 64 / sizeof(Weight)) __builtin_prefetch(weights + s, 0, 2);
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

// The sums of a slice are added to the receptor, unless the row holds the receptor itself: see inflow.h.
static inline void add_slice(const Slice &slice, int64_t from, int64_t to) {
  const int64_t low = from > slice.low ? from : slice.low, high = to < slice.high ? to : slice.high;
  real *__restrict receptor = slice.receptor, *__restrict row = slice.row - slice.low;
  const real factor = slice.factor;
  for (int64_t i = low; i < high; i++) {
    receptor[i] += factor * row[i];
    row[i] = 0;
  }
}
