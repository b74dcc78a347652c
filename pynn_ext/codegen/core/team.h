// The threads of a run, and what each has for plastic synapses.
#pragma once
#include <sched.h>
#include "records.h"

struct Entries { uint32_t *synapse, *pre; int64_t count, capacity; };  // of some rows of the index, unpacked: see transposed.h

static void release(Entries &entries) {
  free(entries.synapse);
  free(entries.pre);
}

struct Buffer {
  real *values; int64_t capacity;  // what a part of a row transmits
  Entries entries;
};

struct Values;

struct Team {                      // threads meet here twice a step, twice more if there are couplings or plastic synapses
  const Core *core;
  int64_t threads, first, steps;
  bool divided;                    // whether all threads change plastic synapses
  bool may_lend;                   // whether rows of bundles may hold receptors
  Values *values;                  // of each probe
  int32_t **fired;                 // of each thread: for each group of cells how many fire, and which
  alignas(64) int32_t waiting;
  alignas(64) int32_t generation;
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
