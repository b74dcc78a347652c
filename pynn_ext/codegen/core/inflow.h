// What reaches each group of cells in a step, sorted by group once a run.
//
// The row of a bundle holds the receptors of a thread's cells themselves as long as a run lasts, if no weight has to be
// converted and nothing but static synapses and cells asks for them: so the cells' columns point into the row.
#pragma once
#include "bundles.h"
#include "delivery.h"

struct Path { const Projection *projection; real *receptor; };

struct Loan { void *own, *place; int64_t bytes; };

struct Inflow {                    // into one group, in one thread
  Path *lists, *counts;            // static projections: by lists of spikes, or one to one by counts
  const Slice **slices;            // that are added to receptors
  real **columns;
  const Projection *fed;           // whose counts the unit of the cells adds itself
  int32_t *ready;
  Loan *loans; int64_t n_loans;    // state of the thread's cells, in memory of its own
  int64_t n_lists, n_counts, n_slices;
};

static bool may_lend(const Core &core) {
  for (int64_t p = 0; p < core.n_projections; p++) if (core.projections[p].see) return false;
  return !core.n_couplings;
}

static inline bool lent(const Slice &slice, bool may) { return may && slice.factor == 1.0; }

// Where the receptors of a group are in a thread, or of one of its cells in any thread.
static real *place(const Core &core, bool may, const real *receptor, int64_t thread, int64_t cell) {
  for (int64_t s = 0; s < core.n_slices; s++) {
    const Slice &slice = core.slices[s];
    if (slice.receptor != receptor || !lent(slice, may)) continue;
    if (thread >= 0 ? slice.thread == thread : slice.low <= cell && cell < slice.high) return slice.row - slice.low;
  }
  return (real *)receptor;
}

// Whether anything but the cells themselves looks at a column during a run.
static bool is_shared(const Core &core, const real *column) {
  for (int64_t p = 0; p < core.n_projections; p++) if (core.projections[p].receptor == column) return true;
  for (int64_t s = 0; s < core.n_slices; s++) if (core.slices[s].receptor == column) return true;
  for (int64_t j = 0; j < core.n_probes; j++) if (core.probes[j].column == column) return true;
  for (int64_t j = 0; j < core.n_injections; j++) if (core.injections[j].column == column) return true;
  return false;
}

static void *borrow(Inflow &in, void *place, int64_t bytes) {
  void *own = aligned_alloc(64, (bytes + 127) / 64 * 64);
  memcpy(own, place, bytes);
  in.loans[in.n_loans++] = {own, place, bytes};
  return own;
}

// Where the cells of one thread end and those of the next begin, both would write to one line, or have it asked for ahead of
// time, and wait for each other in every step. So each has its part of the state for itself as long as a run lasts.
static void borrow_state(const Core &core, const Group &group, int64_t thread, Inflow &in) {
  const int64_t low = group.bounds[thread], cells = group.bounds[thread + 1] - low;
  in.loans = (Loan *)malloc((group.n_states + 1) * sizeof(Loan));
  for (int64_t s = 0; s < group.n_states; s++) {
    const int64_t c = group.states[s];
    if (is_shared(core, group.columns[c])) continue;
    in.columns[c] = (real *)borrow(in, group.columns[c] + low, cells * sizeof(real)) - low;
  }
  in.ready = (int32_t *)borrow(in, group.ready + low, cells * sizeof(int32_t)) - low;
}

static void give_back(const Inflow *inflows, int64_t groups) {
  for (int64_t g = 0; g < groups; g++) for (int64_t j = 0; j < inflows[g].n_loans; j++) {
    const Loan &loan = inflows[g].loans[j];
    memcpy(loan.place, loan.own, loan.bytes);
    free(loan.own);
  }
}

static void find_inflow(const Core &core, bool may, const Group &group, int64_t thread, Inflow &in) {
  in.lists = (Path *)malloc((core.n_projections + 1) * sizeof(Path));
  in.counts = (Path *)malloc((core.n_projections + 1) * sizeof(Path));
  in.slices = (const Slice **)malloc((core.n_slices + 1) * sizeof(void *));
  in.columns = (real **)malloc((group.n_columns + 1) * sizeof(void *));
  for (int64_t c = 0; c < group.n_columns; c++) in.columns[c] = place(core, may, group.columns[c], thread, 0);
  in.ready = group.ready;
  if (may && core.threads > 1) borrow_state(core, group, thread, in);
  for (int64_t p = 0; p < core.n_projections; p++) {
    const Projection &projection = core.projections[p];
    if (projection.see || projection.post != &group) continue;
    const Path path = {&projection, place(core, may, projection.receptor, thread, 0)};
    const bool counted = projection.diagonal && projection.pre->counted;
    if (projection.feeds && !in.fed && projection.receptor == group.fed) in.fed = &projection;
    else if (counted) in.counts[in.n_counts++] = path;
    else in.lists[in.n_lists++] = path;
  }
  for (int64_t s = 0; s < core.n_slices; s++) {
    const Slice &slice = core.slices[s];
    if (slice.post == &group && slice.thread == thread && !lent(slice, may)) in.slices[in.n_slices++] = &slice;
  }
}

static Inflow *find_inflows(const Core &core, bool may, int64_t thread) {
  Inflow *found = (Inflow *)calloc(core.n_groups + 1, sizeof(Inflow));
  for (int64_t g = 0; g < core.n_groups; g++)
    if (!core.groups[g]->kind) find_inflow(core, may, *core.groups[g], thread, found[g]);
  return found;
}

static void free_inflows(Inflow *inflows, int64_t groups) {
  for (int64_t g = 0; g < groups; g++) {
    free(inflows[g].lists);
    free(inflows[g].counts);
    free(inflows[g].slices);
    free(inflows[g].columns);
    free(inflows[g].loans);
  }
  free(inflows);
}

// The receptors of a thread's cells go into its row before a run, and return after it.
static void lend_rows(const Core &core, bool may, int64_t thread, bool begins) {
  for (int64_t s = 0; s < core.n_slices; s++) {
    const Slice &slice = core.slices[s];
    const int64_t bytes = (slice.high - slice.low) * sizeof(real);
    if (slice.thread != thread || !lent(slice, may)) continue;
    if (begins) memcpy(slice.row, slice.receptor + slice.low, bytes);
    else memcpy(slice.receptor + slice.low, slice.row, bytes);
    if (!begins) memset(slice.row, 0, bytes);
  }
}

struct Values { const real **at; bool together; };  // what a probe records, and whether it lies side by side

static Values find_values(const Core &core, bool may, const Probe &probe) {
  Values found = {(const real **)malloc((probe.count + 1) * sizeof(void *)), true};
  for (int64_t a = 0; a < probe.count; a++) {
    found.at[a] = place(core, may, probe.column, -1, probe.index[a]) + probe.index[a];
    if (a && found.at[a] != found.at[a - 1] + 1) found.together = false;
  }
  return found;
}

static inline void sample(const Values &values, Probe &probe) {
  if (probe.count && values.together) memcpy(probe.out, values.at[0], probe.count * sizeof(real));
  else for (int64_t a = 0; a < probe.count; a++) probe.out[a] = *values.at[a];
  probe.out += probe.count;
}
