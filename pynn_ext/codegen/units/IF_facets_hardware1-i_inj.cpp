// {"from": {"brian2": "2.9.0", "generator": "5fa2aaefa15ea00858ac5fb102e9058e", "model": "b9528d6bb44fa0f11b4cc4f01838fdbe", "sympy": "1.14.0"}, "unit": {"columns": ["v", "gsyn_exc", "gsyn_inh", "g_leak", "tau_syn_E", "tau_syn_I", "v_reset", "e_rev_I", "v_rest", "v_thresh", "i_inj"], "feeds": ["gsyn_exc", "gsyn_inh"], "propagators": [], "varying": []}}
#include "prelude.h"
#include "lanes.h"

extern "C" int64_t update(real *const *A, int32_t *__restrict ready, const int32_t *__restrict period,
                          int64_t first, int64_t last, int64_t cells, int64_t step, int32_t now, double h,
                          const uint16_t *__restrict counts, double weight, int32_t *__restrict spikes) {
  real *__restrict P_v = A[0]; (void)P_v;
  real *__restrict P_gsyn_exc = A[1]; (void)P_gsyn_exc;
  real *__restrict P_gsyn_inh = A[2]; (void)P_gsyn_inh;
  const real *__restrict P_g_leak = A[3]; (void)P_g_leak;
  const real *__restrict P_tau_syn_E = A[4]; (void)P_tau_syn_E;
  const real *__restrict P_tau_syn_I = A[5]; (void)P_tau_syn_I;
  const real *__restrict P_v_reset = A[6]; (void)P_v_reset;
  const real *__restrict P_e_rev_I = A[7]; (void)P_e_rev_I;
  const real *__restrict P_v_rest = A[8]; (void)P_v_rest;
  const real *__restrict P_v_thresh = A[9]; (void)P_v_thresh;
  const real *__restrict P_i_inj = A[10]; (void)P_i_inj;
  const real P_dt[1] = {(real)h};
  const double P_t[1] = {step * h};
  (void)P_dt; (void)P_t;
  const double dt = P_dt[0];
  const double e_rev_I = P_e_rev_I[0];
  const double g_leak = P_g_leak[0];
  const double tau_syn_E = P_tau_syn_E[0];
  const double tau_syn_I = P_tau_syn_I[0];
  const double v_rest = P_v_rest[0];
  const double v_thresh = P_v_thresh[0];
  const double _lio_1 = exp(1.0f*(0.5 * (dt * (- 1.0)))/tau_syn_E);
  const double _lio_2 = exp(1.0f*(0.5 * (dt * (- 1.0)))/tau_syn_I);
  const double _lio_3 = exp(1.0f*(dt * (- 1.0))/tau_syn_E);
  const double _lio_4 = exp(1.0f*(dt * (- 1.0))/tau_syn_I);
  const double _lio_5 = 0.0 - (1.0f*(0.005 * g_leak)/nF);
  const double _lio_6 = 1.0f*(- 5.0)/nF;
  const double _lio_7 = 1.0f*5.0/nF;
  const double _lio_8 = 1.0f*(0.005 * (g_leak * v_rest))/nF;
  const double _lio_9 = 1.0f*(5.0 * e_rev_I)/nF;
  int64_t count = 0;
  for (int64_t block = first; block < last; block += 64) {
    uint64_t fired = 0;
    real _ahead_0[64];
    int far = 0;
#pragma GCC ivdep
    for (int64_t _idx = block; _idx < block + 64; _idx++) {
      double gsyn_exc = fed<1>(P_gsyn_exc[_idx], weight, counts, _idx);
      double gsyn_inh = fed<2>(P_gsyn_inh[_idx], weight, counts, _idx);
      const double _half_gsyn_exc = _lio_1 * gsyn_exc;
      const double _half_gsyn_inh = _lio_2 * gsyn_inh;
      const double _rate_new_v = (_lio_5 + (_lio_6 * _half_gsyn_exc)) - (_lio_7 * _half_gsyn_inh);
      const real _x_0 = dt * _rate_new_v;
      _ahead_0[_idx - block] = near_exprel(_x_0); far |= is_far(_x_0);
    }
    if (far)
#pragma GCC ivdep
      for (int64_t _idx = block; _idx < block + 64; _idx++) {
        double gsyn_exc = fed<1>(P_gsyn_exc[_idx], weight, counts, _idx);
      double gsyn_inh = fed<2>(P_gsyn_inh[_idx], weight, counts, _idx);
      const double _half_gsyn_exc = _lio_1 * gsyn_exc;
      const double _half_gsyn_inh = _lio_2 * gsyn_inh;
      const double _rate_new_v = (_lio_5 + (_lio_6 * _half_gsyn_exc)) - (_lio_7 * _half_gsyn_inh);
      const real _x_0 = dt * _rate_new_v;
        _ahead_0[_idx - block] = is_far(_x_0) ? far_exprel(_x_0) : _ahead_0[_idx - block];
      }
#ifdef PYNN_EXT_LANES
#pragma GCC unroll 16
    for (int64_t _idx = block; _idx < block + 64; _idx += LANES) {
      const Flags not_refractory = are_ready(ready + _idx, now);
      Lanes gsyn_exc = fed<1>(get(P_gsyn_exc + _idx), weight, counts, _idx);
      Lanes gsyn_inh = fed<2>(get(P_gsyn_inh + _idx), weight, counts, _idx);
      const Lanes i_inj = get(P_i_inj + (_idx));
      Lanes v = get(P_v + (_idx));
      const Lanes _half_gsyn_exc = _lio_1 * gsyn_exc;
      const Lanes _half_gsyn_inh = _lio_2 * gsyn_inh;
      const Lanes _new_gsyn_exc = _lio_3 * gsyn_exc;
      const Lanes _new_gsyn_inh = _lio_4 * gsyn_inh;
      const Lanes _rate_new_v = (_lio_5 + (_lio_6 * _half_gsyn_exc)) - (_lio_7 * _half_gsyn_inh);
      const Lanes _new_v = v + (dt * ((_lio_8 + (((_rate_new_v * v) + (_lio_9 * _half_gsyn_inh)) + (_lio_7 * i_inj))) * get(_ahead_0 + (_idx - block))));
      gsyn_exc = _new_gsyn_exc;
      gsyn_inh = _new_gsyn_inh;
      v = choose(not_refractory, _new_v, v);
      const Flags _cond = v >= v_thresh;
      put(P_gsyn_exc + _idx, gsyn_exc);
      put(P_gsyn_inh + _idx, gsyn_inh);
      put(P_v + _idx, v);
      fired |= (uint64_t)(_cond & not_refractory).bits << (_idx - block);
    }
#else
    int32_t fires[64], any = 0;
#pragma GCC ivdep
    for (int64_t _idx = block; _idx < block + 64; _idx++) {
      const bool not_refractory = ready[_idx] <= now;
      
      double gsyn_exc = fed<1>(P_gsyn_exc[_idx], weight, counts, _idx);
      double gsyn_inh = fed<2>(P_gsyn_inh[_idx], weight, counts, _idx);
      const double i_inj = P_i_inj[_idx];
      double v = P_v[_idx];
      const double _half_gsyn_exc = _lio_1 * gsyn_exc;
      const double _half_gsyn_inh = _lio_2 * gsyn_inh;
      const double _new_gsyn_exc = _lio_3 * gsyn_exc;
      const double _new_gsyn_inh = _lio_4 * gsyn_inh;
      const double _rate_new_v = (_lio_5 + (_lio_6 * _half_gsyn_exc)) - (_lio_7 * _half_gsyn_inh);
      const double _new_v = v + (dt * ((_lio_8 + (((_rate_new_v * v) + (_lio_9 * _half_gsyn_inh)) + (_lio_7 * i_inj))) * _ahead_0[_idx - block]));
      gsyn_exc = _new_gsyn_exc;
      gsyn_inh = _new_gsyn_inh;
      if(not_refractory)
          v = _new_v;
      const char _cond = v >= v_thresh;
      P_gsyn_exc[_idx] = gsyn_exc;
      P_gsyn_inh[_idx] = gsyn_inh;
      P_v[_idx] = v;
      const int32_t does = (_cond) & not_refractory;
      fires[_idx - block] = does;
      any |= does;
    }
    if (any) for (int64_t i = 0; i < 64; i++) fired |= (uint64_t)fires[i] << i;
#endif
    for (; fired; fired &= fired - 1) {
      const int64_t _idx = block + __builtin_ctzll(fired);
      if (_idx >= cells) break;
      const bool not_refractory = true;
      (void)not_refractory;
      
      { const double v_reset = P_v_reset[0];
      double v = P_v[_idx];
      if(not_refractory)
          v = v_reset;
      P_v[_idx] = v; }
      ready[_idx] = now + 1 + period[_idx];
      spikes[count++] = (int32_t)_idx;
    }
  }
  return count;
}
