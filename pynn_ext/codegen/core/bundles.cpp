// The delivery of bundles, see bundles.h; compiled at the same time as core.cpp, by another processor, and linked with it.
#include "bundles.h"
#include "rows.h"
#include "schedule.h"

// A spike that still has to act somewhere, with the lower half of its step, and in which classes (as bits, of c % 64) its source has
// synapses. Delays from a normal distribution leave a third of the segments empty.
struct Fired { uint64_t present; int32_t source; uint32_t step; };

// Those of one group, oldest first, one after another in memory: what is looked at in every step must not be spread over as many
// lists as there are delays.
struct Recent { Fired *fired; int32_t *class_of; int64_t first, last, capacity, longest; };

static void open_recent(const Bundle &bundle, Recent &recent) {
  recent = {};
  for (int64_t c = 0; c < bundle.classes; c++) if (bundle.delay[c] > recent.longest) recent.longest = bundle.delay[c];
  recent.class_of = (int32_t *)malloc((recent.longest + 1) * sizeof(int32_t));
  for (int64_t d = 0; d <= recent.longest; d++) recent.class_of[d] = -1;
  for (int64_t c = 0; c < bundle.classes; c++) recent.class_of[bundle.delay[c]] = (int32_t)c;
}

static void enter_recent(const Bundle &bundle, const Share &share, int64_t step, Recent &recent) {
  const Spikes &spikes = slot(*bundle.pre, step);
  if (recent.last + spikes.count > recent.capacity) {
    const int64_t kept = recent.last - recent.first;
    if (2 * (kept + spikes.count) > recent.capacity) {
      recent.capacity = 4 * (kept + spikes.count);
      recent.fired = (Fired *)realloc(recent.fired, recent.capacity * sizeof(Fired));
    }
    memmove(recent.fired, recent.fired + recent.first, kept * sizeof(Fired));
    recent.first = 0;
    recent.last = kept;
  }
  for (int64_t i = 0; i < spikes.count; i++) {
    const int32_t source = spikes.index[i];
    recent.fired[recent.last++] = {share.present[source], source, (uint32_t)step};
  }
}

// Few delays of many possible ones: most recent spikes have nothing to do in a step.
static inline bool is_sparse(const Bundle &bundle, const Recent &recent) { return recent.longest > 2 * bundle.classes; }

static const uint32_t **room_for(Ahead &ahead, int64_t more) {
  if (ahead.count + more > ahead.capacity) {
    ahead.capacity = 2 * (ahead.count + more);
    ahead.place = (const uint32_t **)realloc(ahead.place, ahead.capacity * sizeof(void *));
  }
  return ahead.place + ahead.count;
}

// Both ways to find segments keep one order: the oldest spikes first, and those of one step as they were fired.
static void find_by_delay(const Bundle &bundle, const uint32_t *offsets, int64_t k, int64_t until, Ahead &ahead) {
  for (int64_t c = bundle.classes - 1; c >= 0; c--) {
    if (bundle.delay[c] > k || k - bundle.delay[c] >= until) continue;
    const Spikes &spikes = slot(*bundle.pre, k - bundle.delay[c]);
    const uint32_t **place = room_for(ahead, spikes.count);
    for (int64_t i = 0; i < spikes.count; i++) place[i] = offsets + spikes.index[i] * bundle.classes + c;
    ahead.count += spikes.count;
  }
}

// Segments that act in step k, of spikes with an index before `until`.
static void find_segments(const Bundle &bundle, const Share &share, int64_t k, int64_t until, Recent &recent, Ahead &ahead) {
  if (is_sparse(bundle, recent)) return find_by_delay(bundle, share.offsets, k, until, ahead);
  if (0 < k && k <= until) enter_recent(bundle, share, k - 1, recent);
  const auto age = [&](int64_t i) { return (uint32_t)k - recent.fired[i].step; };
  while (recent.first < recent.last && age(recent.first) > recent.longest) recent.first++;
  const uint32_t **__restrict place = room_for(ahead, recent.last - recent.first), *offsets = share.offsets;
  const int32_t *__restrict class_of = recent.class_of;
  const Fired *__restrict fired = recent.fired;
  const int64_t classes = bundle.classes;
  int64_t count = 0;
  for (int64_t i = recent.first, last = recent.last; i < last; i++) {
    const int32_t c = class_of[(uint32_t)k - fired[i].step];
    place[count] = offsets + (fired[i].source * classes + c);
    count += (c >= 0) & (fired[i].present >> (c & 63));
  }
  ahead.count += count;
}

// Some lines more than there are at a time, of which those beyond the last are the last once more: how many lines a segment has
// cannot be foretold, and after a branch that was taken wrongly a processor has nothing at hand until the next lines come.
static inline void ask_for_segment(const void *from, const void *to) {
  constexpr int64_t lines = 8;
  const char *line = (const char *)from, *last = (const char *)to - 1;
  do {
#pragma GCC unroll 8
    for (int64_t i = 0; i < lines; i++) __builtin_prefetch(line + i * 64 < last ? line + i * 64 : last, 0, 2);
    line += lines * 64;
  } while (__builtin_expect(line <= last, 0));
}

// Segments lie anywhere in memory: their places are asked for long before they are used, then their contents, which come
// into the second level of the cache: the first one cannot wait for as many lines at once. Bundles follow one another without a gap.
static constexpr int64_t FAR = 48, NEAR = 16;

static void ask_for_places(const Ahead &ahead) {
  for (int64_t j = 0; j < FAR && j < ahead.count; j++) __builtin_prefetch(ahead.place[j]);
}

