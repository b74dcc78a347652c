// What the core works on. Every pointer but those that the core owns is to memory of an array of Python.
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "real.h"

struct Spikes { int32_t *index; int64_t count, capacity; };

typedef int64_t (*Update)(real *const *, int32_t *, const int32_t *, int64_t, int64_t, int64_t, int64_t, int32_t, double, const uint16_t *,
                          double, int32_t *);

struct Group {                     // mirrored in library.py
  int64_t cells, kind, logged;     // kind: 0 cells, 1 spike times, 2 Poisson
  Update update;
  real *const *columns; int64_t n_columns;
  const int64_t *states; int64_t n_states;  // which columns are the cells' state
  const real *fed;                 // the receptor to which the unit itself adds counts, or null
  int32_t *ready;                  // the step, counted from the begin of a run, from which each cell is not refractory
  const int32_t *period;
  const int64_t *steps; const int32_t *index; int64_t total, position;
  const double *rate, *start, *stop; double *hazard; uint64_t *draws; uint64_t stream;  // rate per step; start, stop in steps
  const uint64_t *keys; const uint32_t *thresholds; const int64_t *level;  // of counted Poisson sources: see sources.h
  int64_t levels; double open_from, open_to;                   // all of them are open from and to these steps
  const int64_t *bounds;           // thread t has the cells from bounds[t] to bounds[t + 1]
  int64_t counted, listed;         // whether spikes are kept as counts of each source, and whether as lists
  int64_t slots; Spikes *ring;     // owned by the core from here on; slots is a power of two
  uint16_t *counts;                // [slot][source], padded to whole blocks of 64 sources
  int64_t guided; uint16_t guide[128];  // of counted sources of one rate, set at the begin of a run
  int64_t unseen;                  // only one projection looks at the counts, where they are made when it does
  int64_t *log_step; int32_t *log_index; int64_t logs, log_capacity;  // far from what other threads read: the first writes here
};

typedef void (*See)(real *const *, real *const *, int64_t, int64_t, int64_t, int64_t, const void *, real *, double, double, uint64_t);
typedef void (*Grow)(real *const *, real *const *, int64_t, int64_t, int64_t, int64_t, int64_t, const uint32_t *, const uint32_t *, double, double, uint64_t);
typedef void (*Sweep)(real *const *, real *const *, const int64_t *, int64_t, int64_t, const void *, double, double, uint64_t);
typedef void (*Couple)(real *const *, const int64_t *, int64_t, const uint32_t *, const uint32_t *, int64_t, int64_t, real *, double, double);

struct Queue { real *values; int64_t first, last, capacity; };

struct History { real *column, *ring; int64_t cells, slots; int64_t *begun; };  // see history.h

struct Projection {
  Group *pre, *post;
  const int64_t *offsets; const void *targets; int64_t wide;   // wide: targets are uint32_t, else uint16_t
  const void *weight; int64_t varied;                          // 0: one weight in all, 1: a double each, 2: a float each
  double factor; real *receptor;
  int64_t classes; const int32_t *delay, *axonal, *dendritic;  // steps of each class
  See see; Grow grow;                                          // null for static synapses
  real **columns; int64_t beside;                              // how many columns lie beside each other, the weight first
  real *const *traces;
  int64_t seen, n_seen;                                        // from column `seen` on: n_seen of the postsynaptic cells, for each class
  const History *const *histories;                             // of these n_seen; null if all are seen at once
  int64_t n_pre_traces, n_post_traces; const real *decay;    // decay[trace * classes + class]
  const int64_t *post_offsets; const void *entries; int64_t entry_bytes, bits, least;  // see transposed.h
  Queue *pending;
  int64_t whole;                                               // its synapses cannot be divided among threads
  int64_t since;                                               // nothing that was sent before this step is pending
  uint64_t stream;                                             // of random draws
  int64_t diagonal;                                            // source i has one synapse, onto cell i
  int64_t feeds;                                               // the unit of the cells may add its counts itself
  const int64_t *nearest;                                      // traces that a spike sets to 1
  Sweep sweep;                                                 // statements of every step
  Sweep rescale; Grow fold; int64_t period, *until;            // see scale.h; until: step up to which traces and scale are computed
  double *scale; const double *growth;                         // of each class, null if the model has none
  const real *signal; int64_t signals; double *integral; const double *gain;  // [signal * classes + class]
  int64_t own;                                                 // the first column with a signal of the postsynaptic cells, or 0
};

