// A step of plastic synapses. Traces decay to the present step, then postsynaptic spikes act, then presynaptic ones, and only
// then both enter the traces.
//
// The first thread prepares and ends a step; in between each thread has the synapses onto its cells, so that every synapse
// is changed, and every sum formed, by one thread in one order. A model that must be `whole` leaves all to the first thread.
#pragma once
#include "scale.h"

static constexpr int64_t BATCH = 2048;  // entries of the index: unpacked they stay in the first level of the cache

static void add_values(const Projection &p, int64_t first, int64_t last, const real *values) {
  const real factor = p.factor;
  if (p.wide) for (int64_t s = first; s < last; s++) p.receptor[((const uint32_t *)p.targets)[s]] += factor * values[s - first];
  else for (int64_t s = first; s < last; s++) p.receptor[((const uint16_t *)p.targets)[s]] += factor * values[s - first];
}

static void reserve(Queue &queue, int64_t n) {
  if (queue.last + n > queue.capacity) {
    memmove(queue.values, queue.values + queue.first, (queue.last - queue.first) * sizeof(real));
    queue.last -= queue.first;
    queue.first = 0;
    if (queue.last + n > queue.capacity) {
      queue.capacity = 2 * (queue.last + n);
      queue.values = (real *)realloc(queue.values, queue.capacity * sizeof(real));
    }
  }
  queue.last += n;
}

// How many spikes before entry `i` are of the same cell: spikes of one cell in one step follow one another.
static inline int64_t repeats(const Spikes &spikes, int64_t i) {
  int64_t n = 0;
  while (n < i && spikes.index[i - n - 1] == spikes.index[i]) n++;
  return n;
}

static inline void sweep(const Core &core, const Projection &p, int64_t k) {
  p.sweep(p.columns, p.traces, p.offsets, p.pre->cells * p.classes, p.classes, p.targets, k * core.h, core.h,
          spike_key(projection_key(core.seed, p.stream), k, 1ll << 32));
}

static inline bool is_later(const Projection &p, int64_t c) { return p.delay[c] > p.axonal[c]; }

static inline bool is_due(const Projection &p, int64_t c, int64_t k) {
  return is_later(p, c) && k >= p.delay[c] && k - p.delay[c] + p.axonal[c] >= p.since;
}

// Synapses of the rows of one class that spikes of step k reach.
static int64_t reached(const Projection &p, int64_t c, int64_t k) {
  int64_t n = 0;
  const Spikes &spikes = slot(*p.pre, k);
  for (int64_t i = 0; i < spikes.count; i++) {
    const int64_t row = (int64_t)spikes.index[i] * p.classes + c;
    n += p.offsets[row + 1] - p.offsets[row];
  }
  return n;
}

static void prepare(const Core &core, const Projection &p, int64_t k) {
  if (p.sweep) sweep(core, p, k);
  for (int64_t c = 0; c < p.classes; c++) if (is_later(p, c) && k >= p.axonal[c]) reserve(p.pending[c], reached(p, c, k - p.axonal[c]));
}

// What is needed in this step is asked for before anything else is done: entries of the index, and rows.
__attribute__((always_inline)) static inline void ask(const Projection &p, int64_t k, int64_t low, int64_t high) {
  if (!p.entry_bytes) return;  // all of it is in the cache
  int64_t left = ASKED;
  for (int64_t c = 0; c < p.classes && p.grow; c++) {
    if (k < p.dendritic[c]) continue;
    const Spikes &spikes = slot(*p.post, k - p.dendritic[c]);
    for (int64_t i = 0; i < spikes.count; i++) {
      const int64_t cell = spikes.index[i], row = cell * p.classes + c;
      if (cell >= low && cell < high) ask_for(p.entries, p.post_offsets[row], p.post_offsets[row + 1], p.entry_bytes, left);
    }
  }
  const Part part = part_of(low, high, p.post->cells);
  for (int64_t c = 0; c < p.classes && p.varied; c++) {
    if (k < p.axonal[c]) continue;
    const Spikes &spikes = slot(*p.pre, k - p.axonal[c]);
    for (int64_t i = 0; i < spikes.count && left > 0; i++)
      ask_for_row(p, (int64_t)spikes.index[i] * p.classes + c, part, p.columns[0], p.beside * sizeof(real), left);
  }
}

static inline void grow(const Core &core, const Projection &p, int64_t k, const Spikes &spikes, int64_t i, int64_t row, int64_t first,
                        int64_t last, int64_t known, const uint32_t *synapse, const uint32_t *pre) {
  const uint64_t key = spike_key(projection_key(core.seed, p.stream), ~(uint64_t)k, repeats(spikes, i));
  p.grow(p.columns, p.traces, first, last, known, p.classes, row, synapse, pre, k * core.h, core.h, key);
}