// Segment `j` of all, which is of bundle `b` or a later one.
__attribute__((noinline)) static void ask_for_any(const Core &core, int64_t thread, const Ahead &ahead, int64_t b, int64_t j) {
  if (j >= ahead.count) return;
  while (j >= ahead.end[b]) b++;
  const char *data = (const char *)core.bundles[b].shares[thread].data;
  const int64_t bytes = core.bundles[b].bytes;
  ask_for_segment(data + ahead.place[j][0] * bytes, data + ahead.place[j][1] * bytes);
}

// The place of the next segment is read before one is added, since the branch at the end of this one cannot be foretold either.
template <typename Index, typename Weight>
__attribute__((noinline)) static void deliver_segments(const Core &core, int64_t thread, const Ahead &ahead, int64_t b, int64_t first,
                                                       real unit) {
  const uint32_t *const *__restrict place = ahead.place;
  const int64_t last = ahead.end[b];
  const Share &share = core.bundles[b].shares[thread];
  const Weight *data = (const Weight *)share.data;
  real *receptor = share.row;
  if (first == last) return;
  Segment<Index, Weight> next = segment_at<Index, Weight>(data, place[first][0], place[first][1]);
  for (int64_t j = first; j < last; j++) {
    __builtin_prefetch(place[j + FAR]);
    if (j + NEAR < last) ask_for_segment(data + place[j + NEAR][0], data + place[j + NEAR][1]);
    else ask_for_any(core, thread, ahead, b, j + NEAR);
    const Segment<Index, Weight> found = next;
    next = segment_at<Index, Weight>(data, place[j + 1][0], place[j + 1][1]);
    add_weights(receptor, found.targets, found.weights, unit, 0, found.count);
  }
}

// Spikes from this index on are not looked up.
static int64_t scheduled_from(const Bundle &bundle, int64_t thread) {
  const Schedule *schedule = bundle.shares[thread].schedule;
  return schedule ? schedule->begin : INT64_MAX;
}

void find_ahead(const Core &core, int64_t thread, int64_t k, Ahead &ahead) {
  ahead.count = 0;
  for (int64_t b = 0; b < core.n_bundles; b++) {
    const Bundle &bundle = core.bundles[b];
    find_segments(bundle, bundle.shares[thread], k, scheduled_from(bundle, thread), ahead.recent[b], ahead);
    ahead.end[b] = ahead.count;
  }
  if (!ahead.count) return;
  const uint32_t **after = room_for(ahead, FAR);
  for (int64_t j = 0; j < FAR; j++) after[j] = after[-1];
  ask_for_places(ahead);
}

void open_ahead(const Core &core, int64_t thread, int64_t k, Ahead &ahead) {
  ahead = {nullptr, 0, 0, (int64_t *)calloc(core.n_bundles + 1, sizeof(int64_t)), (Recent *)calloc(core.n_bundles + 1, sizeof(Recent))};
  for (int64_t b = 0; b < core.n_bundles; b++) {
    Recent &recent = ahead.recent[b];
    open_recent(core.bundles[b], recent);
    open_schedule(core.bundles[b].shares[thread].schedule, k);
    const int64_t oldest = k > recent.longest ? k - recent.longest : 0, until = scheduled_from(core.bundles[b], thread);
    const Share &share = core.bundles[b].shares[thread];
    for (int64_t step = oldest; step < k - 1 && step < until; step++) enter_recent(core.bundles[b], share, step, recent);
  }
  find_ahead(core, thread, k, ahead);
}

void close_ahead(const Core &core, const Ahead &ahead) {
  for (int64_t b = 0; b < core.n_bundles; b++) {
    free(ahead.recent[b].fired);
    free(ahead.recent[b].class_of);
  }
  free(ahead.place);
  free(ahead.end);
  free(ahead.recent);
}

// In step k: what acts in it, and what the spikes with this index will reach.
template <typename Index, typename Weight>
static void deliver_share(const Core &core, int64_t thread, const Ahead &ahead, int64_t b, int64_t k) {
  const Bundle &bundle = core.bundles[b];
  const Share &share = bundle.shares[thread];
  const real unit = sizeof(Weight) == sizeof(uint16_t) ? bundle.unit : 1;
  deliver_segments<Index, Weight>(core, thread, ahead, b, b ? ahead.end[b - 1] : 0, unit);
  if (!share.schedule) return;
  deliver_due<Index, Weight>(share, k, unit);
  enter_segments<Index, Weight>(share, slot(*bundle.pre, k), bundle.delay, bundle.classes, k);
}

// What find_ahead will look up of sources that have just fired, unless what they reach is copied.
static void ask_for_sources(const Core &core, int64_t thread, int64_t k) {
  for (int64_t b = 0; b < core.n_bundles; b++) {
    if (k >= scheduled_from(core.bundles[b], thread)) continue;
    const Spikes &spikes = slot(*core.bundles[b].pre, k);
    for (int64_t i = 0; i < spikes.count; i++) __builtin_prefetch(core.bundles[b].shares[thread].present + spikes.index[i]);
  }
}

void deliver_bundles(const Core &core, int64_t thread, int64_t k, const Ahead &ahead) {
  ask_for_sources(core, thread, k);
  for (int64_t j = 0; j < NEAR; j++) ask_for_any(core, thread, ahead, 0, j);
  for (int64_t b = 0; b < core.n_bundles; b++)
    with_kinds(core.bundles[b].shares[thread].wide, core.bundles[b].bytes, [&](auto kinds) {
      deliver_share<typename decltype(kinds)::Index, typename decltype(kinds)::Weight>(core, thread, ahead, b, k);
    });
}
