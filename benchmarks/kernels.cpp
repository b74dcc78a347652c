// Hand-written simulations of the benchmark networks, each for its network alone: what the engine is measured against.
//
// Cells are arrays of one type of number, targets have 16 bits, nothing is looked up that can be known beforehand, and nothing
// can be read, recorded or changed. `make_*` builds a network, `run_*` advances it and returns the number of its spikes.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

constexpr double H = 0.1;  // time step (ms)

struct Random {                    // xorshift64*; Vigna (2016), ACM Trans. Math. Softw. 42:30
  uint64_t state;
  explicit Random(uint64_t seed) : state(seed * 0x9e3779b97f4a7c15ull + 1) {}
  uint64_t bits() {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1dull;
  }
  double uniform() { return ((bits() >> 11) + 1) * 0x1.0p-53; }
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }
  int64_t gap(double p) { return int64_t(std::log(uniform()) / std::log1p(-p)); }
};

int64_t whole(int64_t n) { return (n + 63) & ~int64_t(63); }

template <class Real> struct Column {
  Real *at;
  explicit Column(int64_t n, Real value = 0) : at((Real *)aligned_alloc(64, sizeof(Real) * whole(n))) {
    for (int64_t i = 0; i < whole(n); i++) at[i] = value;
  }
  ~Column() { free(at); }
};

struct Rows {                      // targets of each source
  std::vector<uint32_t> first{0};
  std::vector<uint16_t> target;
  Rows(Random &random, int64_t sources, int64_t cells, double p) {
    for (int64_t i = 0; i < sources; i++) {
      for (int64_t j = random.gap(p); j < cells; j += 1 + random.gap(p)) target.push_back(uint16_t(j));
      first.push_back(uint32_t(target.size()));
    }
  }
};

template <class Real> inline void add(Real *__restrict to, const Rows &rows, int source, Real weight) {
  const uint16_t *__restrict target = rows.target.data();
  for (uint32_t s = rows.first[source]; s < rows.first[source + 1]; s++) to[target[s]] += weight;
}

// Excitatory and inhibitory cells with conductances, four to one, kicked by 20 sources for 50 ms.
template <class Real> struct Recurrent {
  Random random;
  int64_t n, excitatory, step = 0, spikes = 0;
  Rows rows, kick;
  Column<Real> v, ge, gi;
  Column<int16_t> rest;
  std::vector<int> fired[3];       // of this step and the two before: all delays are two steps
  Recurrent(int64_t n, double inputs)
      : random(1), n(n), excitatory(n * 4 / 5), rows(random, n, n, inputs / n), kick(random, 20, n, 0.01), v(n), ge(n), gi(n), rest(n) {}
  void deliver(Real we, Real wi) {
    for (int i : fired[step % 3]) add(i < excitatory ? ge.at : gi.at, rows, i, i < excitatory ? we : wi);
    fired[step % 3].clear();
    if (step < 500) for (int x = 0; x < 20; x++) if (random.uniform() < 100.0 * H * 1e-3) add(ge.at, kick, x, Real(0.1));
  }
  void fire(int64_t i, int16_t steps) {
    rest.at[i] = steps;
    fired[(step + 2) % 3].push_back(int(i));
    spikes++;
  }
};

// Integrate-and-fire cells with conductances, exponential Euler.
template <class Real> struct Coba : Recurrent<Real> {
  using Base = Recurrent<Real>;
  Coba(int64_t n, double inputs) : Base(n, inputs) {
    for (int64_t i = 0; i < whole(n); i++) this->v.at[i] = Real(-60 + 10 * this->random.uniform());
  }
  void advance() {
    this->deliver(Real(0.004), Real(0.051));
    const Real leak = 0.01, slope = -H / 0.2, keep_e = std::exp(-H / 5), keep_i = std::exp(-H / 10), threshold = -50;
    Real *__restrict v = this->v.at, *__restrict ge = this->ge.at, *__restrict gi = this->gi.at;
    int16_t *__restrict rest = this->rest.at;
    for (int64_t b = 0; b < whole(this->n); b += 64) {
      int any = 0;
#pragma GCC ivdep
      for (int64_t i = b; i < b + 64; i++) {
        const Real total = leak + ge[i] + gi[i], end = (leak * -60 + gi[i] * -80) / total;
        const Real next = end + (v[i] - end) * std::exp(slope * total);
        v[i] = rest[i] > 0 ? v[i] : next;
        rest[i] = rest[i] > 0 ? rest[i] - 1 : 0;
        ge[i] *= keep_e;
        gi[i] *= keep_i;
        any |= v[i] > threshold;
      }
      if (any) for (int64_t i = b; i < b + 64 && i < this->n; i++) if (v[i] > threshold) {
        v[i] = -60;
        this->fire(i, 50);
      }
    }
    this->step++;
  }
};

