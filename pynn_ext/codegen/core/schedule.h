// Short segments: what a spike reaches is copied, when it is fired, to lists of what acts in each later step.
//
// A source with some hundred synapses and some ten delays has a few synapses in each segment. Fetched when it acts, each segment
// costs as many misses of the cache as a long one: of its place, its targets and its weights. All segments of a source lie side
// by side, though. So they are read in one go when it fires, and appended to the list of the step in which each acts, which is
// read in order. Lists are made of chunks, and the chunk that has been read last, which the cache still holds, is written next.
//
// A schedule outlives a run. Only spikes from before it began, or before weights were changed, are delivered by segments: they are
// the older ones, so sums are formed in one order, by time and source of the spike, either way.
#pragma once
#include <sys/mman.h>
#include "segment.h"

struct Chunk { Chunk *next; int64_t count; };  // followed by targets, and weights, of up to ROOM synapses that act in one step

struct Due { Chunk *first, *last; };  // what acts in one step

struct Schedule {                  // of one share
  Due *due; int64_t slots;         // [step & (slots - 1)], a power of two
  Chunk **open;                    // where the next synapses of each delay go
  int64_t begin, end;              // spikes with an index from `begin` to before `end` have been entered
  Chunk *spare;                    // the one that was read last comes first
  void **slabs; int64_t n_slabs;   // memory of all chunks
};

static constexpr int64_t PIECE = 8;  // synapses that are copied at a time; arrays end with as many that do not count
static constexpr int64_t ROOM = 504, LEAST_SLAB = 1 << 16, SLAB = 1 << 21;  // a huge page

template <typename Index, typename Weight>
struct Items {
  static constexpr int64_t BYTES = (sizeof(Chunk) + (ROOM + PIECE) * (sizeof(Index) + sizeof(Weight)) + 63) / 64 * 64;
  static Weight *weights(Chunk *chunk) { return (Weight *)(chunk + 1); }
  static Index *targets(Chunk *chunk) { return (Index *)(weights(chunk) + ROOM + PIECE); }
};

extern "C" Schedule *make_schedule(int64_t classes, int64_t longest) {
  Schedule *schedule = (Schedule *)calloc(1, sizeof(Schedule));
  for (schedule->slots = 1; schedule->slots <= longest;) schedule->slots *= 2;
  schedule->due = (Due *)calloc(schedule->slots, sizeof(Due));
  schedule->open = (Chunk **)calloc(classes + 1, sizeof(Chunk *));
  schedule->begin = schedule->end = -1;
  return schedule;
}

static void spare_all(Schedule &schedule, Due &due) {
  if (!due.first) return;
  due.last->next = schedule.spare;
  schedule.spare = due.first;
  due = {nullptr, nullptr};
}

// Forget what has been entered: it is delivered by segments.
extern "C" void clear_schedule(Schedule *schedule) {
  for (int64_t i = 0; i < schedule->slots; i++) spare_all(*schedule, schedule->due[i]);
  schedule->begin = schedule->end = -1;
}

extern "C" void free_schedule(Schedule *schedule) {
  for (int64_t i = 0; i < schedule->n_slabs; i++) free(schedule->slabs[i]);
  free(schedule->slabs);
  free(schedule->due);
  free(schedule->open);
  free(schedule);
}

// Begin a run at step k, which goes on with what the last one has entered if that ended there.
static void open_schedule(Schedule *schedule, int64_t k) {
  if (!schedule || schedule->end == k) return;
  clear_schedule(schedule);
  schedule->begin = schedule->end = k;
}

static void add_slab(Schedule &schedule, int64_t bytes) {
  const int64_t grown = LEAST_SLAB << (schedule.n_slabs < 5 ? schedule.n_slabs : 5), size = grown < SLAB ? grown : SLAB;
  char *slab = (char *)aligned_alloc(size, size);
#ifdef MADV_HUGEPAGE
  if (size == SLAB) madvise(slab, size, MADV_HUGEPAGE);
#endif
  schedule.slabs = (void **)realloc(schedule.slabs, (schedule.n_slabs + 1) * sizeof(void *));
  schedule.slabs[schedule.n_slabs++] = slab;
  for (int64_t at = 0; at + bytes <= size; at += bytes) {
    Chunk *chunk = (Chunk *)(slab + at);
    chunk->next = schedule.spare;
    schedule.spare = chunk;
  }
}

