// Sources of spikes: given times, and Poisson processes.
//
// A Poisson source uses up unit-exponential draws, one for each spike. Sources with so many spikes in a step that this costs
// more than one draw a step are counted instead: u, a number of 32 bits, gives the count n with P(N < n) <= u / 2^32 <
// P(N <= n), by comparison with thresholds[k] = 2^32 P(N <= k). Four sources have one hash, whose quarters are the high halves
// of their u; the low halves, which hardly ever matter, are from a second one.
#pragma once
#include "random.h"
#include "records.h"
#if defined(__AVX512BW__)
#include <immintrin.h>
#endif

extern "C" double log(double);
extern "C" double exp(double);

// Unit-exponential draw number `draw` of one source: a hash of seed, stream, source and number.
static inline double exponential(uint64_t seed, uint64_t stream, uint64_t source, uint64_t draw) {
  const uint64_t key = mix(mix(seed + 0x9e3779b97f4a7c15ull * (stream + 1)) + source * 0xd1342543de82ef95ull);
  const uint64_t bits = mix(key + draw * 0x9e3779b97f4a7c15ull);
  return -log(((bits >> 11) + 1) * 0x1.0p-53);
}

static void emit_times(Group &group, int64_t k) {
  for (; group.position < group.total && group.steps[group.position] <= k + 1; group.position++) {
    const int64_t step = group.steps[group.position];
    if (step == k + 1 || step == k) emit(group, group.index[group.position], step);
  }
}

// Use up the hazard of the sources [first, last) in one step, and tell whether any of them may fire. They are added up as
// numbers, so that the loops are vectorised.
static bool elapse(const Group &group, int64_t first, int64_t last, int64_t k) {
  double *__restrict hazard = group.hazard;
  const double *__restrict rate = group.rate;
  double due = 0.0;
  if (k >= group.open_from && k + 1 <= group.open_to) {
    for (int64_t i = first; i < last; i++) {
      hazard[i] -= rate[i];
      due += hazard[i] > 0.0 ? 0.0 : 1.0;
    }
    return due > 0.0;
  }
  const double *__restrict start = group.start, *__restrict stop = group.stop, begins = k, ends = k + 1;
  for (int64_t i = first; i < last; i++) {
    const double from = begins > start[i] ? begins : start[i], to = ends < stop[i] ? ends : stop[i];
    const double open = to > from ? to - from : 0.0;
    hazard[i] -= rate[i] * open;
    due += open > 0.0 && !(hazard[i] > 0.0) ? 1.0 : 0.0;
  }
  return due > 0.0;
}

static void emit_poisson(const Core &core, Group &group, int64_t k) {
  double *__restrict hazard = group.hazard;
  for (int64_t block = 0; block < group.cells; block += 64) {
    const int64_t end = block + 64 < group.cells ? block + 64 : group.cells;
    if (!elapse(group, block, end, k)) continue;
    for (int64_t i = block; i < end; i++) {
      if (hazard[i] > 0.0 || !(group.rate[i] > 0.0) || !(k + 1 > group.start[i]) || !(k < group.stop[i])) continue;
      if (!group.draws[i]) hazard[i] += exponential(core.seed, group.stream, i, group.draws[i]++);
      for (; hazard[i] <= 0.0; hazard[i] += exponential(core.seed, group.stream, i, group.draws[i]++)) emit(group, (int32_t)i, k + 1);
    }
  }
}

static inline int64_t padded(const Group &group) { return (group.cells + 63) & ~(int64_t)63; }

static inline uint16_t *counts_at(const Group &group, int64_t step) {
  return group.counts + (step & (group.slots - 1)) * padded(group);
}

// Sources that are counted at once: as many as a register has numbers of 16 bits.
#if defined(__AVX512BW__)
#define REGISTER 64
#elif defined(__AVX2__)
#define REGISTER 32
#else
#define REGISTER 16
#endif
typedef uint64_t Lanes __attribute__((vector_size(REGISTER), aligned(8), may_alias));
typedef int16_t Quarters __attribute__((vector_size(REGISTER), aligned(2), may_alias));

static constexpr uint64_t STEP = 0x9e3779b97f4a7c15ull, LOW = 0xd1342543de82ef95ull;  // as in network/counting.py

