// The delivery of bundles, see bundles.h; compiled at the same time as core.cpp, by another processor, and linked with it.
#include "bundles.h"
#include "rows.h"
#include "schedule.h"

struct Rows { int64_t *row; int64_t count, capacity; };  // segments of one bundle that act in a step

// The spikes of one group that still have to act somewhere, oldest first, one after another in memory: what is looked at in
// every step must not be spread over as many lists as there are delays.
struct Recent { int32_t *index; int64_t *step; int32_t *class_of; int64_t first, last, capacity, longest; };

static void open_recent(const Bundle &bundle, Recent &recent) {
  recent = {};
  for (int64_t c = 0; c < bundle.classes; c++) if (bundle.delay[c] > recent.longest) recent.longest = bundle.delay[c];
  recent.class_of = (int32_t *)malloc((recent.longest + 1) * sizeof(int32_t));
  for (int64_t d = 0; d <= recent.longest; d++) recent.class_of[d] = -1;
  for (int64_t c = 0; c < bundle.classes; c++) recent.class_of[bundle.delay[c]] = (int32_t)c;
}

static void enter_recent(const Spikes &spikes, int64_t step, Recent &recent) {
  if (recent.last + spikes.count > recent.capacity) {
    const int64_t kept = recent.last - recent.first;
    if (2 * (kept + spikes.count) > recent.capacity) {
      recent.capacity = 4 * (kept + spikes.count);
      recent.index = (int32_t *)realloc(recent.index, recent.capacity * sizeof(int32_t));
      recent.step = (int64_t *)realloc(recent.step, recent.capacity * sizeof(int64_t));
    }
    memmove(recent.index, recent.index + recent.first, kept * sizeof(int32_t));
    memmove(recent.step, recent.step + recent.first, kept * sizeof(int64_t));
    recent.first = 0;
    recent.last = kept;
  }
  for (int64_t i = 0; i < spikes.count; i++, recent.last++) {
    recent.index[recent.last] = spikes.index[i];
    recent.step[recent.last] = step;
  }
}

// Few delays of many possible ones: most recent spikes have nothing to do in a step.
static inline bool is_sparse(const Bundle &bundle, const Recent &recent) { return recent.longest > 2 * bundle.classes; }

// Both ways to find rows keep one order: the oldest spikes first, and those of one step as they were fired.
static void find_by_delay(const Bundle &bundle, int64_t k, int64_t until, Rows &rows) {
  rows.count = 0;
  for (int64_t c = bundle.classes - 1; c >= 0; c--) {
    if (bundle.delay[c] > k || k - bundle.delay[c] >= until) continue;
    const Spikes &spikes = slot(*bundle.pre, k - bundle.delay[c]);
    if (rows.count + spikes.count > rows.capacity) {
      rows.capacity = 2 * (rows.count + spikes.count);
      rows.row = (int64_t *)realloc(rows.row, rows.capacity * sizeof(int64_t));
    }
    for (int64_t i = 0; i < spikes.count; i++) rows.row[rows.count++] = spikes.index[i] * bundle.classes + c;
  }
}

// Segments that act in step k, of spikes with an index before `until`.
static void find_rows(const Bundle &bundle, int64_t k, int64_t until, Recent &recent, Rows &rows) {
  if (is_sparse(bundle, recent)) return find_by_delay(bundle, k, until, rows);
  if (0 < k && k <= until) enter_recent(slot(*bundle.pre, k - 1), k - 1, recent);
  while (recent.first < recent.last && k - recent.step[recent.first] > recent.longest) recent.first++;
  if (rows.capacity < recent.last - recent.first) {
    rows.capacity = 2 * (recent.last - recent.first);
    rows.row = (int64_t *)realloc(rows.row, rows.capacity * sizeof(int64_t));
  }
  int64_t *__restrict row = rows.row, count = 0;
  const int64_t classes = bundle.classes, first = recent.first, *__restrict step = recent.step;
  const int32_t *__restrict index = recent.index, *__restrict class_of = recent.class_of;
  for (int64_t i = first, last = recent.last; i < last; i++) {
    const int32_t c = class_of[k - step[i]];
    row[count] = index[i] * classes + c;
    count += c >= 0;
  }
  rows.count = count;
}

