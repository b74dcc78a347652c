// Makes the shares of bundles from projections, and projections from shares; compiled when first needed.
#include "segment.h"

// One projection of a bundle, and its place in one thread's share: cells from `low` to `high` are at `base` in the row.
struct Part {
  int64_t *offsets; void *targets, *weights; int64_t wide, classes;
  const int64_t *member;           // for each class of the bundle the one of the projection, or -1
  int64_t low, high, base;
};

struct Range { int64_t first, last; };  // of the synapses of a projection

// What a projection has onto the cells of its part from source i, class c of the bundle.
static Range range_of(const Part &p, int64_t i, int64_t c) {
  if (p.member[c] < 0) return {0, 0};
  const int64_t row = i * p.classes + p.member[c], first = p.offsets[row], last = p.offsets[row + 1];
  if (p.wide) {
    const uint32_t *targets = (const uint32_t *)p.targets;
    const int64_t begin = lower(targets, first, last, p.low);
    return {begin, lower(targets, begin, last, p.high)};
  }
  const uint16_t *targets = (const uint16_t *)p.targets;
  const int64_t begin = lower(targets, first, last, p.low);
  return {begin, lower(targets, begin, last, p.high)};
}

template <typename Index, typename Weight>
static int64_t copy_in(const Part &p, const Range &range, const Segment<Index, Weight> &to, int64_t at) {
  for (int64_t s = range.first; s < range.last; s++, at++) {
    const int64_t target = p.wide ? (int64_t)((const uint32_t *)p.targets)[s] : (int64_t)((const uint16_t *)p.targets)[s];
    to.targets[at] = (Index)(target - p.low + p.base);
    to.weights[at] = ((const Weight *)p.weights)[s];
  }
  return at;
}

template <typename Index, typename Weight>
static int64_t merge(const Part *parts, int64_t n, int64_t cells, int64_t classes, uint32_t *offsets, void *data,
                     uint64_t *present) {
  Range *ranges = (Range *)malloc((n + 1) * sizeof(Range));
  int64_t end = 0;
  for (int64_t i = 0; i < cells; i++) for (int64_t c = 0; c < classes; c++) {
    int64_t count = 0;
    for (int64_t j = 0; j < n; j++) {
      ranges[j] = range_of(parts[j], i, c);
      count += ranges[j].last - ranges[j].first;
    }
    const int64_t begin = end;
    end += words_of<Index, Weight>(count);
    if (!offsets) continue;
    offsets[i * classes + c] = (uint32_t)begin;
    present[i] |= (uint64_t)(count > 0) << (c & 63);
    const Segment<Index, Weight> to = segment_at<Index, Weight>(data, (uint32_t)begin, (uint32_t)end);
    for (int64_t j = 0, at = 0; j < n; j++) at = copy_in(parts[j], ranges[j], to, at);
  }
  if (offsets) offsets[cells * classes] = (uint32_t)end;
  free(ranges);
  return end;
}

// Fill one share from its parts, which are sorted by base; without arrays, only tell how many words it takes. `present` is zero.
extern "C" int64_t merge_share(const Part *parts, int64_t n, int64_t cells, int64_t classes, uint32_t *offsets, void *data,
                               uint64_t *present, int64_t wide, int64_t bytes) {
  return with_kinds(wide, bytes, [&](auto kinds) {
    return merge<typename decltype(kinds)::Index, typename decltype(kinds)::Weight>(parts, n, cells, classes, offsets, data, present);
  });
}

// The synapses of one projection in the order that it has them: what is told of each is its number in the projection, its weight and
// target in the share, and which share that is; and before those of a source and delay, these two and the next number.
template <typename Index, typename Weight, typename Begun, typename Told>
static int64_t visit(const Part *parts, const Share *shares, int64_t n, int64_t cells, int64_t classes, Begun begun, Told told) {
  int64_t at = 0;
  for (int64_t i = 0; i < cells; i++) for (int64_t c = 0; c < classes; c++) {
    if (parts[0].member[c] < 0) continue;
    begun(i, c, at);
    for (int64_t j = 0; j < n; j++) {
      const Part &p = parts[j];
      const Segment<Index, Weight> from = segment<Index, Weight>(shares[j], i * classes + c);
      const int64_t first = lower(from.targets, 0, from.count, p.base);
      const int64_t last = lower(from.targets, first, from.count, p.base + p.high - p.low);
      for (int64_t s = first; s < last; s++) told(at++, from.weights[s], from.targets[s], j);
    }
  }
  return at;
}

template <typename Index, typename Weight>
static void set_weights(const Part *parts, const Share *shares, int64_t n, int64_t cells, int64_t classes) {
  visit<Index, Weight>(parts, shares, n, cells, classes, [](int64_t, int64_t, int64_t) {}, [&](int64_t at, Weight &weight, Index, int64_t) {
    weight = ((const Weight *)parts[0].weights)[at];
  });
}

// New weights of one projection, written where the bundle has them.
extern "C" void write_weights(const Part *parts, const Share *shares, int64_t n, int64_t cells, int64_t classes, int64_t wide, int64_t bytes) {
  with_kinds(wide, bytes, [&](auto kinds) {
    set_weights<typename decltype(kinds)::Index, typename decltype(kinds)::Weight>(parts, shares, n, cells, classes);
  });
}

template <typename Index, typename Weight>
static void split(const Part *parts, const Share *shares, int64_t n, int64_t cells, int64_t classes) {
  const Part &own = parts[0];
  const auto begun = [&](int64_t i, int64_t c, int64_t at) { own.offsets[i * own.classes + own.member[c]] = at; };
  own.offsets[cells * own.classes] = visit<Index, Weight>(parts, shares, n, cells, classes, begun, [&](int64_t at, Weight weight, Index place, int64_t j) {
    const int64_t target = (int64_t)place - parts[j].base + parts[j].low;
    if (own.wide) ((uint32_t *)own.targets)[at] = (uint32_t)target; else ((uint16_t *)own.targets)[at] = (uint16_t)target;
    ((Weight *)own.weights)[at] = weight;
  });
}

// The reverse for one projection: its part in each share, which have all the same arrays of the projection.
extern "C" void split_shares(const Part *parts, const Share *shares, int64_t n, int64_t cells, int64_t classes, int64_t wide, int64_t bytes) {
  with_kinds(wide, bytes, [&](auto kinds) {
    split<typename decltype(kinds)::Index, typename decltype(kinds)::Weight>(parts, shares, n, cells, classes);
  });
}