// Hodgkin-Huxley cells of Traub and Miles, exponential Euler.
template <class Real> struct Hh : Recurrent<Real> {
  using Base = Recurrent<Real>;
  Column<Real> m, h, q;
  Hh(int64_t n, double inputs) : Base(n, inputs), m(n), h(n, 1), q(n) {
    for (int64_t i = 0; i < whole(n); i++) this->v.at[i] = Real(-70 + 10 * this->random.uniform());
  }
  static Real linear(Real x) { return std::fabs(x) < Real(1e-4) ? 1 - x / 2 : x / (std::exp(x) - 1); }
  static Real gate(Real x, Real opens, Real closes) {
    const Real rate = opens + closes, end = opens / rate;
    return end + (x - end) * std::exp(Real(-H) * rate);
  }
  void advance() {
    this->deliver(Real(0.006), Real(0.067));
    const Real keep_e = std::exp(-H / 5), keep_i = std::exp(-H / 10);
    Real *__restrict v = this->v.at, *__restrict ge = this->ge.at, *__restrict gi = this->gi.at;
    Real *__restrict m = this->m.at, *__restrict h = this->h.at, *__restrict q = this->q.at;
    int16_t *__restrict rest = this->rest.at;
    const int64_t end_of_cells = whole(this->n);
#pragma GCC ivdep
    for (int64_t i = 0; i < end_of_cells; i++) {
      const Real u = v[i] + 63, na = 20 * m[i] * m[i] * m[i] * h[i], q2 = q[i] * q[i], k = 6 * q2 * q2;
      const Real total = Real(0.01) + na + k + ge[i] + gi[i], end = (Real(-0.65) + na * 50 + k * -90 + gi[i] * -80) / total;
      m[i] = gate(m[i], Real(1.28) * linear((13 - u) / 4), Real(1.4) * linear((u - 40) / 5));
      h[i] = gate(h[i], Real(0.128) * std::exp((17 - u) / 18), 4 / (1 + std::exp((40 - u) / 5)));
      q[i] = gate(q[i], Real(0.16) * linear((15 - u) / 5), Real(0.5) * std::exp((10 - u) / 40));
      v[i] = end + (v[i] - end) * std::exp(Real(-H / 0.2) * total);
      ge[i] *= keep_e;
      gi[i] *= keep_i;
      rest[i] = rest[i] > 0 ? rest[i] - 1 : 0;
    }
    for (int64_t i = 0; i < this->n; i++) if (v[i] > -20 && !rest[i]) this->fire(i, 30);
    this->step++;
  }
};

