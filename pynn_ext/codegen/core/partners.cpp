// Partners of many cells, from the stream of a NumPy RandomState: the same numbers as one call of `randint` or `permutation`
// after the other for each cell, and the generator in the same state after them.
//
// Both draw whole numbers up to a bound by masked rejection from 32 bits at a time; a permutation swaps each element, from
// the last to the second, with one of those up to it (Durstenfeld 1964, Comm. ACM 7:420).
#include <stdint.h>

typedef uint32_t (*Next)(void *);

struct Stream {
  Next next;
  void *state;
  uint32_t mask_of(uint32_t most) const { return most ? 0xffffffffu >> __builtin_clz(most) : 0; }
  uint32_t up_to(uint32_t most, uint32_t mask) const {  // `most` > 0; a bound of 0 draws nothing
    uint32_t drawn;
    do drawn = next(state) & mask; while (drawn > most);
    return drawn;
  }
};

static void fill(const Stream &stream, uint32_t size, int32_t *out, int64_t n) {
  const uint32_t most = size - 1, mask = stream.mask_of(most);
  for (int64_t i = 0; i < n; i++) out[i] = most ? (int32_t)stream.up_to(most, mask) : 0;
}

// What equals `excluded` is drawn again, all of it after the first draws, until nothing does.
static void replace(const Stream &stream, uint32_t size, int64_t excluded, int32_t *out, int64_t n) {
  const uint32_t most = size - 1, mask = stream.mask_of(most);
  for (bool again = true; again;) {
    again = false;
    for (int64_t i = 0; i < n; i++) {
      if (out[i] != excluded) continue;
      out[i] = (int32_t)stream.up_to(most, mask);
      again |= out[i] == excluded;
    }
  }
}

static void shuffle(const Stream &stream, int32_t *cells, int64_t n) {
  for (int64_t i = n - 1; i > 0; i--) {
    const uint32_t j = stream.up_to((uint32_t)i, stream.mask_of((uint32_t)i));
    const int32_t kept = cells[i];
    cells[i] = cells[j];
    cells[j] = kept;
  }
}

// `first` is the place of the first cell among those it may not choose itself from, or -1; `room` holds `size` numbers.
// With `span` >= 0 the number of partners of each cell is drawn before them, from `low` to `low + span`, into `counts`.
extern "C" void draw_partners(Next next, void *state, int64_t *counts, int64_t cells, int64_t low, int64_t span,
                              int64_t size, int64_t first, int64_t with_replacement, int32_t *room, int32_t *out) {
  const Stream stream = {next, state};
  for (int64_t c = 0; c < cells; out += counts[c++]) {
    if (span >= 0)
      counts[c] = low + (span ? stream.up_to((uint32_t)span, stream.mask_of((uint32_t)span)) : 0);
    const int64_t excluded = first < 0 ? -1 : first + c;
    if (with_replacement) {
      fill(stream, (uint32_t)size, out, counts[c]);
      if (excluded >= 0) replace(stream, (uint32_t)size, excluded, out, counts[c]);
      continue;
    }
    const int64_t choices = size - (0 <= excluded && excluded < size);
    int64_t done = 0;
    for (int64_t i = 0; i < choices; i++) room[i] = (int32_t)(i + (excluded >= 0 && i >= excluded));
    for (; done + choices <= counts[c]; done += choices) for (int64_t i = 0; i < choices; i++) out[done + i] = room[i];
    if (done == counts[c]) continue;
    shuffle(stream, room, choices);
    for (int64_t i = 0; done + i < counts[c]; i++) out[done + i] = room[i];
  }
}
