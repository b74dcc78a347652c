// Makes the shares of bundles from projections, and projections from shares; compiled when first needed.
#include "records.h"

// One projection of a bundle, and its place in one thread's share: cells from `low` to `high` are at `base` in the row.
struct Part {
  int64_t *offsets; void *targets, *weights; int64_t wide, classes;
  const int64_t *member;           // for each class of the bundle the one of the projection, or -1
  int64_t low, high, base;
};

template <typename Index, typename Weight>
static int64_t copy_in(const Part &p, int64_t first, int64_t last, Index *targets, Weight *weights, int64_t at) {
  const void *from = p.targets;
  if (p.wide) {
    first = lower((const uint32_t *)from, first, last, p.low);
    last = lower((const uint32_t *)from, first, last, p.high);
  } else {
    first = lower((const uint16_t *)from, first, last, p.low);
    last = lower((const uint16_t *)from, first, last, p.high);
  }
  if (targets) for (int64_t s = first; s < last; s++, at++) {
    targets[at] = (Index)((p.wide ? (int64_t)((const uint32_t *)from)[s] : (int64_t)((const uint16_t *)from)[s]) - p.low + p.base);
    weights[at] = ((const Weight *)p.weights)[s];
  }
  else at += last - first;
  return at;
}

template <typename Index, typename Weight>
static int64_t merge(const Part *parts, int64_t n, int64_t cells, int64_t classes, uint32_t *offsets, Index *targets, Weight *weights) {
  int64_t at = 0;
  for (int64_t i = 0; i < cells; i++) for (int64_t c = 0; c < classes; c++) {
    if (offsets) offsets[i * classes + c] = (uint32_t)at;
    for (int64_t j = 0; j < n; j++) {
      const Part &p = parts[j];
      if (p.member[c] < 0) continue;
      const int64_t row = i * p.classes + p.member[c];
      at = copy_in(p, p.offsets[row], p.offsets[row + 1], targets, weights, at);
    }
  }
  if (offsets) offsets[cells * classes] = (uint32_t)at;
  return at;
}

// Fill one share from its parts, which are sorted by base; without arrays, only count.
extern "C" int64_t merge_share(const Part *parts, int64_t n, int64_t cells, int64_t classes, uint32_t *offsets, void *targets,
                               void *weights, int64_t wide, int64_t single) {
  if (wide && single) return merge(parts, n, cells, classes, offsets, (uint32_t *)targets, (float *)weights);
  if (wide) return merge(parts, n, cells, classes, offsets, (uint32_t *)targets, (double *)weights);
  if (single) return merge(parts, n, cells, classes, offsets, (uint16_t *)targets, (float *)weights);
  return merge(parts, n, cells, classes, offsets, (uint16_t *)targets, (double *)weights);
}

// The synapses of one projection in the order that it has them: what is told of each is its number in the projection, its place in
// the share and which share that is; and before those of a source and delay, these two and the next number. Returns how many.
template <typename Index, typename Begun, typename Told>
static int64_t visit(const Part *parts, const Share *shares, int64_t n, int64_t cells, int64_t classes, Begun begun, Told told) {
  int64_t at = 0;
  for (int64_t i = 0; i < cells; i++) for (int64_t c = 0; c < classes; c++) {
    if (parts[0].member[c] < 0) continue;
    begun(i, c, at);
    for (int64_t j = 0; j < n; j++) {
      const Part &p = parts[j];
      const Index *targets = (const Index *)shares[j].targets;
      int64_t first = shares[j].offsets[i * classes + c], last = shares[j].offsets[i * classes + c + 1];
      first = lower(targets, first, last, p.base);
      last = lower(targets, first, last, p.base + p.high - p.low);
      for (int64_t s = first; s < last; s++) told(at++, s, j);
    }
  }
  return at;
}

template <typename Index, typename Weight>
static void set_weights(const Part *parts, const Share *shares, int64_t n, int64_t cells, int64_t classes) {
  visit<Index>(parts, shares, n, cells, classes, [](int64_t, int64_t, int64_t) {}, [&](int64_t at, int64_t s, int64_t j) {
    ((Weight *)shares[j].weights)[s] = ((const Weight *)parts[0].weights)[at];
  });
}

// New weights of one projection, written where the bundle has them.
extern "C" void write_weights(const Part *parts, const Share *shares, int64_t n, int64_t cells, int64_t classes, int64_t wide, int64_t single) {
  if (wide && single) set_weights<uint32_t, float>(parts, shares, n, cells, classes);
  else if (wide) set_weights<uint32_t, double>(parts, shares, n, cells, classes);
  else if (single) set_weights<uint16_t, float>(parts, shares, n, cells, classes);
  else set_weights<uint16_t, double>(parts, shares, n, cells, classes);
}

template <typename Index, typename Weight>
static void split(const Part *parts, const Share *shares, int64_t n, int64_t cells, int64_t classes) {
  const Part &own = parts[0];
  const auto begun = [&](int64_t i, int64_t c, int64_t at) { own.offsets[i * own.classes + own.member[c]] = at; };
  own.offsets[cells * own.classes] = visit<Index>(parts, shares, n, cells, classes, begun, [&](int64_t at, int64_t s, int64_t j) {
    const Part &p = parts[j];
    const int64_t target = ((const Index *)shares[j].targets)[s] - p.base + p.low;
    if (p.wide) ((uint32_t *)p.targets)[at] = (uint32_t)target; else ((uint16_t *)p.targets)[at] = (uint16_t)target;
    ((Weight *)p.weights)[at] = ((const Weight *)shares[j].weights)[s];
  });
}

// The reverse for one projection: its part in each share, which have all the same arrays of the projection.
extern "C" void split_shares(const Part *parts, const Share *shares, int64_t n, int64_t cells, int64_t classes, int64_t wide, int64_t single) {
  if (wide && single) split<uint32_t, float>(parts, shares, n, cells, classes);
  else if (wide) split<uint32_t, double>(parts, shares, n, cells, classes);
  else if (single) split<uint16_t, float>(parts, shares, n, cells, classes);
  else split<uint16_t, double>(parts, shares, n, cells, classes);
}
