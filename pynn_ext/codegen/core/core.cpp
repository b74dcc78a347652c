// The fixed part of the engine: step loop, spike delivery, sources, plastic bookkeeping, recording, threads.
//
// In step k, events with index k act (a spike with index s and a delay of d steps acts at s + d), then cells are integrated
// from t_k to t_(k+1); those that fire get index k + 1. Sources emit index k + 1 during step k, and index 0 before step 0.
// Work that could collide is done by the first thread; threads share static delivery and integration by ranges of
// postsynaptic cells, so every sum is formed in the same order whatever their number.
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

extern "C" double log(double);

struct Spikes { int32_t *index; int64_t count, capacity; };

typedef int64_t (*Update)(double *const *, int32_t *, const int32_t *, int64_t, int64_t, int64_t, int64_t, double, int32_t *);

struct Group {                     // mirrored in library.py
  int64_t cells, kind, logged;     // kind: 0 cells, 1 spike times, 2 Poisson
  Update update;
  double *const *columns;
  int32_t *countdown;
  const int32_t *period;
  const int64_t *steps; const int32_t *index; int64_t total, position;
  const double *rate, *start, *stop; double *hazard; uint64_t *draws; uint64_t stream;  // rate per step; start, stop in steps
  int64_t slots; Spikes *ring;     // owned by the core from here on
  int64_t *log_step; int32_t *log_index; int64_t logs, log_capacity;
};

typedef void (*See)(double *const *, double *const *, int64_t, int64_t, int64_t, int64_t, const void *, double *, double, double, uint64_t);
typedef void (*Grow)(double *const *, double *const *, int64_t, int64_t, int64_t, int64_t, const uint32_t *, const uint32_t *, double, double, uint64_t);
typedef void (*Couple)(double *const *, const int64_t *, int64_t, const uint32_t *, const uint32_t *, int64_t, int64_t, double *, double, double);

struct Queue { double *values; int64_t first, last, capacity; };

struct Projection {
  Group *pre, *post;
  const int64_t *offsets; const void *targets; int64_t wide;   // wide: targets are uint32_t, else uint16_t
  const double *weight; int64_t varied;                        // one weight a synapse, else one in all
  double factor, *receptor;
  int64_t classes; const int32_t *delay, *axonal, *dendritic;  // steps of each class
  See see; Grow grow;                                          // null for static synapses
  double *const *columns; double *const *traces;
  int64_t n_pre_traces, n_post_traces; const double *decay;    // decay[trace * classes + class]
  const int64_t *post_offsets; const uint32_t *post_synapse, *post_pre;
  Queue *pending; double *scratch;
  int64_t since;                                               // nothing that was sent before this step is pending
  uint64_t stream;                                             // of random draws
};

struct Coupling {                  // what flows into the cells of one group in every step
  Group *group;
  double *into; const double *base; int64_t opens;             // the first into a column begins with `base`, or zero
  Couple couple; double *const *columns;
  const int64_t *offsets; int64_t classes; const uint32_t *synapse, *partner;
};

struct Injection { double *column; const int32_t *index; int64_t count; const double *wave; int64_t cells, opens; };
struct Probe { const double *column; const int32_t *index; int64_t count, every, start; double *out; };

struct Core {
  int64_t n_groups; Group *const *groups;
  int64_t n_projections; Projection *projections;
  int64_t n_injections; Injection *injections;
  int64_t n_probes; Probe *probes;
  int64_t n_couplings; Coupling *couplings;
  double h; uint64_t seed; int64_t threads;
};

// Unit-exponential draw number `draw` of one source: a hash of seed, stream, source and number.
static inline double exponential(uint64_t seed, uint64_t stream, uint64_t source, uint64_t draw) {
  const uint64_t key = mix(mix(seed + 0x9e3779b97f4a7c15ull * (stream + 1)) + source * 0xd1342543de82ef95ull);
  const uint64_t bits = mix(key + draw * 0x9e3779b97f4a7c15ull);
  return -log(((bits >> 11) + 1) * 0x1.0p-53);
}

