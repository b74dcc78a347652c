// The fixed part of the engine: step loop, spike delivery, sources, plastic bookkeeping, recording, threads.
//
// In step k, events with index k act (a spike with index s and a delay of d steps acts at s + d), then cells are integrated
// from t_k to t_(k+1); those that fire get index k + 1. Sources emit index k + 1 during step k, and index 0 before step 0.
// Work that could collide is done by the first thread; threads share delivery, plasticity and integration by ranges of
// postsynaptic cells, so every sum is formed in the same order whatever their number.
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "inflow.h"
#include "random.h"
#include "team.h"

static void inject(const Core &core, int64_t i) {
  bool changed = i == 0;
  for (int64_t j = 0; j < core.n_injections && !changed; j++) changed = core.injections[j].wave[i] != core.injections[j].wave[i - 1];
  if (!changed) return;
  for (int64_t j = 0; j < core.n_injections; j++) {
    const Injection &in = core.injections[j];
    if (in.opens) memset(in.column, 0, in.cells * sizeof(real));
  }
  for (int64_t j = 0; j < core.n_injections; j++) {
    const Injection &in = core.injections[j];
    for (int64_t a = 0; a < in.count; a++) in.column[in.index[a]] += in.wave[i];
  }
}

static void before(const Core &core, int64_t k, int64_t i) {
  for (int64_t g = 0; g < core.n_groups; g++) {
    Group &group = *core.groups[g];
    slot(group, k + 1).count = 0;
    if (group.kind == 1) emit_times(group, k);
    else if (group.kind == 2 && !group.counted) emit_poisson(core, group, k);
  }
  if (core.n_injections) inject(core, i);
}

// Sums of what flows into the cells of a thread; all of them read the state at t_k.
static void couple(const Core &core, const Team &team, int64_t thread, int64_t k) {
  for (int64_t j = 0; j < core.n_couplings; j++) {
    const Coupling &c = core.couplings[j];
    const int64_t low = c.group->bounds[thread], end = c.group->bounds[thread + 1], high = end < c.group->cells ? end : c.group->cells;
    if (c.opens) for (int64_t i = low; i < high; i++) c.into[i] = c.base ? c.base[i] : 0;
    c.couple(c.columns, c.offsets, c.classes, c.synapse, c.partner, low, high, c.into, k * core.h, core.h);
  }
}

// The cells of a group for one thread. What reaches all of them in order is added to a block of cells just before these are
// integrated, while they are in the cache.
static int64_t integrate(const Core &core, Group &group, const Inflow &in, int64_t thread, int64_t begin, int64_t k, int32_t *fired) {
  const int64_t low = group.bounds[thread], high = group.bounds[thread + 1];
  for (int64_t j = 0; j < in.n_lists; j++) deliver(*in.lists[j].projection, in.lists[j].receptor, k, low, high);
  const int64_t block = in.n_slices || in.n_counts || group.fed ? BLOCK : high - low;
  const real weight = in.fed ? in.fed->factor * *(const double *)in.fed->weight : 0;
  uint16_t made[BLOCK] = {};
  int64_t count = 0;
  for (int64_t from = low; from < high; from += block) {
    const int64_t to = from + block < high ? from + block : high;
    for (int64_t j = 0; j < in.n_slices; j++) add_slice(*in.slices[j], from, to);
    for (int64_t j = 0; j < in.n_counts; j++) deliver_counts(*in.counts[j].projection, in.counts[j].receptor, k, from, to, begin);
    const uint16_t *counts = in.fed ? counts_of(*in.fed, k, from, to, begin, made) : made - from;
    count += group.update(in.columns, in.ready, group.period, from, to, group.cells, k, (int32_t)(k - begin), core.h, counts, weight,
                          fired + count);
  }
  return count;
}

// How many projections look at the counts of a group.
static int64_t readers(const Core &core, const Group &group) {
  int64_t found = 0;
  for (int64_t p = 0; p < core.n_projections; p++) found += core.projections[p].pre == &group;
  return found;
}