// The rows of several spikes are unpacked together, so that their synapses are known ahead of time.
static void see_post_spikes(const Core &core, const Projection &p, int64_t k, int64_t low, int64_t high, Entries &entries) {
  for (int64_t c = 0; c < p.classes; c++) {
    if (k < p.dendritic[c]) continue;
    const Spikes &spikes = slot(*p.post, k - p.dendritic[c]);
    for (int64_t i = 0, next = 0; i < spikes.count;) {
      entries.count = 0;
      for (; next < spikes.count && entries.count < BATCH; next++) {
        const int64_t cell = spikes.index[next];
        if (p.entry_bytes && cell >= low && cell < high) append(p, cell * p.classes + c, entries);
      }
      for (int64_t first = 0; i < next; i++) {
        const int64_t cell = spikes.index[i], row = cell * p.classes + c, begin = p.post_offsets[row], end = p.post_offsets[row + 1];
        if (cell < low || cell >= high) continue;
        if (p.entry_bytes) grow(core, p, k, spikes, i, row, first, first + end - begin, entries.count, entries.synapse, entries.pre);
        else grow(core, p, k, spikes, i, row, begin, end, 0, (const uint32_t *)p.entries, (const uint32_t *)p.entries + all(p));
        first += end - begin;
      }
    }
  }
}

struct Cut { int64_t first, last; };  // the synapses of a row onto the cells of a thread

static inline Cut cut(const Projection &p, int64_t first, int64_t last, int64_t low, int64_t high) {
  if (low > 0) first = p.wide ? lower((const uint32_t *)p.targets, first, last, low) : lower((const uint16_t *)p.targets, first, last, low);
  if (high < p.post->cells)
    last = p.wide ? lower((const uint32_t *)p.targets, first, last, high) : lower((const uint16_t *)p.targets, first, last, high);
  return {first, last};
}

static void see_pre_spikes(const Core &core, const Projection &p, int64_t k, int64_t low, int64_t high, Buffer &buffer) {
  const uint64_t key = projection_key(core.seed, p.stream);
  for (int64_t c = 0; c < p.classes; c++) {
    if (k < p.axonal[c]) continue;
    const Spikes &spikes = slot(*p.pre, k - p.axonal[c]);
    const bool later = is_later(p, c);
    real *sent = later ? p.pending[c].values + p.pending[c].last - reached(p, c, k - p.axonal[c]) : nullptr;
    for (int64_t i = 0; i < spikes.count; i++) {
      const int64_t row = (int64_t)spikes.index[i] * p.classes + c, first = p.offsets[row], last = p.offsets[row + 1];
      const Cut own = cut(p, first, last, low, high);
      if (!later && own.last - own.first > buffer.capacity) {
        buffer.capacity = 2 * (own.last - own.first);
        buffer.values = (real *)realloc(buffer.values, buffer.capacity * sizeof(real));
      }
      real *out = later ? sent + (own.first - first) : buffer.values;
      p.see(p.columns, p.traces, own.first, own.last, p.classes, row, p.targets, out, k * core.h, core.h,
            spike_key(key, k, repeats(spikes, i)));
      if (later) sent += last - first;
      else add_values(p, own.first, own.last, out);
    }
  }
}

// What was sent into the dendrite arrives, in the order it was sent.
static void arrive(const Projection &p, int64_t k, int64_t low, int64_t high) {
  for (int64_t c = 0; c < p.classes; c++) {
    if (!is_due(p, c, k)) continue;
    const Spikes &spikes = slot(*p.pre, k - p.delay[c]);
    const real *values = p.pending[c].values + p.pending[c].first;
    for (int64_t i = 0; i < spikes.count; i++) {
      const int64_t row = (int64_t)spikes.index[i] * p.classes + c, first = p.offsets[row], last = p.offsets[row + 1];
      const Cut own = cut(p, first, last, low, high);
      add_values(p, own.first, own.last, values + (own.first - first));
      values += last - first;
    }
  }
}

static void enter(const Projection &p, int64_t t, const Group &group, const int32_t *shift, int64_t k, int64_t low, int64_t high) {
  for (int64_t c = 0; c < p.classes; c++) {
    if (k < shift[c]) continue;
    const Spikes &spikes = group.ring[(k - shift[c]) & (group.slots - 1)];
    for (int64_t i = 0; i < spikes.count; i++) {
      const int64_t cell = spikes.index[i];
      if (cell < low || cell >= high) continue;
      real &trace = p.traces[t][cell * p.classes + c];
      trace = p.nearest[t] ? 1 : trace + 1;
    }
  }
}

static void enter_post_traces(const Projection &p, int64_t k, int64_t low, int64_t high) {
  for (int64_t t = 0; t < p.n_post_traces; t++) enter(p, p.n_pre_traces + t, *p.post, p.dendritic, k, low, high);
}

static void finish(const Projection &p, int64_t k) {
  for (int64_t t = 0; t < p.n_pre_traces; t++) enter(p, t, *p.pre, p.axonal, k, 0, p.pre->cells);
  for (int64_t c = 0; c < p.classes; c++) if (is_due(p, c, k)) p.pending[c].first += reached(p, c, k - p.delay[c]);
}

// What spikes do to the synapses onto a range of cells.
static void change(const Core &core, const Projection &p, int64_t k, int64_t low, int64_t high, Buffer &buffer) {
  if (low >= high) return;
  if (p.grow) see_post_spikes(core, p, k, low, high, buffer.entries);
  see_pre_spikes(core, p, k, low, high, buffer);
  arrive(p, k, low, high);
}