static inline void push(Spikes &list, int32_t index) {
  if (list.count == list.capacity) {
    list.capacity = list.capacity ? 2 * list.capacity : 64;
    list.index = (int32_t *)realloc(list.index, list.capacity * sizeof(int32_t));
  }
  list.index[list.count++] = index;
}

static inline Spikes &slot(Group &group, int64_t step) { return group.ring[step % group.slots]; }

static void emit(Group &group, int32_t index, int64_t step) {
  push(slot(group, step), index);
  if (!group.logged) return;
  if (group.logs == group.log_capacity) {
    group.log_capacity = group.log_capacity ? 2 * group.log_capacity : 1024;
    group.log_step = (int64_t *)realloc(group.log_step, group.log_capacity * sizeof(int64_t));
    group.log_index = (int32_t *)realloc(group.log_index, group.log_capacity * sizeof(int32_t));
  }
  group.log_step[group.logs] = step;
  group.log_index[group.logs++] = index;
}

static void emit_times(Group &group, int64_t k) {
  for (; group.position < group.total && group.steps[group.position] <= k + 1; group.position++) {
    const int64_t step = group.steps[group.position];
    if (step == k + 1 || step == k) emit(group, group.index[group.position], step);
  }
}

static void emit_poisson(const Core &core, Group &group, int64_t k) {
  double *__restrict hazard = group.hazard;
  for (int64_t block = 0; block < group.cells; block += 64) {
    const int64_t end = block + 64 < group.cells ? block + 64 : group.cells;
    int any = 0;
    for (int64_t i = block; i < end; i++) {
      double from = k > group.start[i] ? k : group.start[i], to = k + 1 < group.stop[i] ? k + 1 : group.stop[i];
      const double open = to > from ? to - from : 0.0;
      hazard[i] -= group.rate[i] * open;
      any |= (hazard[i] <= 0.0) & (open > 0.0);
    }
    if (!any) continue;
    for (int64_t i = block; i < end; i++) {
      if (hazard[i] > 0.0 || !(group.rate[i] > 0.0) || !(k + 1 > group.start[i]) || !(k < group.stop[i])) continue;
      if (!group.draws[i]) hazard[i] += exponential(core.seed, group.stream, i, group.draws[i]++);
      for (; hazard[i] <= 0.0; hazard[i] += exponential(core.seed, group.stream, i, group.draws[i]++)) emit(group, (int32_t)i, k + 1);
    }
  }
}

template <typename Index>
static inline int64_t lower(const Index *targets, int64_t first, int64_t last, int64_t bound) {
  while (first < last) {
    const int64_t middle = (first + last) / 2;
    if ((int64_t)targets[middle] < bound) first = middle + 1; else last = middle;
  }
  return first;
}

template <typename Index>
static void deliver_row(const Projection &p, int64_t first, int64_t last, int64_t low, int64_t high) {
  const Index *targets = (const Index *)p.targets;
  if (low > 0) first = lower(targets, first, last, low);
  if (high < p.post->cells) last = lower(targets, first, last, high);
  double *receptor = p.receptor;
  if (p.varied) {
    const double *weight = p.weight, factor = p.factor;
    for (int64_t s = first; s < last; s++) receptor[targets[s]] += factor * weight[s];
  } else {
    const double weight = p.factor * p.weight[0];
    for (int64_t s = first; s < last; s++) receptor[targets[s]] += weight;
  }
}

static void deliver(const Projection &p, int64_t k, int64_t low, int64_t high) {
  for (int64_t c = 0; c < p.classes; c++) {
    if (k < p.delay[c]) continue;
    const Spikes &spikes = slot(*p.pre, k - p.delay[c]);
    for (int64_t i = 0; i < spikes.count; i++) {
      const int64_t row = (int64_t)spikes.index[i] * p.classes + c;
      if (p.wide) deliver_row<uint32_t>(p, p.offsets[row], p.offsets[row + 1], low, high);
      else deliver_row<uint16_t>(p, p.offsets[row], p.offsets[row + 1], low, high);
    }
  }
}