// Segments lie anywhere in memory: their places are asked for long before they are used, then their contents, which come
// into the second level of the cache: the first one cannot wait for as many lines at once.
template <typename Index, typename Weight>
static void deliver_segments(const Share &share, const Rows &rows, real unit) {
  const int64_t far = 48, near = 16;
  for (int64_t j = -far; j < rows.count; j++) {
    if (j + far < rows.count) __builtin_prefetch(share.offsets + rows.row[j + far]);
    if (j + near >= 0 && j + near < rows.count) {
      const int64_t row = rows.row[j + near];
      ask_for<2>((const Weight *)share.data, share.offsets[row], share.offsets[row + 1]);
    }
    if (j < 0) continue;
    const Segment<Index, Weight> found = segment<Index, Weight>(share, rows.row[j]);
    add_weights(share.row, found.targets, found.weights, unit, 0, found.count);
  }
}

// Spikes from this index on are not looked up.
static int64_t scheduled_from(const Bundle &bundle, int64_t thread) {
  const Schedule *schedule = bundle.shares[thread].schedule;
  return schedule ? schedule->begin : INT64_MAX;
}

void find_ahead(const Core &core, int64_t thread, int64_t k, Ahead &ahead) {
  for (int64_t b = 0; b < core.n_bundles; b++)
    find_rows(core.bundles[b], k, scheduled_from(core.bundles[b], thread), ahead.recent[b], ahead.rows[b]);
}

void open_ahead(const Core &core, int64_t thread, int64_t k, Ahead &ahead) {
  ahead = {(Rows *)calloc(core.n_bundles + 1, sizeof(Rows)), (Recent *)calloc(core.n_bundles + 1, sizeof(Recent))};
  for (int64_t b = 0; b < core.n_bundles; b++) {
    Recent &recent = ahead.recent[b];
    open_recent(core.bundles[b], recent);
    open_schedule(core.bundles[b].shares[thread].schedule, k);
    const int64_t oldest = k > recent.longest ? k - recent.longest : 0, until = scheduled_from(core.bundles[b], thread);
    for (int64_t step = oldest; step < k - 1 && step < until; step++) enter_recent(slot(*core.bundles[b].pre, step), step, recent);
  }
  find_ahead(core, thread, k, ahead);
}

void close_ahead(const Core &core, const Ahead &ahead) {
  for (int64_t b = 0; b < core.n_bundles; b++) {
    free(ahead.rows[b].row);
    free(ahead.recent[b].index);
    free(ahead.recent[b].step);
    free(ahead.recent[b].class_of);
  }
  free(ahead.rows);
  free(ahead.recent);
}

// In step k: what acts in it, and what the spikes with this index will reach.
template <typename Index, typename Weight>
static void deliver_share(const Bundle &bundle, const Share &share, const Rows &rows, int64_t k) {
  const real unit = sizeof(Weight) == sizeof(uint16_t) ? bundle.unit : 1;
  deliver_segments<Index, Weight>(share, rows, unit);
  if (!share.schedule) return;
  deliver_due<Index, Weight>(share, k, unit);
  enter_segments<Index, Weight>(share, slot(*bundle.pre, k), bundle.delay, bundle.classes, k);
}

static void deliver_bundle(const Bundle &bundle, int64_t thread, const Rows &rows, int64_t k) {
  const Share &share = bundle.shares[thread];
  with_kinds(share.wide, bundle.bytes, [&](auto kinds) {
    deliver_share<typename decltype(kinds)::Index, typename decltype(kinds)::Weight>(bundle, share, rows, k);
  });
}

void deliver_bundles(const Core &core, int64_t thread, int64_t k, const Ahead &ahead) {
  for (int64_t b = 0; b < core.n_bundles; b++) deliver_bundle(core.bundles[b], thread, ahead.rows[b], k);
}
