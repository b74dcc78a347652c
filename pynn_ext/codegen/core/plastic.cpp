// Plastic synapses: a step of all of them, and what they keep. A library of its own, compiled when a network has such synapses.
#include "plasticity.h"

static void plastic_alone(const Core &core, int64_t k, Buffer &buffer) {
  remember(core, k);
  for (int64_t j = 0; j < core.n_projections; j++) {
    const Projection &p = core.projections[j];
    if (!p.see) continue;
    ask(p, k, 0, p.post->cells);
    look_back(p, k);
    advance(core, p, k, buffer.entries);
    prepare(core, p, k);
    change(core, p, k, 0, p.post->cells, buffer);
    enter_post_traces(p, k, 0, p.post->cells);
    finish(p, k);
  }
}

// The same by all threads.
static void plastic(const Core &core, Team &team, int64_t thread, int64_t k, Buffer &buffer) {
  if (!thread) remember(core, k);
  for (int64_t j = 0; j < core.n_projections && !thread; j++) {
    if (!core.projections[j].see) continue;
    look_back(core.projections[j], k);
    decay_pre_traces(core.projections[j]);
    prepare(core, core.projections[j], k);
  }
  meet(team);
  for (int64_t j = 0; j < core.n_projections; j++) {
    const Projection &p = core.projections[j];
    if (!p.see) continue;
    const int64_t low = p.post->bounds[thread], high = p.post->bounds[thread + 1];
    ask(p, k, low, high);
    decay_post_traces(p, low, high);
    change(core, p, k, low, high, buffer);
    enter_post_traces(p, k, low, high);
  }
  meet(team);
  for (int64_t j = 0; j < core.n_projections && !thread; j++) if (core.projections[j].see) finish(core.projections[j], k);
}

extern "C" void plastic_step(const Core &core, Team &team, int64_t thread, int64_t k, Buffer &buffer) {
  if (team.divided) plastic(core, team, thread, k, buffer);
  else if (thread == 0) plastic_alone(core, k, buffer);
}

extern "C" Queue *make_queues(int64_t n) { return (Queue *)calloc(n, sizeof(Queue)); }

extern "C" void free_queues(Queue *queues, int64_t n) {
  for (int64_t i = 0; i < n; i++) free(queues[i].values);
  free(queues);
}
