// Many projections of one group as one. Where each has its own delays and weights, what one spike reaches after one delay is a
// few synapses in each projection, far apart in memory. A bundle has them side by side: sorted by source, delay and place in
// a row that holds one sum for each (receptor, cell) of a thread.
#pragma once
#include "records.h"

struct Recent;

// What a thread has found of the next step: every delay is at least one step, so the segments that act in it are known. `place` has
// where the offsets of each are, bundle after bundle, and `end` where those of a bundle end.
struct Ahead { const uint32_t **place; int64_t count, capacity, *end; Recent *recent; };

// Of bundles.cpp, which is compiled beside core.cpp: get ready for a run that begins at step k, find what acts in step k, deliver
// what does and enter what the spikes with this index will reach, and end a run.
extern "C" void open_ahead(const Core &core, int64_t thread, int64_t k, Ahead &ahead);
extern "C" void find_ahead(const Core &core, int64_t thread, int64_t k, Ahead &ahead);
extern "C" void deliver_bundles(const Core &core, int64_t thread, int64_t k, const Ahead &ahead);
extern "C" void close_ahead(const Core &core, const Ahead &ahead);

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