static inline uint32_t draw_of(const uint64_t *keys, uint64_t shift, int64_t i) {
  const uint64_t counter = keys[i >> 2] + shift, quarter = 16 * (i & 3);
  return (uint32_t)(mix(counter) >> quarter & 0xffff) << 16 | (uint32_t)(mix(counter + LOW) >> quarter & 0xffff);
}

static inline bool any(const Quarters *flags, int n) {
  Quarters all = flags[0];
  for (int i = 1; i < n; i++) all |= flags[i];
  uint64_t words[REGISTER / 8], found = 0;
  memcpy(words, &all, sizeof all);
  for (uint64_t word : words) found |= word;
  return found;
}

// Counts of 64 sources that are open for the whole step and have one rate. The high halves of their draws are compared with
// those of the first thresholds; `first` is such that few draws exceed all of these. For these, and where the halves are
// equal, the whole draw is looked at. Processors compare numbers with a sign: so half of the range is subtracted.
static void count_block(const uint64_t *keys, uint64_t shift, const uint32_t *thresholds, int64_t first, int64_t all, uint16_t *out) {
  constexpr int N = 128 / REGISTER;
  Quarters u[N], n[N], open[N];
#pragma GCC unroll 8
  for (int i = 0; i < N; i++) {
    u[i] = (Quarters)mix(*(const Lanes *)(keys + i * (REGISTER / 8)) + shift) ^ INT16_MIN;
    n[i] = open[i] = Quarters{};
  }
  for (int64_t k = 0; k < first; k++) {
    const Quarters threshold = Quarters{} + (int16_t)(thresholds[k] >> 16 ^ 0x8000);
#pragma GCC unroll 8
    for (int i = 0; i < N; i++) {
      n[i] -= u[i] > threshold;
      open[i] |= u[i] == threshold;
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < N; i++) {
    open[i] |= n[i] == (int16_t)first;
    *(Quarters *)(out + i * (REGISTER / 2)) = n[i];
  }
  if (!any(open, N)) return;
  for (int i = 0; i < 64; i++) {
    if (!open[i / (REGISTER / 2)][i % (REGISTER / 2)]) continue;
    const uint32_t bits = draw_of(keys, shift, i);
    while (out[i] < all && bits >= thresholds[out[i]]) out[i]++;
  }
}

#if defined(__AVX512BW__)
// The same by a table, since AVX-512 can look up one of 32 numbers: the first five bits of a draw give how many thresholds
// are below all draws that begin so, and the next three of them. Their high halves are compared; where these do not decide, or
// there are more thresholds, all of the draw is.
static void set_guide(Group &group) {
  const int64_t *level = group.level + padded(group);
  const uint32_t *thresholds = group.thresholds + level[0];
  double missed = 0.0;
  int64_t n = 0;
  for (uint64_t part = 0; part < 32; part++) {
    const uint64_t begin = part << 27, end = (part + 1) << 27;
    while (n < level[1] && thresholds[n] <= begin) n++;
    group.guide[part] = (uint16_t)n;
    for (int64_t j = 0; j < 3; j++) {
      const bool inside = n + j < level[1] && thresholds[n + j] < end;
      group.guide[32 * (j + 1) + part] = inside ? thresholds[n + j] >> 16 : UINT16_MAX;
      if (j == 2 && inside) missed += (end - thresholds[n + 2]) * 0x1.0p-32;
    }
  }
  group.guided = missed < 0.005;
}

static void count_guided(const Group &group, int64_t block, uint64_t shift, uint16_t *out) {
  const int64_t *level = group.level + padded(group);
  const uint32_t *thresholds = group.thresholds + level[0];
  const __m512i below = _mm512_loadu_si512(group.guide), first = _mm512_loadu_si512(group.guide + 32);
  const __m512i second = _mm512_loadu_si512(group.guide + 64), third = _mm512_loadu_si512(group.guide + 96), one = _mm512_set1_epi16(1);
  for (int64_t i = 0; i < 64; i += 32) {
    const __m512i u = (__m512i)mix(*(const Lanes *)(group.keys + (block + i) / 4) + shift), part = _mm512_srli_epi16(u, 11);
    const __m512i a = _mm512_permutexvar_epi16(part, first), b = _mm512_permutexvar_epi16(part, second);
    __m512i n = _mm512_permutexvar_epi16(part, below);
    n = _mm512_mask_add_epi16(n, _mm512_cmpgt_epu16_mask(u, a), n, one);
    n = _mm512_mask_add_epi16(n, _mm512_cmpgt_epu16_mask(u, b), n, one);
    _mm512_storeu_si512(out + i, n);
    uint32_t open = _mm512_cmpeq_epu16_mask(u, a) | _mm512_cmpeq_epu16_mask(u, b) |
                    _mm512_cmpge_epu16_mask(u, _mm512_permutexvar_epi16(part, third));
    for (; open; open &= open - 1) {
      const int64_t j = i + __builtin_ctz(open);
      const uint32_t bits = draw_of(group.keys, shift, block + j);
      while (out[j] < level[1] && bits >= thresholds[out[j]]) out[j]++;
    }
  }
}
#else
static void set_guide(Group &) {}
#endif

// A source that opens or closes within the step.
static uint16_t count_part(double mean, uint32_t bits) {
  const double u = bits * 0x1.0p-32;
  double p = exp(-mean), sum = p;
  uint16_t n = 0;
  while (u >= sum && n < 65535 && p > 0.0) sum += p *= mean / ++n;
  return n;
}

// What the sources [low, high) fire during step k, as counts of index k + 1, from out[0] on; `low` begins a block. `level` gives,
// for each level, where its thresholds begin, how many there are, and how many come first.
static void count_poisson(const Group &group, int64_t low, int64_t high, int64_t k, uint16_t *out) {
  const uint64_t shift = (uint64_t)k * STEP;
  const int64_t *table = group.level + padded(group);
  if (group.levels == 1 && k >= group.open_from && k + 1 <= group.open_to) {
    for (int64_t block = low; block < high; block += 64) {
#if defined(__AVX512BW__)
      if (group.guided) {
        count_guided(group, block, shift, out + block - low);
        continue;
      }
#endif
      count_block(group.keys + block / 4, shift, group.thresholds + table[0], table[2], table[1], out + block - low);
    }
    return;
  }
  for (int64_t i = low; i < high && i < group.cells; i++, out++) {
    const double from = k > group.start[i] ? k : group.start[i], to = k + 1 < group.stop[i] ? k + 1 : group.stop[i];
    const uint32_t bits = draw_of(group.keys, shift, i);
    if (to - from < 1.0) {
      *out = to > from ? count_part(group.rate[i] * (to - from), bits) : 0;
      continue;
    }
    const int64_t *level = table + 3 * group.level[i];
    const uint32_t *thresholds = group.thresholds + level[0];
    int64_t n = 0;
    while (n < level[1] && bits >= thresholds[n]) n++;
    *out = (uint16_t)n;
  }
}

static void list_counts(Group &group, int64_t step, bool now) {
  const uint16_t *counts = counts_at(group, step);
  for (int64_t i = 0; i < group.cells; i++)
    for (int n = counts[i]; n > 0; n--) {
      if (now) emit(group, (int32_t)i, step);
      else push(slot(group, step), (int32_t)i);
    }
}

// Whether a group counts its spikes, and whether it lists them, may change with its rates and projections: what is under way is
// then kept in the other form too.
extern "C" void set_form(Group *group, int64_t counted, int64_t listed, int64_t step) {
  if (counted && !group->counts) group->counts = (uint16_t *)calloc(group->slots * padded(*group), sizeof(uint16_t));
  for (int64_t s = step; s > step - group->slots && s >= 0; s--) {
    if (counted && !group->counted) {
      memset(counts_at(*group, s), 0, padded(*group) * sizeof(uint16_t));
      for (int64_t i = 0; i < slot(*group, s).count; i++) counts_at(*group, s)[slot(*group, s).index[i]]++;
    }
    if (group->counted && !group->listed && (listed || !counted)) {
      slot(*group, s).count = 0;
      list_counts(*group, s, false);
    }
  }
  group->counted = counted;
  group->listed = listed;
}
