// Decaying state of synapses on a scale on which it is constant, and the integral of its product with a signal.
//
// scale = e^((t - t_R)/tau) grows by `growth` in a step; a signal that is s at the end of a step has added s gain / scale to its
// integral. After `period` steps, and for whoever reads the synapses, all is brought back to scale = 1. A signal of the
// postsynaptic cells (`own`) is zero most of the time: only synapses of cells with an integral are brought up to date.
#pragma once
#include "history.h"
#include "random.h"
#include "records.h"
#include "transposed.h"

static void decay(const Projection &p, int64_t t, int64_t low, int64_t high) {
  real *__restrict trace = p.traces[t];
  const real *factor = p.decay + t * p.classes;
  if (p.classes == 1) for (int64_t i = low; i < high; i++) trace[i] *= factor[0];
  else for (int64_t i = low; i < high; i++) for (int64_t c = 0; c < p.classes; c++) trace[i * p.classes + c] *= factor[c];
}

static void decay_pre_traces(const Projection &p) {
  for (int64_t t = 0; t < p.n_pre_traces; t++) decay(p, t, 0, p.pre->cells);
}

static void decay_post_traces(const Projection &p, int64_t low, int64_t high) {
  for (int64_t t = 0; t < p.n_post_traces; t++) decay(p, p.n_pre_traces + t, low, high < p.post->cells ? high : p.post->cells);
}

// The signal that the synapses of a class see.
static inline const real *signal_of(const Projection &p, int64_t c) { return p.own ? p.columns[p.own + c * p.n_seen] : p.signal; }

static void integrate_signal(const Projection &p, int64_t c) {
  const double shrunk = 1.0 / p.scale[c], *__restrict gain = p.gain;
  const real *__restrict signal = signal_of(p, c);
  double *__restrict integral = p.integral;
  if (p.classes == 1) for (int64_t i = 0; i < p.signals; i++) integral[i] += signal[i] * gain[i] * shrunk;
  else for (int64_t i = 0; i < p.signals; i++) integral[i * p.classes + c] += signal[i] * gain[i * p.classes + c] * shrunk;
}

static void fold_row(const Core &core, const Projection &p, int64_t k, int64_t cell, int64_t c, bool all, Entries &entries) {
  const int64_t row = cell * p.classes + c;
  if (p.integral[row] == 0.0 || (!all && signal_of(p, c)[cell] != 0)) return;
  entries.count = 0;
  append(p, row, entries);
  p.fold(p.columns, p.traces, 0, entries.count, entries.count, p.classes, row, entries.synapse, entries.pre, k * core.h, core.h, 0);
  p.integral[row] = 0.0;
}

// Bring the synapses of cells up to date whose signal has ended, or of all that have an integral.
static void fold_cells(const Core &core, const Projection &p, int64_t k, bool all, Entries &entries) {
  for (int64_t block = 0; block < p.signals; block += 64) {  // in most blocks there is nothing to do
    const int64_t last = block + 64 < p.signals ? block + 64 : p.signals;
    const double *integral = p.integral;
    const real *signal = signal_of(p, 0);
    int64_t some = all || p.classes > 1;
    if (!some) for (int64_t i = block; i < last; i++) some |= (integral[i] != 0.0) & (signal[i] == 0);
    if (some) for (int64_t i = block; i < last; i++) for (int64_t c = 0; c < p.classes; c++) fold_row(core, p, k, i, c, all, entries);
  }
}

static void rescale(const Core &core, const Projection &p, int64_t k, Entries &entries) {
  if (p.own) fold_cells(core, p, k, true, entries);
  else p.rescale(p.columns, p.traces, p.offsets, p.pre->cells * p.classes, p.classes, p.targets, k * core.h, core.h, 0);
  for (int64_t row = 0; row < p.signals * p.classes; row++) p.integral[row] = 0.0;
  for (int64_t c = 0; c < p.classes; c++) p.scale[c] = 1.0;
}

// Traces and scale as they are at step k, before its spikes.
static void advance(const Core &core, const Projection &p, int64_t k, Entries &entries) {
  if (p.scale && k <= *p.until) return;
  decay_pre_traces(p);
  decay_post_traces(p, 0, p.post->cells);
  if (!p.scale) return;
  *p.until = k;
  for (int64_t c = 0; c < p.classes; c++) {
    p.scale[c] *= p.growth[c];
    integrate_signal(p, c);
  }
  if (k % p.period == 0) rescale(core, p, k, entries);
  else if (p.own) fold_cells(core, p, k, false, entries);
}

// Bring all synapses that are kept on a scale to step k, for whoever reads them.
extern "C" void settle(Core *core, int64_t k) {
  Entries entries = {nullptr, nullptr, 0, 0};
  for (int64_t j = 0; j < core->n_projections; j++) {
    const Projection &p = core->projections[j];
    if (!p.scale) continue;
    look_back(p, k);
    advance(*core, p, k, entries);
    if (p.scale[0] != 1.0) rescale(*core, p, k, entries);
  }
  release(entries);
}