// Counts that the next run, or another projection, may look at, if nobody has asked for all of them so far.
static void keep_counts(const Core &core, const Team &team, int64_t thread) {
  const int64_t end = team.first + team.steps;
  for (int64_t g = 0; g < core.n_groups; g++) {
    Group &group = *core.groups[g];
    const int64_t low = group.bounds[thread], high = group.bounds[thread + 1];
    if (!group.unseen || low == high) continue;
    for (int64_t step = end; step > team.first && step > end - group.slots; step--)
      count_poisson(group, low, high, step - 1, counts_at(group, step) + low);
  }
}

// Spikes are written to `own` memory and handed over at once: a line that the first thread has read takes long to get back, and
// whatever is written after it waits.
static void share(const Core &core, Team &team, int64_t thread, int64_t k, const Inflow *inflows, Ahead &ahead, int32_t *own) {
  int32_t *fired = own;
  deliver_bundles(core, thread, k, ahead);
  find_ahead(core, thread, k + 1, ahead);
  for (int64_t g = 0; g < core.n_groups; g++) {
    Group &group = *core.groups[g];
    const int64_t low = group.bounds[thread], high = group.bounds[thread + 1];
    if (group.kind == 2 && group.counted && !group.unseen && low < high) count_poisson(group, low, high, k, counts_at(group, k + 1) + low);
    if (group.kind) continue;
    *fired = low < high ? integrate(core, group, inflows[g], thread, team.first, k, fired + 1) : 0;
    fired += 1 + *fired;
  }
  memcpy(team.fired[thread], own, (fired - own) * sizeof(int32_t));
}

static void after(const Core &core, Team &team, int64_t k) {
  int32_t *fired[64];
  for (int64_t thread = 0; thread < team.threads; thread++) fired[thread] = team.fired[thread];
  for (int64_t g = 0; g < core.n_groups; g++) {
    Group &group = *core.groups[g];
    if (group.counted && (group.listed || group.logged)) list_counts(group, k + 1, true);
    for (int64_t thread = 0; thread < team.threads && !group.kind; thread++) {
      const Spikes spikes = {fired[thread] + 1, *fired[thread], 0};
      if (spikes.count) emit_all(group, spikes, k + 1);
      fired[thread] += 1 + spikes.count;
    }
  }
  for (int64_t j = 0; j < core.n_probes; j++) {
    Probe &probe = core.probes[j];
    if ((k + 1 - probe.start) % probe.every == 0) sample(team.values[j], probe);
  }
}

static int32_t *room_for_fired(const Core &core, int64_t thread) {
  int64_t most = 64;
  for (int64_t g = 0; g < core.n_groups; g++)
    if (!core.groups[g]->kind) most += 1 + core.groups[g]->bounds[thread + 1] - core.groups[g]->bounds[thread];
  return (int32_t *)aligned_alloc(64, (most * sizeof(int32_t) + 127) / 64 * 64);
}

// Whether all threads change plastic synapses.
static bool is_divided(const Core &core) {
  for (int64_t j = 0; j < core.n_projections; j++) if (core.projections[j].see && core.projections[j].whole) return false;
  return core.divided && core.threads > 1;
}

struct Member { Team *team; int64_t thread; };

static void *work(void *argument) {
  Member &member = *(Member *)argument;
  Team &team = *member.team;
  const Core &core = *team.core;
#if defined(__x86_64__)
  const unsigned saved = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(saved | 0x8040);      // traces and conductances decay to zero, not through slow denormals
#endif
  Buffer buffer = {nullptr, 0, {nullptr, nullptr, 0, 0}};
  Inflow *inflows = find_inflows(core, team.may_lend, member.thread);
  lend_rows(core, team.may_lend, member.thread, true);
  Ahead ahead;
  open_ahead(core, member.thread, team.first, ahead);
  int32_t *own = room_for_fired(core, member.thread);
  for (int64_t i = 0; i < team.steps; i++) {
    const int64_t k = team.first + i;
    if (member.thread == 0) before(core, k, i);
    if (core.n_couplings) {
      meet(team);
      couple(core, team, member.thread, k);
      meet(team);
    }
    if (core.plastic) core.plastic(core, team, member.thread, k, buffer);
    if (!team.divided) meet(team);
    share(core, team, member.thread, k, inflows, ahead, own);
    meet(team);
    if (member.thread == 0) after(core, team, k);
  }
  keep_counts(core, team, member.thread);
  meet(team);
  lend_rows(core, team.may_lend, member.thread, false);
  give_back(inflows, core.n_groups);
  close_ahead(core, ahead);
  free(own);
  free(buffer.values);
  release(buffer.entries);
  free_inflows(inflows, core.n_groups);
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(saved);
#endif
  return nullptr;
}