// Poisson sources onto integrate-and-fire cells through plastic synapses, additive pair rule.
struct Stdp {
  static constexpr int DELAY = 10;
  Random random;
  int64_t sources, n, step = 0, spikes = 0, next;
  double rate;
  Rows rows;
  std::vector<uint32_t> first, entry;
  std::vector<uint16_t> source;
  std::vector<float> w;
  float limit;
  Column<float> v, current, post, pre;
  Column<int16_t> rest;
  std::vector<int> sent[DELAY + 1], fired;
  Stdp(int64_t sources, int64_t n, double p, double weight, double rate)
      : random(5), sources(sources), n(n), rate(rate * H * 1e-3), rows(random, sources, n, p), first(n + 1, 0), w(rows.target.size(), float(weight)),
        limit(float(2 * weight)), v(n, -65), current(n), post(n), pre(sources), rest(n) {
    for (int64_t i = 0; i < n; i++) v.at[i] = float(-65 + 15 * random.uniform());
    for (uint16_t t : rows.target) first[t + 1]++;
    for (int64_t i = 0; i < n; i++) first[i + 1] += first[i];
    std::vector<uint32_t> at(first);
    entry.resize(w.size());
    source.resize(w.size());
    for (int64_t i = 0; i < sources; i++) for (uint32_t s = rows.first[i]; s < rows.first[i + 1]; s++) {
      const uint32_t e = at[rows.target[s]]++;
      entry[e] = s;
      source[e] = uint16_t(i);
    }
    next = random.gap(this->rate);
  }
  void advance() {
    std::vector<int> &now = sent[step % (DELAY + 1)];
    float *__restrict weight = w.data(), *__restrict in = current.at;
    const uint16_t *__restrict target = rows.target.data();
    for (int i : now) {
#pragma GCC ivdep
      for (uint32_t s = rows.first[i]; s < rows.first[i + 1]; s++) {
        const float changed = weight[s] - 0.0105f * limit * post.at[target[s]];
        weight[s] = changed > 0 ? changed : 0;
        in[target[s]] += weight[s];
      }
      pre.at[i] += 1;
    }
    now.clear();
    for (; next < (step + 1) * sources; next += 1 + random.gap(rate)) sent[(step + DELAY) % (DELAY + 1)].push_back(int(next - step * sources));
    const float keep = std::exp(-H / 20), decay = std::exp(-H / 5), gain = 5.0 * 20 / (15.0 * 0.25) * (std::exp(-H / 20) - std::exp(-H / 5));
    for (int64_t i = 0; i < whole(sources); i++) pre.at[i] *= keep;
    for (int64_t i = 0; i < whole(n); i++) {
      const float potential = -65 + (v.at[i] + 65) * keep + gain * in[i];
      v.at[i] = rest.at[i] > 0 ? v.at[i] : potential;
      rest.at[i] = rest.at[i] > 0 ? rest.at[i] - 1 : 0;
      in[i] *= decay;
      post.at[i] *= keep;
    }
    for (int64_t i = 0; i < n; i++) if (v.at[i] > -50) {
      v.at[i] = -65;
      rest.at[i] = 20;
      spikes++;
      for (uint32_t e = first[i]; e < first[i + 1]; e++) {
        const float changed = weight[entry[e]] + 0.01f * limit * pre.at[source[e]];
        weight[entry[e]] = changed < limit ? changed : limit;
      }
      post.at[i] += 1;
    }
    step++;
  }
};