static void add_values(const Projection &p, int64_t first, int64_t last, const double *values) {
  if (p.wide) for (int64_t s = first; s < last; s++) p.receptor[((const uint32_t *)p.targets)[s]] += p.factor * values[s - first];
  else for (int64_t s = first; s < last; s++) p.receptor[((const uint16_t *)p.targets)[s]] += p.factor * values[s - first];
}

static double *reserve(Queue &queue, int64_t n) {
  if (queue.last + n > queue.capacity) {
    memmove(queue.values, queue.values + queue.first, (queue.last - queue.first) * sizeof(double));
    queue.last -= queue.first;
    queue.first = 0;
    if (queue.last + n > queue.capacity) {
      queue.capacity = 2 * (queue.last + n);
      queue.values = (double *)realloc(queue.values, queue.capacity * sizeof(double));
    }
  }
  double *at = queue.values + queue.last;
  queue.last += n;
  return at;
}

// Traces decay to the present step, then postsynaptic spikes act, then presynaptic ones, and only then both enter the traces.
static void decay_traces(const Projection &p) {
  for (int64_t t = 0; t < p.n_pre_traces + p.n_post_traces; t++) {
    const int64_t rows = t < p.n_pre_traces ? p.pre->cells : p.post->cells;
    double *__restrict trace = p.traces[t];
    const double *decay = p.decay + t * p.classes;
    if (p.classes == 1) for (int64_t i = 0; i < rows; i++) trace[i] *= decay[0];
    else for (int64_t i = 0; i < rows; i++) for (int64_t c = 0; c < p.classes; c++) trace[i * p.classes + c] *= decay[c];
  }
}

// How many spikes before entry `i` are of the same cell: spikes of one cell in one step follow one another.
static inline int64_t repeats(const Spikes &spikes, int64_t i) {
  int64_t n = 0;
  while (n < i && spikes.index[i - n - 1] == spikes.index[i]) n++;
  return n;
}

static void plastic_step(const Core &core, Projection &p, int64_t k) {
  decay_traces(p);
  const double time = k * core.h;
  const uint64_t key = projection_key(core.seed, p.stream);
  if (p.post_offsets) for (int64_t c = 0; c < p.classes; c++) {
    if (k < p.dendritic[c]) continue;
    const Spikes &spikes = slot(*p.post, k - p.dendritic[c]);
    for (int64_t i = 0; i < spikes.count; i++) {
      const int64_t row = (int64_t)spikes.index[i] * p.classes + c;
      p.grow(p.columns, p.traces, p.post_offsets[row], p.post_offsets[row + 1], p.classes, row, p.post_synapse, p.post_pre, time, core.h,
             spike_key(key, ~(uint64_t)k, repeats(spikes, i)));
    }
  }
  for (int64_t c = 0; c < p.classes; c++) {
    if (k < p.axonal[c]) continue;
    const Spikes &spikes = slot(*p.pre, k - p.axonal[c]);
    for (int64_t i = 0; i < spikes.count; i++) {
      const int64_t row = (int64_t)spikes.index[i] * p.classes + c, first = p.offsets[row], last = p.offsets[row + 1];
      const bool later = p.delay[c] > p.axonal[c];
      double *out = later ? reserve(p.pending[c], last - first) : p.scratch;
      p.see(p.columns, p.traces, first, last, p.classes, row, p.targets, out, time, core.h,
            spike_key(key, k, repeats(spikes, i)));
      if (!later) add_values(p, first, last, out);
    }
  }
  for (int64_t t = 0; t < p.n_pre_traces + p.n_post_traces; t++) {
    const bool presynaptic = t < p.n_pre_traces;
    Group &group = presynaptic ? *p.pre : *p.post;
    const int32_t *shift = presynaptic ? p.axonal : p.dendritic;
    for (int64_t c = 0; c < p.classes; c++) {
      if (k < shift[c]) continue;
      const Spikes &spikes = slot(group, k - shift[c]);
      for (int64_t i = 0; i < spikes.count; i++) p.traces[t][(int64_t)spikes.index[i] * p.classes + c] += 1.0;
    }
  }
  for (int64_t c = 0; c < p.classes; c++) {          // what was sent into the dendrite arrives, in the order it was sent
    if (p.delay[c] == p.axonal[c] || k - p.delay[c] < 0 || k - p.delay[c] + p.axonal[c] < p.since) continue;
    const Spikes &spikes = slot(*p.pre, k - p.delay[c]);
    for (int64_t i = 0; i < spikes.count; i++) {
      const int64_t row = (int64_t)spikes.index[i] * p.classes + c, first = p.offsets[row], last = p.offsets[row + 1];
      Queue &queue = p.pending[c];
      add_values(p, first, last, queue.values + queue.first);
      queue.first += last - first;
    }
  }
}