// Between runs `ready` is the number of steps that each cell is still refractory: the step of the next run from which it is not.
static void rest(Group &group, int64_t steps) {
  for (int64_t i = 0; i < group.cells; i++) group.ready[i] = group.ready[i] > steps ? (int32_t)(group.ready[i] - steps) : 0;
}

extern "C" void run(Core *core, int64_t first, int64_t steps) {
  Team team = {core, core->threads, first, steps, is_divided(*core), may_lend(*core), nullptr, nullptr, 0, 0};
  team.values = (Values *)malloc((core->n_probes + 1) * sizeof(Values));
  for (int64_t j = 0; j < core->n_probes; j++) team.values[j] = find_values(*core, team.may_lend, core->probes[j]);
  for (int64_t g = 0; g < core->n_groups; g++) {
    Group &group = *core->groups[g];
    if (group.counted && group.levels == 1) set_guide(group);
    group.unseen = group.counted && !group.listed && !group.logged && readers(*core, group) == 1;
  }
  team.fired = (int32_t **)malloc(team.threads * sizeof(int32_t *));
  for (int64_t t = 0; t < team.threads; t++) team.fired[t] = room_for_fired(*core, t);
  Member members[64];
  pthread_t handles[64];
  for (int64_t t = 0; t < team.threads; t++) members[t] = {&team, t};
  for (int64_t t = 1; t < team.threads; t++) pthread_create(&handles[t], nullptr, work, &members[t]);
  work(&members[0]);
  for (int64_t t = 1; t < team.threads; t++) pthread_join(handles[t], nullptr);
  for (int64_t g = 0; g < core->n_groups; g++) if (!core->groups[g]->kind) rest(*core->groups[g], steps);
  for (int64_t t = 0; t < team.threads; t++) free(team.fired[t]);
  free(team.fired);
  for (int64_t j = 0; j < core->n_probes; j++) free(team.values[j].at);
  free(team.values);
}

// Give a group's ring at least `slots` slots; the spikes of the last steps, up to `step`, are kept.
extern "C" void set_slots(Group *group, int64_t slots, int64_t step) {
  int64_t needed = 4;
  while (needed < slots) needed *= 2;
  if (needed <= group->slots) return;
  Group old = *group;
  group->slots = needed;
  group->ring = (Spikes *)calloc(needed, sizeof(Spikes));
  if (old.counts) group->counts = (uint16_t *)calloc(needed * padded(old), sizeof(uint16_t));
  for (int64_t s = step; s > step - old.slots && s >= 0; s--) {
    slot(*group, s) = slot(old, s);
    if (old.counts) memcpy(counts_at(*group, s), counts_at(old, s), padded(old) * sizeof(uint16_t));
  }
  free(old.ring);
  free(old.counts);
}

extern "C" void clear_group(Group *group) {
  for (int64_t s = 0; s < group->slots; s++) group->ring[s].count = 0;
  if (group->counts) memset(group->counts, 0, group->slots * padded(*group) * sizeof(uint16_t));
  group->logs = 0;
}

// The spikes that have been logged, with their times; the log is empty after it.
extern "C" void take_log(Group *group, double h, double *times, int32_t *index) {
  for (int64_t i = 0; i < group->logs; i++) times[i] = group->log_step[i] * h;
  memcpy(index, group->log_index, group->logs * sizeof(int32_t));
  group->logs = 0;
}

extern "C" void free_group(Group *group) {
  for (int64_t s = 0; s < group->slots; s++) free(group->ring[s].index);
  free(group->ring);
  free(group->counts);
  free(group->log_step);
  free(group->log_index);
}
