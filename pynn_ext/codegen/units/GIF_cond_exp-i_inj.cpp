// {"from": {"brian2": "2.9.0", "generator": "5fa2aaefa15ea00858ac5fb102e9058e", "model": "ef543bbcb9f125474e8fcdd7d8e696f6", "sympy": "1.14.0"}, "unit": {"columns": ["v", "gsyn_exc", "gsyn_inh", "eta_0", "eta_1", "eta_2", "gamma_0", "gamma_1", "gamma_2", "i_eta", "v_t", "v_rest", "e_rev_E", "e_rev_I", "v_reset", "delta_v", "v_t_star", "tau_m", "tau_refrac", "tau_syn_E", "tau_syn_I", "cm", "i_offset", "lambda0", "tau_eta_0", "tau_eta_1", "tau_eta_2", "tau_gamma_0", "tau_gamma_1", "tau_gamma_2", "a_eta_0", "a_eta_1", "a_eta_2", "a_gamma_0", "a_gamma_1", "a_gamma_2", "i_inj", "_keys"], "feeds": ["gsyn_exc", "gsyn_inh"], "propagators": [], "varying": []}}
#include "prelude.h"

extern "C" int64_t update(real *const *A, int32_t *__restrict ready, const int32_t *__restrict period,
                          int64_t first, int64_t last, int64_t cells, int64_t step, int32_t now, double h,
                          const uint16_t *__restrict counts, double weight, int32_t *__restrict spikes) {
  real *__restrict P_v = A[0]; (void)P_v;
  real *__restrict P_gsyn_exc = A[1]; (void)P_gsyn_exc;
  real *__restrict P_gsyn_inh = A[2]; (void)P_gsyn_inh;
  real *__restrict P_eta_0 = A[3]; (void)P_eta_0;
  real *__restrict P_eta_1 = A[4]; (void)P_eta_1;
  real *__restrict P_eta_2 = A[5]; (void)P_eta_2;
  real *__restrict P_gamma_0 = A[6]; (void)P_gamma_0;
  real *__restrict P_gamma_1 = A[7]; (void)P_gamma_1;
  real *__restrict P_gamma_2 = A[8]; (void)P_gamma_2;
  real *__restrict P_i_eta = A[9]; (void)P_i_eta;
  real *__restrict P_v_t = A[10]; (void)P_v_t;
  const real *__restrict P_v_rest = A[11]; (void)P_v_rest;
  const real *__restrict P_e_rev_E = A[12]; (void)P_e_rev_E;
  const real *__restrict P_e_rev_I = A[13]; (void)P_e_rev_I;
  const real *__restrict P_v_reset = A[14]; (void)P_v_reset;
  const real *__restrict P_delta_v = A[15]; (void)P_delta_v;
  const real *__restrict P_v_t_star = A[16]; (void)P_v_t_star;
  const real *__restrict P_tau_m = A[17]; (void)P_tau_m;
  const real *__restrict P_tau_refrac = A[18]; (void)P_tau_refrac;
  const real *__restrict P_tau_syn_E = A[19]; (void)P_tau_syn_E;
  const real *__restrict P_tau_syn_I = A[20]; (void)P_tau_syn_I;
  const real *__restrict P_cm = A[21]; (void)P_cm;
  const real *__restrict P_i_offset = A[22]; (void)P_i_offset;
  const real *__restrict P_lambda0 = A[23]; (void)P_lambda0;
  const real *__restrict P_tau_eta_0 = A[24]; (void)P_tau_eta_0;
  const real *__restrict P_tau_eta_1 = A[25]; (void)P_tau_eta_1;
  const real *__restrict P_tau_eta_2 = A[26]; (void)P_tau_eta_2;
  const real *__restrict P_tau_gamma_0 = A[27]; (void)P_tau_gamma_0;
  const real *__restrict P_tau_gamma_1 = A[28]; (void)P_tau_gamma_1;
  const real *__restrict P_tau_gamma_2 = A[29]; (void)P_tau_gamma_2;
  const real *__restrict P_a_eta_0 = A[30]; (void)P_a_eta_0;
  const real *__restrict P_a_eta_1 = A[31]; (void)P_a_eta_1;
  const real *__restrict P_a_eta_2 = A[32]; (void)P_a_eta_2;
  const real *__restrict P_a_gamma_0 = A[33]; (void)P_a_gamma_0;
  const real *__restrict P_a_gamma_1 = A[34]; (void)P_a_gamma_1;
  const real *__restrict P_a_gamma_2 = A[35]; (void)P_a_gamma_2;
  const real *__restrict P_i_inj = A[36]; (void)P_i_inj;
  const uint64_t *P__keys = (const uint64_t *)A[37];
  const real P_dt[1] = {(real)h};
  const double P_t[1] = {step * h};
  (void)P_dt; (void)P_t;
  const double cm = P_cm[0];
  const double delta_v = P_delta_v[0];
  const double dt = P_dt[0];
  const double e_rev_E = P_e_rev_E[0];
  const double e_rev_I = P_e_rev_I[0];
  const double i_offset = P_i_offset[0];
  const double lambda0 = P_lambda0[0];
  const double tau_eta_0 = P_tau_eta_0[0];
  const double tau_eta_1 = P_tau_eta_1[0];
  const double tau_eta_2 = P_tau_eta_2[0];
  const double tau_gamma_0 = P_tau_gamma_0[0];
  const double tau_gamma_1 = P_tau_gamma_1[0];
  const double tau_gamma_2 = P_tau_gamma_2[0];
  const double tau_m = P_tau_m[0];
  const double tau_syn_E = P_tau_syn_E[0];
  const double tau_syn_I = P_tau_syn_I[0];
  const double v_rest = P_v_rest[0];
  const double v_t_star = P_v_t_star[0];
  const double _lio_1 = exp(1.0f*(0.5 * (dt * (- 1.0)))/tau_eta_0);
  const double _lio_2 = exp(1.0f*(0.5 * (dt * (- 1.0)))/tau_eta_1);
  const double _lio_3 = exp(1.0f*(0.5 * (dt * (- 1.0)))/tau_eta_2);
  const double _lio_4 = exp(1.0f*(0.5 * (dt * (- 1.0)))/tau_syn_E);
  const double _lio_5 = exp(1.0f*(0.5 * (dt * (- 1.0)))/tau_syn_I);
  const double _lio_6 = exp(1.0f*(dt * (- 1.0))/tau_eta_0);
  const double _lio_7 = exp(1.0f*(dt * (- 1.0))/tau_eta_1);
  const double _lio_8 = exp(1.0f*(dt * (- 1.0))/tau_eta_2);
  const double _lio_9 = exp(1.0f*(dt * (- 1.0))/tau_gamma_0);
  const double _lio_10 = exp(1.0f*(dt * (- 1.0))/tau_gamma_1);
  const double _lio_11 = exp(1.0f*(dt * (- 1.0))/tau_gamma_2);
  const double _lio_12 = exp(1.0f*(dt * (- 1.0))/tau_syn_E);
  const double _lio_13 = exp(1.0f*(dt * (- 1.0))/tau_syn_I);
  const double _lio_14 = 0.0 - (1.0f*1.0/tau_m);
  const double _lio_15 = 1.0f*1.0/cm;
  const double _lio_16 = (1.0f*v_rest/tau_m) + (1.0f*i_offset/cm);
  const double _lio_17 = 1.0f*e_rev_E/cm;
  const double _lio_18 = 1.0f*e_rev_I/cm;
  const double _lio_19 = 0.001 * ((- dt) * lambda0);
  const double _lio_20 = 1.0f*1.0/delta_v;
  int64_t count = 0;
  for (int64_t block = first; block < last; block += 64) {
    uint64_t fired = 0;
    real _ahead_0[64];
    int far = 0;
#pragma GCC ivdep
    for (int64_t _idx = block; _idx < block + 64; _idx++) {
      double gsyn_exc = fed<1>(P_gsyn_exc[_idx], weight, counts, _idx);
      double gsyn_inh = fed<2>(P_gsyn_inh[_idx], weight, counts, _idx);
      const double _half_gsyn_exc = _lio_4 * gsyn_exc;
      const double _half_gsyn_inh = _lio_5 * gsyn_inh;
      const double _rate_new_v = (_lio_14 + (_lio_15 * (- _half_gsyn_exc))) - (_lio_15 * _half_gsyn_inh);
      const real _x_0 = dt * _rate_new_v;
      _ahead_0[_idx - block] = near_exprel(_x_0); far |= is_far(_x_0);
    }
    if (far)
#pragma GCC ivdep
      for (int64_t _idx = block; _idx < block + 64; _idx++) {
        double gsyn_exc = fed<1>(P_gsyn_exc[_idx], weight, counts, _idx);
      double gsyn_inh = fed<2>(P_gsyn_inh[_idx], weight, counts, _idx);
      const double _half_gsyn_exc = _lio_4 * gsyn_exc;
      const double _half_gsyn_inh = _lio_5 * gsyn_inh;
      const double _rate_new_v = (_lio_14 + (_lio_15 * (- _half_gsyn_exc))) - (_lio_15 * _half_gsyn_inh);
      const real _x_0 = dt * _rate_new_v;
        _ahead_0[_idx - block] = is_far(_x_0) ? far_exprel(_x_0) : _ahead_0[_idx - block];
      }
    int32_t fires[64], any = 0;
#pragma GCC ivdep
    for (int64_t _idx = block; _idx < block + 64; _idx++) {
      const bool not_refractory = ready[_idx] <= now;
      const real _draw_0 = drawn(P__keys[_idx], (uint64_t)step * 1 + 0); (void)_draw_0;
      double eta_0 = P_eta_0[_idx];
      double eta_1 = P_eta_1[_idx];
      double eta_2 = P_eta_2[_idx];
      double gamma_0 = P_gamma_0[_idx];
      double gamma_1 = P_gamma_1[_idx];
      double gamma_2 = P_gamma_2[_idx];
      double gsyn_exc = fed<1>(P_gsyn_exc[_idx], weight, counts, _idx);
      double gsyn_inh = fed<2>(P_gsyn_inh[_idx], weight, counts, _idx);
      const double i_inj = P_i_inj[_idx];
      double v = P_v[_idx];
      double v_t = P_v_t[_idx];
      double i_eta;
      const double _half_eta_0 = _lio_1 * eta_0;
      const double _half_eta_1 = _lio_2 * eta_1;
      const double _half_eta_2 = _lio_3 * eta_2;
      const double _half_gsyn_exc = _lio_4 * gsyn_exc;
      const double _half_gsyn_inh = _lio_5 * gsyn_inh;
      const double _new_eta_0 = _lio_6 * eta_0;
      const double _new_eta_1 = _lio_7 * eta_1;
      const double _new_eta_2 = _lio_8 * eta_2;
      const double _new_gamma_0 = _lio_9 * gamma_0;
      const double _new_gamma_1 = _lio_10 * gamma_1;
      const double _new_gamma_2 = _lio_11 * gamma_2;
      const double _new_gsyn_exc = _lio_12 * gsyn_exc;
      const double _new_gsyn_inh = _lio_13 * gsyn_inh;
      const double _rate_new_v = (_lio_14 + (_lio_15 * (- _half_gsyn_exc))) - (_lio_15 * _half_gsyn_inh);
      const double _new_v = v + (dt * (((_lio_16 + (((((_rate_new_v * v) + (_lio_15 * (- _half_eta_0))) + (_lio_17 * _half_gsyn_exc)) + (_lio_18 * _half_gsyn_inh)) + (_lio_15 * i_inj))) - ((_lio_15 * _half_eta_1) + (_lio_15 * _half_eta_2))) * _ahead_0[_idx - block]));
      eta_0 = _new_eta_0;
      eta_1 = _new_eta_1;
      eta_2 = _new_eta_2;
      gamma_0 = _new_gamma_0;
      gamma_1 = _new_gamma_1;
      gamma_2 = _new_gamma_2;
      gsyn_exc = _new_gsyn_exc;
      gsyn_inh = _new_gsyn_inh;
      if(not_refractory)
          v = _new_v;
      i_eta = (eta_0 + eta_1) + eta_2;
      v_t = v_t_star + ((gamma_0 + gamma_1) + gamma_2);
      const char _cond = _draw_0 < (1.0 - exp(_lio_19 * exp(_lio_20 * (v - v_t))));
      P_eta_0[_idx] = eta_0;
      P_eta_1[_idx] = eta_1;
      P_eta_2[_idx] = eta_2;
      P_gamma_0[_idx] = gamma_0;
      P_gamma_1[_idx] = gamma_1;
      P_gamma_2[_idx] = gamma_2;
      P_gsyn_exc[_idx] = gsyn_exc;
      P_gsyn_inh[_idx] = gsyn_inh;
      P_i_eta[_idx] = i_eta;
      P_v[_idx] = v;
      P_v_t[_idx] = v_t;
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
      const real _draw_0 = drawn(P__keys[_idx], (uint64_t)step * 1 + 0); (void)_draw_0;
      { const double a_eta_0 = P_a_eta_0[0];
      const double a_eta_1 = P_a_eta_1[0];
      const double a_eta_2 = P_a_eta_2[0];
      const double a_gamma_0 = P_a_gamma_0[0];
      const double a_gamma_1 = P_a_gamma_1[0];
      const double a_gamma_2 = P_a_gamma_2[0];
      const double v_reset = P_v_reset[0];
      const double v_t_star = P_v_t_star[0];
      double eta_0 = P_eta_0[_idx];
      double eta_1 = P_eta_1[_idx];
      double eta_2 = P_eta_2[_idx];
      double gamma_0 = P_gamma_0[_idx];
      double gamma_1 = P_gamma_1[_idx];
      double gamma_2 = P_gamma_2[_idx];
      double v = P_v[_idx];
      double i_eta;
      double v_t;
      if(not_refractory)
          v = v_reset;
      eta_0 += a_eta_0;
      eta_1 += a_eta_1;
      eta_2 += a_eta_2;
      gamma_0 += a_gamma_0;
      gamma_1 += a_gamma_1;
      gamma_2 += a_gamma_2;
      i_eta = (eta_0 + eta_1) + eta_2;
      v_t = v_t_star + ((gamma_0 + gamma_1) + gamma_2);
      P_eta_0[_idx] = eta_0;
      P_eta_1[_idx] = eta_1;
      P_eta_2[_idx] = eta_2;
      P_gamma_0[_idx] = gamma_0;
      P_gamma_1[_idx] = gamma_1;
      P_gamma_2[_idx] = gamma_2;
      P_i_eta[_idx] = i_eta;
      P_v[_idx] = v;
      P_v_t[_idx] = v_t; }
      ready[_idx] = now + 1 + period[_idx];
      spikes[count++] = (int32_t)_idx;
    }
  }
  return count;
}
