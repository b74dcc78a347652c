// {"from": {"brian2": "2.9.0", "generator": "5fa2aaefa15ea00858ac5fb102e9058e", "model": "d8120000b017ae744b1290aadfcff994", "sympy": "1.14.0"}, "unit": {"columns": ["v", "w", "gsyn_exc", "x_exc", "gsyn_inh", "x_inh", "v_rest", "cm", "tau_m", "tau_refrac", "tau_syn_E", "tau_syn_I", "i_offset", "v_reset", "v_thresh", "e_rev_E", "e_rev_I", "v_spike", "a", "b", "delta_T", "tau_w", "i_inj"], "feeds": ["x_exc", "x_inh"], "propagators": [], "varying": []}}
#include "prelude.h"

extern "C" int64_t update(real *const *A, int32_t *__restrict ready, const int32_t *__restrict period,
                          int64_t first, int64_t last, int64_t cells, int64_t step, int32_t now, double h,
                          const uint16_t *__restrict counts, double weight, int32_t *__restrict spikes) {
  real *__restrict P_v = A[0]; (void)P_v;
  real *__restrict P_w = A[1]; (void)P_w;
  real *__restrict P_gsyn_exc = A[2]; (void)P_gsyn_exc;
  real *__restrict P_x_exc = A[3]; (void)P_x_exc;
  real *__restrict P_gsyn_inh = A[4]; (void)P_gsyn_inh;
  real *__restrict P_x_inh = A[5]; (void)P_x_inh;
  const real *__restrict P_v_rest = A[6]; (void)P_v_rest;
  const real *__restrict P_cm = A[7]; (void)P_cm;
  const real *__restrict P_tau_m = A[8]; (void)P_tau_m;
  const real *__restrict P_tau_refrac = A[9]; (void)P_tau_refrac;
  const real *__restrict P_tau_syn_E = A[10]; (void)P_tau_syn_E;
  const real *__restrict P_tau_syn_I = A[11]; (void)P_tau_syn_I;
  const real *__restrict P_i_offset = A[12]; (void)P_i_offset;
  const real *__restrict P_v_reset = A[13]; (void)P_v_reset;
  const real *__restrict P_v_thresh = A[14]; (void)P_v_thresh;
  const real *__restrict P_e_rev_E = A[15]; (void)P_e_rev_E;
  const real *__restrict P_e_rev_I = A[16]; (void)P_e_rev_I;
  const real *__restrict P_v_spike = A[17]; (void)P_v_spike;
  const real *__restrict P_a = A[18]; (void)P_a;
  const real *__restrict P_b = A[19]; (void)P_b;
  const real *__restrict P_delta_T = A[20]; (void)P_delta_T;
  const real *__restrict P_tau_w = A[21]; (void)P_tau_w;
  const real *__restrict P_i_inj = A[22]; (void)P_i_inj;
  const real P_dt[1] = {(real)h};
  const double P_t[1] = {step * h};
  (void)P_dt; (void)P_t;
  const double a = P_a[0];
  const double cm = P_cm[0];
  const double delta_T = P_delta_T[0];
  const double dt = P_dt[0];
  const double e_rev_E = P_e_rev_E[0];
  const double e_rev_I = P_e_rev_I[0];
  const double i_inj = P_i_inj[0];
  const double i_offset = P_i_offset[0];
  const double tau_m = P_tau_m[0];
  const double tau_syn_E = P_tau_syn_E[0];
  const double tau_syn_I = P_tau_syn_I[0];
  const double tau_w = P_tau_w[0];
  const double v_rest = P_v_rest[0];
  const double v_spike = P_v_spike[0];
  const double v_thresh = P_v_thresh[0];
  const double _lio_1 = 1.0f*dt/tau_syn_E;
  const double _lio_2 = 1.0f*dt/tau_syn_I;
  const double _lio_3 = 1.0f*1.0/tau_m;
  const double _lio_4 = 1.0f*1.0/(delta_T + (1e-09 * mV));
  const double _lio_5 = - v_thresh;
  const double _lio_6 = - volt;
  const double _lio_7 = 1.0f*1.0/cm;
  const double _lio_8 = i_inj + i_offset;
  const double _lio_9 = 1.0f*dt/tau_w;
  const double _lio_10 = 0.001 * a;
  const double _lio_11 = - v_rest;
  const double _lio_12 = 1.0f*(- dt)/tau_syn_E;
  const double _lio_13 = 1.0f*(- dt)/tau_syn_I;
  const double _lio_14 = (v_spike * int_(delta_T > 0.0)) + (v_thresh * int_(delta_T <= 0.0));
  int64_t count = 0;
  for (int64_t block = first; block < last; block += 64) {
    uint64_t fired = 0;
    int32_t fires[64], any = 0;
#pragma GCC ivdep
    for (int64_t _idx = block; _idx < block + 64; _idx++) {
      const bool not_refractory = ready[_idx] <= now;
      
      double gsyn_exc = P_gsyn_exc[_idx];
      double gsyn_inh = P_gsyn_inh[_idx];
      double v = P_v[_idx];
      double w = P_w[_idx];
      double x_exc = fed<3>(P_x_exc[_idx], weight, counts, _idx);
      double x_inh = fed<5>(P_x_inh[_idx], weight, counts, _idx);
      const double __k_1_gsyn_exc = _lio_1 * ((- gsyn_exc) + x_exc);
      const double __k_1_gsyn_inh = _lio_2 * ((- gsyn_inh) + x_inh);
      const double __k_1_v = dt * ((_lio_3 * ((v_rest + (delta_T * exp(_clip(_lio_4 * (_lio_5 + _clip(v, _lio_6, v_spike)), - 50, 50)))) - _clip(v, _lio_6, v_spike))) + (_lio_7 * ((_lio_8 + ((gsyn_exc * (e_rev_E - _clip(v, _lio_6, v_spike))) + (gsyn_inh * (e_rev_I - _clip(v, _lio_6, v_spike))))) - w)));
      const double __k_1_w = _lio_9 * ((_lio_10 * (_lio_11 + _clip(v, _lio_6, v_spike))) - w);
      const double __k_1_x_exc = _lio_12 * x_exc;
      const double __k_1_x_inh = _lio_13 * x_inh;
      const double __k_2_gsyn_exc = _lio_1 * ((((0.5 * (- __k_1_gsyn_exc)) + (0.5 * __k_1_x_exc)) + x_exc) - gsyn_exc);
      const double __k_2_gsyn_inh = _lio_2 * ((((0.5 * (- __k_1_gsyn_inh)) + (0.5 * __k_1_x_inh)) + x_inh) - gsyn_inh);
      const double __k_2_v = dt * ((_lio_3 * ((v_rest + (delta_T * exp(_clip(_lio_4 * (_lio_5 + _clip((0.5 * __k_1_v) + v, _lio_6, v_spike)), - 50, 50)))) - _clip((0.5 * __k_1_v) + v, _lio_6, v_spike))) + (_lio_7 * ((_lio_8 + (((0.5 * (- __k_1_w)) + (((0.5 * __k_1_gsyn_exc) + gsyn_exc) * (e_rev_E - _clip((0.5 * __k_1_v) + v, _lio_6, v_spike)))) + (((0.5 * __k_1_gsyn_inh) + gsyn_inh) * (e_rev_I - _clip((0.5 * __k_1_v) + v, _lio_6, v_spike))))) - w)));
      const double __k_2_w = _lio_9 * (((0.5 * (- __k_1_w)) + (_lio_10 * (_lio_11 + _clip((0.5 * __k_1_v) + v, _lio_6, v_spike)))) - w);
      const double __k_2_x_exc = _lio_12 * ((0.5 * __k_1_x_exc) + x_exc);
      const double __k_2_x_inh = _lio_13 * ((0.5 * __k_1_x_inh) + x_inh);
      const double __k_3_gsyn_exc = _lio_1 * ((((0.5 * (- __k_2_gsyn_exc)) + (0.5 * __k_2_x_exc)) + x_exc) - gsyn_exc);
      const double __k_3_gsyn_inh = _lio_2 * ((((0.5 * (- __k_2_gsyn_inh)) + (0.5 * __k_2_x_inh)) + x_inh) - gsyn_inh);
      const double __k_3_v = dt * ((_lio_3 * ((v_rest + (delta_T * exp(_clip(_lio_4 * (_lio_5 + _clip((0.5 * __k_2_v) + v, _lio_6, v_spike)), - 50, 50)))) - _clip((0.5 * __k_2_v) + v, _lio_6, v_spike))) + (_lio_7 * ((_lio_8 + (((0.5 * (- __k_2_w)) + (((0.5 * __k_2_gsyn_exc) + gsyn_exc) * (e_rev_E - _clip((0.5 * __k_2_v) + v, _lio_6, v_spike)))) + (((0.5 * __k_2_gsyn_inh) + gsyn_inh) * (e_rev_I - _clip((0.5 * __k_2_v) + v, _lio_6, v_spike))))) - w)));
      const double __k_3_w = _lio_9 * (((0.5 * (- __k_2_w)) + (_lio_10 * (_lio_11 + _clip((0.5 * __k_2_v) + v, _lio_6, v_spike)))) - w);
      const double __k_3_x_exc = _lio_12 * ((0.5 * __k_2_x_exc) + x_exc);
      const double __k_3_x_inh = _lio_13 * ((0.5 * __k_2_x_inh) + x_inh);
      const double __k_4_gsyn_exc = _lio_1 * ((((- __k_3_gsyn_exc) + __k_3_x_exc) + x_exc) - gsyn_exc);
      const double __k_4_gsyn_inh = _lio_2 * ((((- __k_3_gsyn_inh) + __k_3_x_inh) + x_inh) - gsyn_inh);
      const double __k_4_v = dt * ((_lio_3 * ((v_rest + (delta_T * exp(_clip(_lio_4 * (_lio_5 + _clip(__k_3_v + v, _lio_6, v_spike)), - 50, 50)))) - _clip(__k_3_v + v, _lio_6, v_spike))) + (_lio_7 * ((_lio_8 + (((- __k_3_w) + ((__k_3_gsyn_exc + gsyn_exc) * (e_rev_E - _clip(__k_3_v + v, _lio_6, v_spike)))) + ((__k_3_gsyn_inh + gsyn_inh) * (e_rev_I - _clip(__k_3_v + v, _lio_6, v_spike))))) - w)));
      const double __k_4_w = _lio_9 * (((- __k_3_w) + (_lio_10 * (_lio_11 + _clip(__k_3_v + v, _lio_6, v_spike)))) - w);
      const double __k_4_x_exc = _lio_12 * (__k_3_x_exc + x_exc);
      const double __k_4_x_inh = _lio_13 * (__k_3_x_inh + x_inh);
      const double _gsyn_exc = ((((0.16666666666666666 * __k_1_gsyn_exc) + (0.3333333333333333 * __k_2_gsyn_exc)) + (0.3333333333333333 * __k_3_gsyn_exc)) + (0.16666666666666666 * __k_4_gsyn_exc)) + gsyn_exc;
      const double _gsyn_inh = ((((0.16666666666666666 * __k_1_gsyn_inh) + (0.3333333333333333 * __k_2_gsyn_inh)) + (0.3333333333333333 * __k_3_gsyn_inh)) + (0.16666666666666666 * __k_4_gsyn_inh)) + gsyn_inh;
      const double _v = ((((0.16666666666666666 * __k_1_v) + (0.3333333333333333 * __k_2_v)) + (0.3333333333333333 * __k_3_v)) + (0.16666666666666666 * __k_4_v)) + v;
      const double _w = ((((0.16666666666666666 * __k_1_w) + (0.3333333333333333 * __k_2_w)) + (0.3333333333333333 * __k_3_w)) + (0.16666666666666666 * __k_4_w)) + w;
      const double _x_exc = ((((0.16666666666666666 * __k_1_x_exc) + (0.3333333333333333 * __k_2_x_exc)) + (0.3333333333333333 * __k_3_x_exc)) + (0.16666666666666666 * __k_4_x_exc)) + x_exc;
      const double _x_inh = ((((0.16666666666666666 * __k_1_x_inh) + (0.3333333333333333 * __k_2_x_inh)) + (0.3333333333333333 * __k_3_x_inh)) + (0.16666666666666666 * __k_4_x_inh)) + x_inh;
      gsyn_exc = _gsyn_exc;
      gsyn_inh = _gsyn_inh;
      if(not_refractory)
          v = _v;
      w = _w;
      x_exc = _x_exc;
      x_inh = _x_inh;
      const char _cond = v >= _lio_14;
      P_gsyn_exc[_idx] = gsyn_exc;
      P_gsyn_inh[_idx] = gsyn_inh;
      P_v[_idx] = v;
      P_w[_idx] = w;
      P_x_exc[_idx] = x_exc;
      P_x_inh[_idx] = x_inh;
      const int32_t does = (_cond) & not_refractory;
      fires[_idx - block] = does;
      any |= does;
    }
    if (any) for (int64_t i = 0; i < 64; i++) fired |= (uint64_t)fires[i] << i;
    for (; fired; fired &= fired - 1) {
      const int64_t _idx = block + __builtin_ctzll(fired);
      if (_idx >= cells) break;
      const bool not_refractory = true;
      (void)not_refractory;
      
      { const double b = P_b[0];
      const double v_reset = P_v_reset[0];
      double v = P_v[_idx];
      double w = P_w[_idx];
      if(not_refractory)
          v = v_reset;
      w += b;
      P_v[_idx] = v;
      P_w[_idx] = w; }
      ready[_idx] = now + 1 + period[_idx];
      spikes[count++] = (int32_t)_idx;
    }
  }
  return count;
}
