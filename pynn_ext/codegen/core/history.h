// What synapses see of their postsynaptic cells after the dendritic part of the delay: see histories.py.
#pragma once
#include "records.h"

static inline real *row_of(const History &h, int64_t k) {
  const int64_t row = k % h.slots;  // steps before the first one are negative
  return h.ring + (row < 0 ? row + h.slots : row) * h.cells;
}

// Write down the state at the begin of step k, and at first also as that of all steps before it.
static void remember(const Core &core, int64_t k) {
  for (int64_t j = 0; j < core.n_histories; j++) {
    const History &h = *core.histories[j];
    for (int64_t s = *h.begun ? k : k - h.slots + 1; s <= k; s++) memcpy(row_of(h, s), h.column, h.cells * sizeof(real));
    *h.begun = 1;
  }
}

// Let the statements of each class read the state of as many steps before k as its delay has in the dendrite.
static void look_back(const Projection &p, int64_t k) {
  if (!p.histories) return;
  for (int64_t c = 0; c < p.classes; c++) for (int64_t j = 0; j < p.n_seen; j++) {
    const History &h = *p.histories[j];
    p.columns[p.seen + c * p.n_seen + j] = p.dendritic[c] && *h.begun ? row_of(h, k - p.dendritic[c]) : h.column;
  }
}