static void inject(const Core &core, int64_t i) {
  bool changed = i == 0;
  for (int64_t j = 0; j < core.n_injections && !changed; j++) changed = core.injections[j].wave[i] != core.injections[j].wave[i - 1];
  if (!changed) return;
  for (int64_t j = 0; j < core.n_injections; j++) {
    const Injection &in = core.injections[j];
    if (in.opens) memset(in.column, 0, in.cells * sizeof(double));
  }
  for (int64_t j = 0; j < core.n_injections; j++) {
    const Injection &in = core.injections[j];
    for (int64_t a = 0; a < in.count; a++) in.column[in.index[a]] += in.wave[i];
  }
}

struct Team {                      // threads meet here twice a step, and twice more if there are couplings
  const Core *core;
  int64_t threads, first, steps;
  Spikes *fired;                   // [thread * n_groups + group]
  int32_t waiting, generation;
};

static void meet(Team &team) {
  if (team.threads == 1) return;
  const int32_t generation = __atomic_load_n(&team.generation, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&team.waiting, 1, __ATOMIC_ACQ_REL) == team.threads) {
    __atomic_store_n(&team.waiting, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&team.generation, generation + 1, __ATOMIC_RELEASE);
    return;
  }
  for (int spins = 0; __atomic_load_n(&team.generation, __ATOMIC_ACQUIRE) == generation;)
    if (++spins > 4000) { sched_yield(); spins = 0; }
}

static void before(const Core &core, int64_t k, int64_t i) {
  for (int64_t g = 0; g < core.n_groups; g++) {
    Group &group = *core.groups[g];
    slot(group, k + 1).count = 0;
    if (group.kind == 1) emit_times(group, k);
    else if (group.kind == 2) emit_poisson(core, group, k);
  }
  if (core.n_injections) inject(core, i);
}

// Sums of what flows into the cells of a thread; all of them read the state at t_k.
static void couple(const Core &core, const Team &team, int64_t thread, int64_t k) {
  for (int64_t j = 0; j < core.n_couplings; j++) {
    const Coupling &c = core.couplings[j];
    const int64_t low = c.group->cells * thread / team.threads, high = c.group->cells * (thread + 1) / team.threads;
    if (c.opens) for (int64_t i = low; i < high; i++) c.into[i] = c.base ? c.base[i] : 0.0;
    c.couple(c.columns, c.offsets, c.classes, c.synapse, c.partner, low, high, c.into, k * core.h, core.h);
  }
}

static void plastic(const Core &core, int64_t k) {
  for (int64_t p = 0; p < core.n_projections; p++)
    if (core.projections[p].see) plastic_step(core, core.projections[p], k);
}

static void share(const Core &core, Team &team, int64_t thread, int64_t k) {
  for (int64_t g = 0; g < core.n_groups; g++) {
    Group &group = *core.groups[g];
    if (group.kind) continue;
    const int64_t blocks = (group.cells + 63) / 64;
    const int64_t low = 64 * (blocks * thread / team.threads), high = 64 * (blocks * (thread + 1) / team.threads);
    Spikes &fired = team.fired[thread * core.n_groups + g];
    fired.count = 0;
    if (low >= high) continue;
    for (int64_t p = 0; p < core.n_projections; p++)
      if (!core.projections[p].see && core.projections[p].post == &group) deliver(core.projections[p], k, low, high);
    fired.count = group.update(group.columns, group.countdown, group.period, low, high, group.cells, k, core.h, fired.index);
  }
}