static Chunk *add_chunk(Schedule &schedule, Due &due, int64_t bytes) {
  if (!schedule.spare) add_slab(schedule, bytes);
  Chunk *chunk = schedule.spare;
  schedule.spare = chunk->next;
  *chunk = {nullptr, 0};
  if (due.last) due.last->next = chunk; else due.first = chunk;
  return due.last = chunk;
}

// Whole pieces: what is beyond the end is overwritten by what comes next, or never read.
template <typename Index, typename Weight>
static inline void append(const Index *targets, const Weight *weights, int64_t count, Chunk *chunk) {
  Index *target = Items<Index, Weight>::targets(chunk) + chunk->count;
  Weight *weight = Items<Index, Weight>::weights(chunk) + chunk->count;
  int64_t s = 0;
  do {
    memcpy(target + s, targets + s, PIECE * sizeof(Index));
    memcpy(weight + s, weights + s, PIECE * sizeof(Weight));
    s += PIECE;
  } while (__builtin_expect(s < count, 0));
  chunk->count += count;
}

// A segment that begins in one chunk and goes on in others.
template <typename Index, typename Weight>
__attribute__((noinline)) static Chunk *append_parts(const Index *targets, const Weight *weights, int64_t count, Schedule &schedule,
                                                     Due &due) {
  for (int64_t s = 0, part; s < count; s += part) {
    Chunk *chunk = due.last->count < ROOM ? due.last : add_chunk(schedule, due, Items<Index, Weight>::BYTES);
    part = count - s < ROOM - chunk->count ? count - s : ROOM - chunk->count;
    append(targets + s, weights + s, part, chunk);
  }
  return due.last;
}

// Into the first level of the cache.
template <typename T>
static inline void ask_for(const T *at, int64_t first, int64_t last) {
  const char *end = (const char *)(at + last);
  for (const char *line = (const char *)((uintptr_t)(at + first) & ~(uintptr_t)63); line < end; line += 64) __builtin_prefetch(line);
}

// Enter what the sources that fired with index k reach.
template <typename Index, typename Weight>
static void enter_segments(const Share &share, const Spikes &spikes, const int32_t *delay, int64_t classes, int64_t k) {
  const int64_t far = 16, near = 4;
  Schedule &schedule = *share.schedule;
  schedule.end = k + 1;
  if (!spikes.count) return;
  const auto due = [&](int64_t c) -> Due & { return schedule.due[(k + delay[c]) & (schedule.slots - 1)]; };
  const auto places = [&](int64_t j) { return share.offsets + spikes.index[j] * classes; };
  for (int64_t c = 0; c < classes; c++)
    schedule.open[c] = due(c).last ? due(c).last : add_chunk(schedule, due(c), Items<Index, Weight>::BYTES);
  for (int64_t j = -far; j < spikes.count; j++) {
    if (j + far < spikes.count) ask_for(places(j + far), 0, classes + 1);
    if (j + near >= 0 && j + near < spikes.count) {
      const uint32_t *at = places(j + near);
      ask_for((const Weight *)share.data, at[0], at[classes]);
    }
    if (j < 0) continue;
    const uint32_t *at = places(j);
    for (int64_t c = 0; c < classes; c++) {
      const Segment<Index, Weight> from = segment_at<Index, Weight>(share.data, at[c], at[c + 1]);
      Chunk *&open = schedule.open[c];
      if (__builtin_expect(open->count + from.count <= ROOM, 1)) append(from.targets, from.weights, from.count, open);
      else open = append_parts(from.targets, from.weights, from.count, schedule, due(c));
    }
  }
}

template <typename Index, typename Weight>
static void deliver_due(const Share &share, int64_t k, real unit) {
  const int64_t ahead = 32;
  Due &due = share.schedule->due[k & (share.schedule->slots - 1)];
  real *__restrict row = share.row;
  for (Chunk *chunk = due.first; chunk; chunk = chunk->next) {
    const Index *__restrict targets = Items<Index, Weight>::targets(chunk);
    const Weight *__restrict weights = Items<Index, Weight>::weights(chunk);
    const int64_t count = chunk->count;
    if (chunk->next) __builtin_prefetch(chunk->next);
    int64_t s = 0;
    for (; s + ahead < count; s++) {
      __builtin_prefetch(row + targets[s + ahead], 1);
      row[targets[s]] += unit * (real)weights[s];
    }
    for (; s < count; s++) row[targets[s]] += unit * (real)weights[s];
  }
  spare_all(*share.schedule, due);
}