// Populations of current-based cells with Poisson input; synapses of a source by delay, each with its own weight.
struct Layers {
  static constexpr int SLOTS = 64;
  Random random;
  int64_t n = 0, step = 0, spikes = 0;
  std::vector<int> begin{0};
  std::vector<uint32_t> segment;   // [source * SLOTS + delay]
  std::vector<uint16_t> target;
  std::vector<float> weight;
  Column<float> v, current, in, offset;
  Column<int16_t> rest;
  Column<uint32_t> noise;
  std::vector<uint32_t> chance;    // of more than k external spikes, [population * 8 + k]
  std::vector<int> fired[SLOTS];
  float external;
  Layers(const int64_t *size, const int64_t *number, const double *mean, const double *current_offset, const double *input, double external)
      : random(2), n(total(size)), v(n), current(n), in(n), offset(n), rest(n), noise(n), external(float(external)) {
    for (int p = 0; p < 8; p++) {
      begin.push_back(begin[p] + int(size[p]));
      double term = std::exp(-input[p]), sum = term;
      for (int k = 0; k < 8; k++, term *= input[p] / k, sum += term) chance.push_back(uint32_t(std::fmin(4294967295.0, sum * 4294967296.0)));
      for (int i = begin[p]; i < begin[p + 1]; i++) offset.at[i] = float(current_offset[p]);
    }
    for (int64_t i = 0; i < whole(n); i++) {
      v.at[i] = float(-58 + 5 * random.normal());
      noise.at[i] = uint32_t(random.bits() >> 32) | 1;
    }
    connect(size, number, mean);
  }
  static int64_t total(const int64_t *size) {
    int64_t sum = 0;
    for (int p = 0; p < 8; p++) sum += size[p];
    return sum;
  }
  void connect(const int64_t *size, const int64_t *number, const double *mean) {
    struct Synapse { uint16_t target; float weight; };
    for (int s = 0; s < 8; s++) {
      std::vector<std::vector<std::vector<Synapse>>> rows(size[s], std::vector<std::vector<Synapse>>(SLOTS));
      for (int t = 0; t < 8; t++) for (int64_t k = 0; k < number[t * 8 + s]; k++) {
        const int64_t source = random.bits() % size[s], cell = begin[t] + random.bits() % size[t];
        const double average = s % 2 ? 0.75 : 1.5;
        double delay = average + average / 2 * random.normal();
        while (delay < 0.1 || delay > 6.3) delay = average + average / 2 * random.normal();
        rows[source][int(delay / H + 0.5)].push_back({uint16_t(cell), float(mean[t * 8 + s] * (1 + 0.1 * random.normal()))});
      }
      for (auto &row : rows) for (auto &cells : row) {
        segment.push_back(uint32_t(target.size()));
        for (const Synapse &synapse : cells) { target.push_back(synapse.target); weight.push_back(synapse.weight); }
      }
    }
    segment.push_back(uint32_t(target.size()));
  }
  void update(int p, std::vector<int> &out, float *__restrict row) {
    const float keep = std::exp(-H / 10), decay = std::exp(-H / 0.5), gain = 0.5 * 10 / (9.5 * 0.25) * (std::exp(-H / 10) - std::exp(-H / 0.5));
    const float drift = 10 / 0.25 * (1 - std::exp(-H / 10)), jump = external;
    float *__restrict potential = v.at, *__restrict inflow = current.at;
    const float *__restrict constant = offset.at;
    uint32_t *__restrict noises = noise.at;
    int16_t *__restrict resting = rest.at;
    uint32_t more[8];
    for (int k = 0; k < 8; k++) more[k] = chance[p * 8 + k];
    int any = 0;
    const int low = begin[p], high = begin[p + 1];
#pragma GCC ivdep
    for (int i = low; i < high; i++) {
      uint32_t u = noises[i];
      u ^= u << 13;
      u ^= u >> 17;
      u ^= u << 5;
      noises[i] = u;
      int count = (u >= more[0]) + (u >= more[1]) + (u >= more[2]) + (u >= more[3]);
      count += (u >= more[4]) + (u >= more[5]) + (u >= more[6]) + (u >= more[7]);
      const float next = -65 + (potential[i] + 65) * keep + gain * inflow[i] + drift * constant[i];
      const float now = resting[i] > 0 ? potential[i] : next;
      potential[i] = now;
      resting[i] = resting[i] > 0 ? resting[i] - 1 : 0;
      inflow[i] = inflow[i] * decay + row[i] + jump * count;
      row[i] = 0;
      any |= now > -50;
    }
    if (any) for (int i = low; i < high; i++) if (potential[i] > -50) {
      potential[i] = -65;
      resting[i] = 20;
      out.push_back(i);
      spikes++;
    }
  }
  void advance() {
    float *__restrict row = in.at;
    const uint16_t *__restrict to = target.data();
    const float *__restrict by = weight.data();
    const uint32_t *__restrict begins = segment.data();
    for (int d = 1; d < SLOTS; d++) if (step >= d) for (int i : fired[(step - d) % SLOTS]) {
      const uint32_t *segment_of = begins + i * SLOTS + d;
      for (uint32_t s = segment_of[0], last = segment_of[1]; s < last; s++) row[to[s]] += by[s];
    }
    std::vector<int> &out = fired[step % SLOTS];
    out.clear();
    for (int p = 0; p < 8; p++) update(p, out, row);
    step++;
  }
};

template <class Network> int64_t advance(void *network, int64_t steps) {
  Network &net = *(Network *)network;
  const int64_t before = net.spikes;
  for (int64_t i = 0; i < steps; i++) net.advance();
  return net.spikes - before;
}

}  // namespace

extern "C" {
void *make_coba(int64_t n, double inputs) { return new Coba<double>(n, inputs); }
int64_t run_coba(void *network, int64_t steps) { return advance<Coba<double>>(network, steps); }
void *make_coba_single(int64_t n, double inputs) { return new Coba<float>(n, inputs); }
int64_t run_coba_single(void *network, int64_t steps) { return advance<Coba<float>>(network, steps); }
void *make_hh(int64_t n, double inputs) { return new Hh<double>(n, inputs); }
int64_t run_hh(void *network, int64_t steps) { return advance<Hh<double>>(network, steps); }
void *make_stdp(int64_t sources, int64_t n, double p, double weight, double rate) { return new Stdp(sources, n, p, weight, rate); }
int64_t run_stdp(void *network, int64_t steps) { return advance<Stdp>(network, steps); }
void *make_layers(const int64_t *size, const int64_t *number, const double *mean, const double *offset, const double *input, double external) {
  return new Layers(size, number, mean, offset, input, external);
}
int64_t run_layers(void *network, int64_t steps) { return advance<Layers>(network, steps); }
}