static void after(const Core &core, Team &team, int64_t k) {
  for (int64_t g = 0; g < core.n_groups; g++)
    for (int64_t thread = 0; thread < team.threads; thread++) {
      const Spikes &fired = team.fired[thread * core.n_groups + g];
      for (int64_t i = 0; i < fired.count; i++) emit(*core.groups[g], fired.index[i], k + 1);
    }
  for (int64_t j = 0; j < core.n_probes; j++) {
    Probe &probe = core.probes[j];
    if ((k + 1 - probe.start) % probe.every) continue;
    for (int64_t a = 0; a < probe.count; a++) *probe.out++ = probe.column[probe.index[a]];
  }
}

struct Member { Team *team; int64_t thread; };

static void *work(void *argument) {
  Member &member = *(Member *)argument;
  Team &team = *member.team;
  const Core &core = *team.core;
#if defined(__x86_64__)
  const unsigned saved = _mm_getcsr();
  _mm_setcsr(saved | 0x8040);      // traces and conductances decay to zero, not through slow denormals
#endif
  for (int64_t i = 0; i < team.steps; i++) {
    const int64_t k = team.first + i;
    if (member.thread == 0) before(core, k, i);
    if (core.n_couplings) {
      meet(team);
      couple(core, team, member.thread, k);
      meet(team);
    }
    if (member.thread == 0) plastic(core, k);
    meet(team);
    share(core, team, member.thread, k);
    meet(team);
    if (member.thread == 0) after(core, team, k);
  }
#if defined(__x86_64__)
  _mm_setcsr(saved);
#endif
  return nullptr;
}

extern "C" void run(Core *core, int64_t first, int64_t steps) {
  Team team = {core, core->threads, first, steps, nullptr, 0, 0};
  const int64_t lists = team.threads * core->n_groups;
  team.fired = (Spikes *)calloc(lists ? lists : 1, sizeof(Spikes));
  for (int64_t l = 0; l < lists; l++) {
    const Group &group = *core->groups[l % core->n_groups];
    if (!group.kind) team.fired[l].index = (int32_t *)malloc((group.cells / team.threads + 128) * sizeof(int32_t));
  }
  Member members[64];
  pthread_t handles[64];
  for (int64_t t = 0; t < team.threads; t++) members[t] = {&team, t};
  for (int64_t t = 1; t < team.threads; t++) pthread_create(&handles[t], nullptr, work, &members[t]);
  work(&members[0]);
  for (int64_t t = 1; t < team.threads; t++) pthread_join(handles[t], nullptr);
  for (int64_t l = 0; l < lists; l++) free(team.fired[l].index);
  free(team.fired);
}

// Give a group's ring `slots` slots; the spikes of the last steps, up to `step`, are kept.
extern "C" void set_slots(Group *group, int64_t slots, int64_t step) {
  if (slots <= group->slots) return;
  Spikes *ring = (Spikes *)calloc(slots, sizeof(Spikes));
  for (int64_t s = step; s > step - group->slots && s >= 0; s--) ring[s % slots] = group->ring[s % group->slots];
  free(group->ring);
  group->ring = ring;
  group->slots = slots;
}

extern "C" void clear_group(Group *group) {
  for (int64_t s = 0; s < group->slots; s++) group->ring[s].count = 0;
  group->logs = 0;
}

extern "C" void free_group(Group *group) {
  for (int64_t s = 0; s < group->slots; s++) free(group->ring[s].index);
  free(group->ring);
  free(group->log_step);
  free(group->log_index);
}

extern "C" Queue *make_queues(int64_t n) { return (Queue *)calloc(n, sizeof(Queue)); }

extern "C" void free_queues(Queue *queues, int64_t n) {
  for (int64_t i = 0; i < n; i++) free(queues[i].values);
  free(queues);
}
