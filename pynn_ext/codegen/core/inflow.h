// What reaches each group of cells in a step, sorted by group once a run.
#pragma once
#include "bundles.h"

static constexpr int64_t BLOCK = 256;  // cells whose columns fit into the first level of the cache

struct Inflow {                    // of one group, in one thread
  const Projection **lists, **counts;  // static projections: by lists of spikes, or one to one by counts
  const Slice **slices;
  int64_t n_lists, n_counts, n_slices;
};

static void find_inflow(const Core &core, const Group &group, int64_t thread, Inflow &in) {
  in.lists = (const Projection **)malloc((core.n_projections + 1) * sizeof(void *));
  in.counts = (const Projection **)malloc((core.n_projections + 1) * sizeof(void *));
  in.slices = (const Slice **)malloc((core.n_slices + 1) * sizeof(void *));
  for (int64_t p = 0; p < core.n_projections; p++) {
    const Projection &projection = core.projections[p];
    if (projection.see || projection.post != &group) continue;
    if (projection.diagonal && projection.pre->counted) in.counts[in.n_counts++] = &projection;
    else in.lists[in.n_lists++] = &projection;
  }
  for (int64_t s = 0; s < core.n_slices; s++)
    if (core.slices[s].post == &group && core.slices[s].thread == thread) in.slices[in.n_slices++] = &core.slices[s];
}

static Inflow *find_inflows(const Core &core, int64_t thread) {
  Inflow *found = (Inflow *)calloc(core.n_groups ? core.n_groups : 1, sizeof(Inflow));
  for (int64_t g = 0; g < core.n_groups; g++)
    if (!core.groups[g]->kind) find_inflow(core, *core.groups[g], thread, found[g]);
  return found;
}

static void free_inflows(Inflow *inflows, int64_t groups) {
  for (int64_t g = 0; g < groups; g++) {
    free(inflows[g].lists);
    free(inflows[g].counts);
    free(inflows[g].slices);
  }
  free(inflows);
}