struct Schedule;
struct Share {                     // of one thread
  const uint32_t *offsets; const void *data; real *row; int64_t wide;  // see segment.h
  const uint64_t *present;         // of each source, bit c % 64: whether there are synapses in class c
  Schedule *schedule;              // owned by the core; null if segments are long: see schedule.h
};
struct Bundle {                    // static projections of one group, merged: see bundles.h
  Group *pre;
  int64_t classes; const int32_t *delay;
  int64_t bytes; double unit;      // of a weight: see segment.h
  const Share *shares;             // one for each thread
};
struct Slice { Group *post; real *receptor, *row; int64_t low, high, thread; double factor; };

struct Coupling {                  // what flows into the cells of one group in every step
  Group *group;
  real *into; const real *base; int64_t opens;             // the first into a column begins with `base`, or zero
  Couple couple; real *const *columns;
  const int64_t *offsets; int64_t classes; const uint32_t *synapse, *partner;
};

struct Injection { real *column; const int32_t *index; int64_t count; const double *wave; int64_t cells, opens; };
struct Probe { const real *column; const int32_t *index; int64_t count, every, start; real *out; };

struct Core;
struct Team;
struct Buffer;
typedef void (*PlasticStep)(const Core &, Team &, int64_t, int64_t, Buffer &);

struct Core {
  int64_t n_groups; Group *const *groups;
  int64_t n_projections; Projection *projections;
  int64_t n_injections; Injection *injections;
  int64_t n_probes; Probe *probes;
  int64_t n_couplings; Coupling *couplings;
  int64_t n_histories; const History *const *histories;
  int64_t n_bundles; const Bundle *bundles;
  int64_t n_slices; const Slice *slices;
  double h; uint64_t seed; int64_t threads;
  int64_t divided;                 // whether plastic synapses may be divided among threads
  PlasticStep plastic;             // of plastic.cpp, which is compiled when it is needed; null if there are no plastic synapses
};

static inline void reserve(Spikes &list, int64_t more) {
  if (list.count + more <= list.capacity) return;
  while (list.capacity < list.count + more) list.capacity = list.capacity ? 2 * list.capacity : 64;
  list.index = (int32_t *)realloc(list.index, list.capacity * sizeof(int32_t));
}

static inline void push(Spikes &list, int32_t index) {
  reserve(list, 1);
  list.index[list.count++] = index;
}

static inline Spikes &slot(Group &group, int64_t step) { return group.ring[step & (group.slots - 1)]; }

static inline void reserve_log(Group &group, int64_t more) {
  if (group.logs + more <= group.log_capacity) return;
  while (group.log_capacity < group.logs + more) group.log_capacity = group.log_capacity ? 2 * group.log_capacity : 1024;
  group.log_step = (int64_t *)realloc(group.log_step, group.log_capacity * sizeof(int64_t));
  group.log_index = (int32_t *)realloc(group.log_index, group.log_capacity * sizeof(int32_t));
}

static void emit(Group &group, int32_t index, int64_t step) {
  push(slot(group, step), index);
  if (!group.logged) return;
  reserve_log(group, 1);
  group.log_step[group.logs] = step;
  group.log_index[group.logs++] = index;
}

static void emit_all(Group &group, const Spikes &fired, int64_t step) {
  Spikes &list = slot(group, step);
  reserve(list, fired.count);
  memcpy(list.index + list.count, fired.index, fired.count * sizeof(int32_t));
  list.count += fired.count;
  if (!group.logged) return;
  reserve_log(group, fired.count);
  memcpy(group.log_index + group.logs, fired.index, fired.count * sizeof(int32_t));
  for (int64_t i = 0; i < fired.count; i++) group.log_step[group.logs++] = step;
}

// Where the targets from `bound` on begin in a row.
template <typename Index>
static inline int64_t lower(const Index *targets, int64_t first, int64_t last, int64_t bound) {
  while (first < last) {
    const int64_t middle = (first + last) / 2;
    if ((int64_t)targets[middle] < bound) first = middle + 1; else last = middle;
  }
  return first;
}
