// The synapses of one source and delay in a bundle: their weights, then their targets, side by side. Long segments cost fewer lines of
// the cache so than in two arrays, and short ones half as many.
//
// Weights of one sign that are multiples of one power of two, below 2^16 of it, are these multiples, in 16 bits. Their product with the
// power, the bundle's `unit`, is the weight itself: no bit of a sum depends on how weights are kept.
#pragma once
#include "records.h"

template <typename Target, typename Number> struct Kinds { typedef Target Index; typedef Number Weight; };

// Work with the types of a bundle: whether targets are `wide`, and how many bytes a weight has.
template <typename Work>
static inline auto with_kinds(int64_t wide, int64_t bytes, Work work) {
  if (wide) return bytes == sizeof(float) ? work(Kinds<uint32_t, float>()) : work(Kinds<uint32_t, double>());
  if (bytes == sizeof(uint16_t)) return work(Kinds<uint16_t, uint16_t>());
  return bytes == sizeof(float) ? work(Kinds<uint16_t, float>()) : work(Kinds<uint16_t, double>());
}

template <typename Index, typename Weight>
struct Segment {
  Weight *weights;
  Index *targets;
  int64_t count;
};

// Segments begin at multiples of a weight, the unit of offsets. How many synapses there are follows from the words between two
// offsets, as those that fill the last word are no whole synapse.
template <typename Index, typename Weight>
static constexpr int64_t words_of(int64_t count) {
  return (count * (int64_t)(sizeof(Weight) + sizeof(Index)) + (int64_t)sizeof(Weight) - 1) / (int64_t)sizeof(Weight);
}

template <typename Index, typename Weight>
static inline Segment<Index, Weight> segment_at(const void *data, uint32_t first, uint32_t last) {
  const int64_t count = (int64_t)((uint64_t)(last - first) * sizeof(Weight) / (sizeof(Weight) + sizeof(Index)));
  Weight *weights = (Weight *)data + first;
  return {weights, (Index *)(weights + count), count};
}

template <typename Index, typename Weight>
static inline Segment<Index, Weight> segment(const Share &share, int64_t row) {
  return segment_at<Index, Weight>(share.data, share.offsets[row], share.offsets[row + 1]);
}
