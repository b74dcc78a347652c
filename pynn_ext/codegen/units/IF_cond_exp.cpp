// {"from": {"brian2": "2.9.0", "generator": "5fa2aaefa15ea00858ac5fb102e9058e", "model": "96cdd5d8e922c7ac3d91c8c5824217bd", "sympy": "1.14.0"}, "unit": {"columns": ["v", "gsyn_exc", "gsyn_inh", "v_rest", "cm", "tau_m", "tau_refrac", "tau_syn_E", "tau_syn_I", "i_offset", "v_reset", "v_thresh", "e_rev_E", "e_rev_I", "i_inj"], "feeds": ["gsyn_exc", "gsyn_inh"], "propagators": [], "varying": []}}
#include "prelude.h"
#include "lanes.h"

extern "C" int64_t update(real *const *A, int32_t *__restrict ready, const int32_t *__restrict period,
                          int64_t first, int64_t last, int64_t cells, int64_t step, int32_t now, double h,
                          const uint16_t *__restrict counts, double weight, int32_t *__restrict spikes) {
  real *__restrict P_v = A[0]; (void)P_v;
  real *__restrict P_gsyn_exc = A[1]; (void)P_gsyn_exc;
  real *__restrict P_gsyn_inh = A[2]; (void)P_gsyn_inh;
  const real *__restrict P_v_rest = A[3]; (void)P_v_rest;
  const real *__restrict P_cm = A[4]; (void)P_cm;
  const real *__restrict P_tau_m = A[5]; (void)P_tau_m;
  const real *__restrict P_tau_refrac = A[6]; (void)P_tau_refrac;
  const real *__restrict P_tau_syn_E = A[7]; (void)P_tau_syn_E;
  const real *__restrict P_tau_syn_I = A[8]; (void)P_tau_syn_I;
  const real *__restrict P_i_offset = A[9]; (void)P_i_offset;
  const real *__restrict P_v_reset = A[10]; (void)P_v_reset;
  const real *__restrict P_v_thresh = A[11]; (void)P_v_thresh;
  const real *__restrict P_e_rev_E = A[12]; (void)P_e_rev_E;
  const real *__restrict P_e_rev_I = A[13]; (void)P_e_rev_I;
  const real *__restrict P_i_inj = A[14]; (void)P_i_inj;
  const real P_dt[1] = {(real)h};
  const double P_t[1] = {step * h};
  (void)P_dt; (void)P_t;
  const double cm = P_cm[0];
  const double dt = P_dt[0];
  const double e_rev_E = P_e_rev_E[0];
  const double e_rev_I = P_e_rev_I[0];
  const double i_inj = P_i_inj[0];
  const double i_offset = P_i_offset[0];
  const double tau_m = P_tau_m[0];
  const double tau_syn_E = P_tau_syn_E[0];
  const double tau_syn_I = P_tau_syn_I[0];
  const double v_rest = P_v_rest[0];
  const double v_thresh = P_v_thresh[0];
  const double _lio_1 = exp(1.0f*(0.5 * (dt * (- 1.0)))/tau_syn_E);
  const double _lio_2 = exp(1.0f*(0.5 * (dt * (- 1.0)))/tau_syn_I);
  const double _lio_3 = exp(1.0f*(dt * (- 1.0))/tau_syn_E);
  const double _lio_4 = exp(1.0f*(dt * (- 1.0))/tau_syn_I);
  const double _lio_5 = 0.0 - (1.0f*1.0/tau_m);
  const double _lio_6 = 1.0f*1.0/cm;
  const double _lio_7 = ((1.0f*v_rest/tau_m) + (1.0f*i_inj/cm)) + (1.0f*i_offset/cm);
  const double _lio_8 = 1.0f*e_rev_E/cm;
  const double _lio_9 = 1.0f*e_rev_I/cm;
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
      const double _rate_new_v = (_lio_5 + (_lio_6 * (- _half_gsyn_exc))) - (_lio_6 * _half_gsyn_inh);
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
      const double _rate_new_v = (_lio_5 + (_lio_6 * (- _half_gsyn_exc))) - (_lio_6 * _half_gsyn_inh);
      const real _x_0 = dt * _rate_new_v;
        _ahead_0[_idx - block] = is_far(_x_0) ? far_exprel(_x_0) : _ahead_0[_idx - block];
      }
#ifdef PYNN_EXT_LANES
#pragma GCC unroll 16
    for (int64_t _idx = block; _idx < block + 64; _idx += LANES) {
      const Flags not_refractory = are_ready(ready + _idx, now);
      Lanes gsyn_exc = fed<1>(get(P_gsyn_exc + _idx), weight, counts, _idx);
      Lanes gsyn_inh = fed<2>(get(P_gsyn_inh + _idx), weight, counts, _idx);
      Lanes v = get(P_v + (_idx));
      const Lanes _half_gsyn_exc = _lio_1 * gsyn_exc;
      const Lanes _half_gsyn_inh = _lio_2 * gsyn_inh;
      const Lanes _new_gsyn_exc = _lio_3 * gsyn_exc;
      const Lanes _new_gsyn_inh = _lio_4 * gsyn_inh;
      const Lanes _rate_new_v = (_lio_5 + (_lio_6 * (- _half_gsyn_exc))) - (_lio_6 * _half_gsyn_inh);
      const Lanes _new_v = v + (dt * ((_lio_7 + (((_rate_new_v * v) + (_lio_8 * _half_gsyn_exc)) + (_lio_9 * _half_gsyn_inh))) * get(_ahead_0 + (_idx - block))));
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
      double v = P_v[_idx];
      const double _half_gsyn_exc = _lio_1 * gsyn_exc;
      const double _half_gsyn_inh = _lio_2 * gsyn_inh;
      const double _new_gsyn_exc = _lio_3 * gsyn_exc;
      const double _new_gsyn_inh = _lio_4 * gsyn_inh;
      const double _rate_new_v = (_lio_5 + (_lio_6 * (- _half_gsyn_exc))) - (_lio_6 * _half_gsyn_inh);
      const double _new_v = v + (dt * ((_lio_7 + (((_rate_new_v * v) + (_lio_8 * _half_gsyn_exc)) + (_lio_9 * _half_gsyn_inh))) * _ahead_0[_idx - block]));
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
