// {"from": {"brian2": "2.9.0", "generator": "5fa2aaefa15ea00858ac5fb102e9058e", "model": "0d85fa1ec4a0c0e95505707016260b52", "sympy": "1.14.0"}, "unit": {"columns": ["v", "m", "h", "n", "v_before", "gsyn_exc", "gsyn_inh", "gbar_Na", "gbar_K", "g_leak", "cm", "v_offset", "e_rev_Na", "e_rev_K", "e_rev_leak", "e_rev_E", "e_rev_I", "tau_syn_E", "tau_syn_I", "i_offset", "i_inj"], "feeds": [], "propagators": [], "varying": []}}
#include "prelude.h"
#include "trial.h"
enum { LANES = 128 / sizeof(real), SPAN = 4096 };  // two vectors at once; cells whose failures are listed together

static __attribute__((noinline)) void refine(real *const *A, const int32_t *ready, int32_t now,
                                             const int32_t *failed, int64_t count, double t, double step) {
  const real *__restrict P_gbar_Na = A[7]; (void)P_gbar_Na;
  const real *__restrict P_gbar_K = A[8]; (void)P_gbar_K;
  const real *__restrict P_g_leak = A[9]; (void)P_g_leak;
  const real *__restrict P_cm = A[10]; (void)P_cm;
  const real *__restrict P_v_offset = A[11]; (void)P_v_offset;
  const real *__restrict P_e_rev_Na = A[12]; (void)P_e_rev_Na;
  const real *__restrict P_e_rev_K = A[13]; (void)P_e_rev_K;
  const real *__restrict P_e_rev_leak = A[14]; (void)P_e_rev_leak;
  const real *__restrict P_e_rev_E = A[15]; (void)P_e_rev_E;
  const real *__restrict P_e_rev_I = A[16]; (void)P_e_rev_I;
  const real *__restrict P_tau_syn_E = A[17]; (void)P_tau_syn_E;
  const real *__restrict P_tau_syn_I = A[18]; (void)P_tau_syn_I;
  const real *__restrict P_i_offset = A[19]; (void)P_i_offset;
  const real *__restrict P_i_inj = A[20]; (void)P_i_inj;
  for (int64_t from = 0; from < count; from += LANES) {
    alignas(64) real P_v[LANES], P_m[LANES], P_h[LANES], P_n[LANES], P_v_before[LANES], P_gsyn_exc[LANES], P_gsyn_inh[LANES];
    int32_t free_from[LANES];
    for (int64_t k = 0; k < LANES; k++) {
      const int64_t cell = failed[from + k < count ? from + k : count - 1];
      P_v[k] = ((real *)A[0])[cell];
      P_m[k] = ((real *)A[1])[cell];
      P_h[k] = ((real *)A[2])[cell];
      P_n[k] = ((real *)A[3])[cell];
      P_v_before[k] = ((real *)A[4])[cell];
      P_gsyn_exc[k] = ((real *)A[5])[cell];
      P_gsyn_inh[k] = ((real *)A[6])[cell];
      free_from[k] = ready[cell];
    }
    for (int64_t substep = 0; substep < 2; substep++) {
      const real P_dt[1] = {(real)(step / 2)};
      const double P_t[1] = {t + substep * (step / 2)};
      (void)P_t;
      const double cm = P_cm[0];
      const double dt = P_dt[0];
      const double e_rev_E = P_e_rev_E[0];
      const double e_rev_I = P_e_rev_I[0];
      const double e_rev_K = P_e_rev_K[0];
      const double e_rev_Na = P_e_rev_Na[0];
      const double e_rev_leak = P_e_rev_leak[0];
      const double g_leak = P_g_leak[0];
      const double gbar_K = P_gbar_K[0];
      const double gbar_Na = P_gbar_Na[0];
      const double i_inj = P_i_inj[0];
      const double i_offset = P_i_offset[0];
      const double tau_syn_E = P_tau_syn_E[0];
      const double tau_syn_I = P_tau_syn_I[0];
      const double v_offset = P_v_offset[0];
      const double _kept_gsyn_exc = exp((0.25 * dt) * (1.0f*(- 1)/tau_syn_E));
      const double _kept_gsyn_inh = exp((0.25 * dt) * (1.0f*(- 1)/tau_syn_I));
      const double _lio_1 = 1.0f*0.002777777777777778/mV;
      const double _lio_2 = (10.0 * mV) + v_offset;
      const double _lio_3 = 1.0f*1.0/ms;
      const double _lio_4 = 1.0f*4.0/ms;
      const double _lio_5 = 1.0f*(- 564.800310889829)/ms;
      const double _lio_6 = 1.0f*0.2/mV;
      const double _lio_7 = (40.0 * mV) + v_offset;
      const double _lio_8 = 1.0f*0.25/mV;
      const double _lio_9 = (13.0 * mV) + v_offset;
      const double _lio_10 = 1.0f*(- 0.5)/ms;
      const double _lio_11 = (15.0 * mV) + v_offset;
      const double _lio_12 = 1.0f*1.0/cm;
      const double _lio_13 = i_inj + i_offset;
      const double _lio_14 = whole_power(_kept_gsyn_exc, 2);
      const double _lio_15 = whole_power(_kept_gsyn_inh, 2);
      const double _lio_16 = 0.5 * dt;
      const double _lio_17 = 1.0f*(- 4.0)/ms;
      const double _lio_18 = whole_power(_kept_gsyn_exc, 4);
      const double _lio_19 = whole_power(_kept_gsyn_inh, 4);
      const double _lio_20 = 0.16666666666666666 * dt;
      const double _lio_21 = 0.3333333333333333 * dt;
#pragma GCC ivdep
      for (int64_t _idx = 0; _idx < LANES; _idx++) {
        const bool not_refractory = free_from[_idx] <= now;
        double gsyn_exc = P_gsyn_exc[_idx];
        double gsyn_inh = P_gsyn_inh[_idx];
        double h = P_h[_idx];
        double m = P_m[_idx];
        double n = P_n[_idx];
        double v = P_v[_idx];
        double v_before;
        v_before = v;
        const double _grown_1_0 = exp(_lio_1 * (_lio_2 - v));
        const double _grown_1_0_2 = _grown_1_0 * _grown_1_0;
        const double _grown_1_0_4 = _grown_1_0_2 * _grown_1_0_2;
        const double _grown_1_0_8 = _grown_1_0_4 * _grown_1_0_4;
        const double _grown_1_0_9 = _grown_1_0 * _grown_1_0_8;
        const double _grown_1_0_18 = _grown_1_0_9 * _grown_1_0_9;
        const double _grown_1_0_20 = _grown_1_0_2 * _grown_1_0_18;
        const double _grown_1_0_36 = _grown_1_0_18 * _grown_1_0_18;
        const double _grown_1_0_72 = _grown_1_0_36 * _grown_1_0_36;
        const double _grown_1_0_90 = _grown_1_0_18 * _grown_1_0_72;
        const double _k_1_h = (_lio_3 * (_grown_1_0_20 * (0.1888435987828 - (0.1888435987828 * h)))) - (1.0f*(_lio_4 * h)/(1.0 + (403.428793492735 * _grown_1_0_72)));
        const double _k_1_m = (_lio_5 * ((_grown_1_0_72 * m) * exprel_inverse(_lio_6 * (_lio_7 - v), 403.428793492735 * _grown_1_0_72))) + (_lio_3 * ((1.28 - (1.28 * m)) * exprel_inverse(_lio_8 * (_lio_9 - v), 2.11700001661267 * _grown_1_0_90)));
        const double _k_1_n = (_lio_10 * (_grown_1_0_9 * n)) + (_lio_3 * ((0.16 - (0.16 * n)) * exprel_inverse(_lio_6 * (_lio_11 - v), 2.71828182845905 * _grown_1_0_72)));
        const double _k_1_v = _lio_12 * (_lio_13 + (((((g_leak * (e_rev_leak - v)) + (gbar_K * ((_brian_pow(n, 4)) * (e_rev_K - v)))) + (gbar_Na * ((h * (_brian_pow(m, 3))) * (e_rev_Na - v)))) + (gsyn_exc * (e_rev_E - v))) + (gsyn_inh * (e_rev_I - v))));
        const double _at_2_gsyn_exc = _lio_14 * gsyn_exc;
        const double _at_2_gsyn_inh = _lio_15 * gsyn_inh;
        const double _by_2_h = _lio_16 * _k_1_h;
        const double _at_2_h = h + _by_2_h;
        const double _by_2_v = _lio_16 * _k_1_v;
        const double _at_2_v = v + _by_2_v;
        const double _by_2_m = _lio_16 * _k_1_m;
        const double _at_2_m = m + _by_2_m;
        const double _by_2_n = _lio_16 * _k_1_n;
        const double _at_2_n = n + _by_2_n;
        const double _grown_2_0 = exp(_lio_1 * (_lio_2 + (- _at_2_v)));
        const double _grown_2_0_2 = _grown_2_0 * _grown_2_0;
        const double _grown_2_0_4 = _grown_2_0_2 * _grown_2_0_2;
        const double _grown_2_0_8 = _grown_2_0_4 * _grown_2_0_4;
        const double _grown_2_0_9 = _grown_2_0 * _grown_2_0_8;
        const double _grown_2_0_18 = _grown_2_0_9 * _grown_2_0_9;
        const double _grown_2_0_20 = _grown_2_0_2 * _grown_2_0_18;
        const double _grown_2_0_36 = _grown_2_0_18 * _grown_2_0_18;
        const double _grown_2_0_72 = _grown_2_0_36 * _grown_2_0_36;
        const double _grown_2_0_90 = _grown_2_0_18 * _grown_2_0_72;
        const double _k_2_h = (1.0f*(_lio_17 * _at_2_h)/(1.0 + (403.428793492735 * _grown_2_0_72))) + (_lio_3 * (_grown_2_0_20 * (0.1888435987828 - (0.1888435987828 * _at_2_h))));
        const double _k_2_m = (_lio_5 * ((_at_2_m * _grown_2_0_72) * exprel_inverse(_lio_6 * (_lio_7 + (- _at_2_v)), 403.428793492735 * _grown_2_0_72))) + (_lio_3 * ((1.28 - (1.28 * _at_2_m)) * exprel_inverse(_lio_8 * (_lio_9 + (- _at_2_v)), 2.11700001661267 * _grown_2_0_90)));
        const double _k_2_n = (_lio_10 * (_at_2_n * _grown_2_0_9)) + (_lio_3 * ((0.16 - (0.16 * _at_2_n)) * exprel_inverse(_lio_6 * (_lio_11 + (- _at_2_v)), 2.71828182845905 * _grown_2_0_72)));
        const double _k_2_v = _lio_12 * (_lio_13 + (((((_at_2_gsyn_exc * (e_rev_E + (- _at_2_v))) + (_at_2_gsyn_inh * (e_rev_I + (- _at_2_v)))) + (gbar_Na * ((_at_2_h * (_brian_pow(_at_2_m, 3))) * (e_rev_Na + (- _at_2_v))))) + (gbar_K * ((_brian_pow(_at_2_n, 4)) * (e_rev_K + (- _at_2_v))))) + (g_leak * (e_rev_leak + (- _at_2_v)))));
        const double _at_3_gsyn_exc = _lio_14 * gsyn_exc;
        const double _at_3_gsyn_inh = _lio_15 * gsyn_inh;
        const double _by_3_h = _lio_16 * _k_2_h;
        const double _at_3_h = h + _by_3_h;
        const double _by_3_v = _lio_16 * _k_2_v;
        const double _at_3_v = v + _by_3_v;
        const double _by_3_m = _lio_16 * _k_2_m;
        const double _at_3_m = m + _by_3_m;
        const double _by_3_n = _lio_16 * _k_2_n;
        const double _at_3_n = n + _by_3_n;
        const double _grown_3_0 = exp(_lio_1 * (_lio_2 + (- _at_3_v)));
        const double _grown_3_0_2 = _grown_3_0 * _grown_3_0;
        const double _grown_3_0_4 = _grown_3_0_2 * _grown_3_0_2;
        const double _grown_3_0_8 = _grown_3_0_4 * _grown_3_0_4;
        const double _grown_3_0_9 = _grown_3_0 * _grown_3_0_8;
        const double _grown_3_0_18 = _grown_3_0_9 * _grown_3_0_9;
        const double _grown_3_0_20 = _grown_3_0_2 * _grown_3_0_18;
        const double _grown_3_0_36 = _grown_3_0_18 * _grown_3_0_18;
        const double _grown_3_0_72 = _grown_3_0_36 * _grown_3_0_36;
        const double _grown_3_0_90 = _grown_3_0_18 * _grown_3_0_72;
        const double _k_3_h = (1.0f*(_lio_17 * _at_3_h)/(1.0 + (403.428793492735 * _grown_3_0_72))) + (_lio_3 * (_grown_3_0_20 * (0.1888435987828 - (0.1888435987828 * _at_3_h))));
        const double _k_3_m = (_lio_5 * ((_at_3_m * _grown_3_0_72) * exprel_inverse(_lio_6 * (_lio_7 + (- _at_3_v)), 403.428793492735 * _grown_3_0_72))) + (_lio_3 * ((1.28 - (1.28 * _at_3_m)) * exprel_inverse(_lio_8 * (_lio_9 + (- _at_3_v)), 2.11700001661267 * _grown_3_0_90)));
        const double _k_3_n = (_lio_10 * (_at_3_n * _grown_3_0_9)) + (_lio_3 * ((0.16 - (0.16 * _at_3_n)) * exprel_inverse(_lio_6 * (_lio_11 + (- _at_3_v)), 2.71828182845905 * _grown_3_0_72)));
        const double _k_3_v = _lio_12 * (_lio_13 + (((((_at_3_gsyn_exc * (e_rev_E + (- _at_3_v))) + (_at_3_gsyn_inh * (e_rev_I + (- _at_3_v)))) + (gbar_Na * ((_at_3_h * (_brian_pow(_at_3_m, 3))) * (e_rev_Na + (- _at_3_v))))) + (gbar_K * ((_brian_pow(_at_3_n, 4)) * (e_rev_K + (- _at_3_v))))) + (g_leak * (e_rev_leak + (- _at_3_v)))));
        const double _at_4_gsyn_exc = _lio_18 * gsyn_exc;
        const double _at_4_gsyn_inh = _lio_19 * gsyn_inh;
        const double _by_4_h = dt * _k_3_h;
        const double _at_4_h = h + _by_4_h;
        const double _by_4_v = dt * _k_3_v;
        const double _at_4_v = v + _by_4_v;
        const double _by_4_m = dt * _k_3_m;
        const double _at_4_m = m + _by_4_m;
        const double _by_4_n = dt * _k_3_n;
        const double _at_4_n = n + _by_4_n;
        const double _grown_4_0 = exp(_lio_1 * (_lio_2 + (- _at_4_v)));
        const double _grown_4_0_2 = _grown_4_0 * _grown_4_0;
        const double _grown_4_0_4 = _grown_4_0_2 * _grown_4_0_2;
        const double _grown_4_0_8 = _grown_4_0_4 * _grown_4_0_4;
        const double _grown_4_0_9 = _grown_4_0 * _grown_4_0_8;
        const double _grown_4_0_18 = _grown_4_0_9 * _grown_4_0_9;
        const double _grown_4_0_20 = _grown_4_0_2 * _grown_4_0_18;
        const double _grown_4_0_36 = _grown_4_0_18 * _grown_4_0_18;
        const double _grown_4_0_72 = _grown_4_0_36 * _grown_4_0_36;
        const double _grown_4_0_90 = _grown_4_0_18 * _grown_4_0_72;
        const double _k_4_h = (1.0f*(_lio_17 * _at_4_h)/(1.0 + (403.428793492735 * _grown_4_0_72))) + (_lio_3 * (_grown_4_0_20 * (0.1888435987828 - (0.1888435987828 * _at_4_h))));
        const double _k_4_m = (_lio_5 * ((_at_4_m * _grown_4_0_72) * exprel_inverse(_lio_6 * (_lio_7 + (- _at_4_v)), 403.428793492735 * _grown_4_0_72))) + (_lio_3 * ((1.28 - (1.28 * _at_4_m)) * exprel_inverse(_lio_8 * (_lio_9 + (- _at_4_v)), 2.11700001661267 * _grown_4_0_90)));
        const double _k_4_n = (_lio_10 * (_at_4_n * _grown_4_0_9)) + (_lio_3 * ((0.16 - (0.16 * _at_4_n)) * exprel_inverse(_lio_6 * (_lio_11 + (- _at_4_v)), 2.71828182845905 * _grown_4_0_72)));
        const double _k_4_v = _lio_12 * (_lio_13 + (((((_at_4_gsyn_exc * (e_rev_E + (- _at_4_v))) + (_at_4_gsyn_inh * (e_rev_I + (- _at_4_v)))) + (gbar_Na * ((_at_4_h * (_brian_pow(_at_4_m, 3))) * (e_rev_Na + (- _at_4_v))))) + (gbar_K * ((_brian_pow(_at_4_n, 4)) * (e_rev_K + (- _at_4_v))))) + (g_leak * (e_rev_leak + (- _at_4_v)))));
        const double _new_gsyn_exc = _lio_18 * gsyn_exc;
        const double _new_gsyn_inh = _lio_19 * gsyn_inh;
        const double _new_h = (((h + (_lio_20 * _k_1_h)) + (_lio_21 * _k_2_h)) + (_lio_21 * _k_3_h)) + (_lio_20 * _k_4_h);
        const double _new_m = (((m + (_lio_20 * _k_1_m)) + (_lio_21 * _k_2_m)) + (_lio_21 * _k_3_m)) + (_lio_20 * _k_4_m);
        const double _new_n = (((n + (_lio_20 * _k_1_n)) + (_lio_21 * _k_2_n)) + (_lio_21 * _k_3_n)) + (_lio_20 * _k_4_n);
        const double _new_v = (((v + (_lio_20 * _k_1_v)) + (_lio_21 * _k_2_v)) + (_lio_21 * _k_3_v)) + (_lio_20 * _k_4_v);
        gsyn_exc = _new_gsyn_exc;
        gsyn_inh = _new_gsyn_inh;
        h = _new_h;
        m = _new_m;
        n = _new_n;
        v = _new_v;
        P_gsyn_exc[_idx] = gsyn_exc;
        P_gsyn_inh[_idx] = gsyn_inh;
        P_h[_idx] = h;
        P_m[_idx] = m;
        P_n[_idx] = n;
        P_v[_idx] = v;
        P_v_before[_idx] = v_before;
      }
    }
    for (int64_t k = 0; k < LANES && from + k < count; k++) {
      const int64_t cell = failed[from + k];
      ((real *)A[0])[cell] = P_v[k];
      ((real *)A[1])[cell] = P_m[k];
      ((real *)A[2])[cell] = P_h[k];
      ((real *)A[3])[cell] = P_n[k];
      ((real *)A[4])[cell] = P_v_before[k];
      ((real *)A[5])[cell] = P_gsyn_exc[k];
      ((real *)A[6])[cell] = P_gsyn_inh[k];
    }
  }
}

static __attribute__((noinline)) void advance(real *const *A, const int32_t *__restrict ready, int32_t now,
                                              int64_t first, int64_t last, double t, double whole) {
  real *__restrict P_v = A[0]; (void)P_v;
  real *__restrict P_m = A[1]; (void)P_m;
  real *__restrict P_h = A[2]; (void)P_h;
  real *__restrict P_n = A[3]; (void)P_n;
  real *__restrict P_v_before = A[4]; (void)P_v_before;
  real *__restrict P_gsyn_exc = A[5]; (void)P_gsyn_exc;
  real *__restrict P_gsyn_inh = A[6]; (void)P_gsyn_inh;
  const real *__restrict P_gbar_Na = A[7]; (void)P_gbar_Na;
  const real *__restrict P_gbar_K = A[8]; (void)P_gbar_K;
  const real *__restrict P_g_leak = A[9]; (void)P_g_leak;
  const real *__restrict P_cm = A[10]; (void)P_cm;
  const real *__restrict P_v_offset = A[11]; (void)P_v_offset;
  const real *__restrict P_e_rev_Na = A[12]; (void)P_e_rev_Na;
  const real *__restrict P_e_rev_K = A[13]; (void)P_e_rev_K;
  const real *__restrict P_e_rev_leak = A[14]; (void)P_e_rev_leak;
  const real *__restrict P_e_rev_E = A[15]; (void)P_e_rev_E;
  const real *__restrict P_e_rev_I = A[16]; (void)P_e_rev_I;
  const real *__restrict P_tau_syn_E = A[17]; (void)P_tau_syn_E;
  const real *__restrict P_tau_syn_I = A[18]; (void)P_tau_syn_I;
  const real *__restrict P_i_offset = A[19]; (void)P_i_offset;
  const real *__restrict P_i_inj = A[20]; (void)P_i_inj;
  const double step = whole / 1;
  const real P_dt[1] = {(real)step};
  int32_t listed[SPAN + 16];
  for (int64_t from = first; from < last; from += SPAN)
    for (int64_t trial = 0; trial < 1; trial++) {
      const double P_t[1] = {t + trial * step};
      (void)P_t;
      int64_t _count = 0;
      const double cm = P_cm[0];
      const double dt = P_dt[0];
      const double e_rev_E = P_e_rev_E[0];
      const double e_rev_I = P_e_rev_I[0];
      const double e_rev_K = P_e_rev_K[0];
      const double e_rev_Na = P_e_rev_Na[0];
      const double e_rev_leak = P_e_rev_leak[0];
      const double g_leak = P_g_leak[0];
      const double gbar_K = P_gbar_K[0];
      const double gbar_Na = P_gbar_Na[0];
      const double i_inj = P_i_inj[0];
      const double i_offset = P_i_offset[0];
      const double tau_syn_E = P_tau_syn_E[0];
      const double tau_syn_I = P_tau_syn_I[0];
      const double v_offset = P_v_offset[0];
      const double _kept_gsyn_exc = exp((0.25 * dt) * (1.0f*(- 1)/tau_syn_E));
      const double _kept_gsyn_inh = exp((0.25 * dt) * (1.0f*(- 1)/tau_syn_I));
      const double _lio_1 = 1.0f*0.002777777777777778/mV;
      const double _lio_2 = (10.0 * mV) + v_offset;
      const double _lio_3 = 1.0f*1.0/ms;
      const double _lio_4 = 1.0f*4.0/ms;
      const double _lio_5 = 1.0f*(- 564.800310889829)/ms;
      const double _lio_6 = 1.0f*0.2/mV;
      const double _lio_7 = (40.0 * mV) + v_offset;
      const double _lio_8 = 1.0f*0.25/mV;
      const double _lio_9 = (13.0 * mV) + v_offset;
      const double _lio_10 = 1.0f*(- 0.5)/ms;
      const double _lio_11 = (15.0 * mV) + v_offset;
      const double _lio_12 = 1.0f*1.0/cm;
      const double _lio_13 = i_inj + i_offset;
      const double _lio_14 = whole_power(_kept_gsyn_exc, 2);
      const double _lio_15 = whole_power(_kept_gsyn_inh, 2);
      const double _lio_16 = 0.5 * dt;
      const double _lio_17 = 1.0f*(- 4.0)/ms;
      const double _lio_18 = whole_power(_kept_gsyn_exc, 3);
      const double _lio_19 = whole_power(_kept_gsyn_inh, 3);
      const double _lio_20 = 0.75 * dt;
      const double _lio_21 = whole_power(_kept_gsyn_exc, 4);
      const double _lio_22 = whole_power(_kept_gsyn_inh, 4);
      const double _lio_23 = 0.2222222222222222 * dt;
      const double _lio_24 = 0.3333333333333333 * dt;
      const double _lio_25 = 0.4444444444444444 * dt;
      const double _lio_26 = 0.6666666666666666 * dt;
      for (int64_t block = from; block < from + SPAN && block < last; block += 64) {
        int32_t _fails[64];
#pragma GCC ivdep
        for (int64_t _idx = block; _idx < block + 64; _idx++) {
          const bool not_refractory = ready[_idx] <= now;
          double gsyn_exc = P_gsyn_exc[_idx];
          double gsyn_inh = P_gsyn_inh[_idx];
          double h = P_h[_idx];
          double m = P_m[_idx];
          double n = P_n[_idx];
          double v = P_v[_idx];
          double v_before;
          v_before = v;
          const double _grown_1_0 = exp(_lio_1 * (_lio_2 - v));
          const double _grown_1_0_2 = _grown_1_0 * _grown_1_0;
          const double _grown_1_0_4 = _grown_1_0_2 * _grown_1_0_2;
          const double _grown_1_0_8 = _grown_1_0_4 * _grown_1_0_4;
          const double _grown_1_0_9 = _grown_1_0 * _grown_1_0_8;
          const double _grown_1_0_18 = _grown_1_0_9 * _grown_1_0_9;
          const double _grown_1_0_20 = _grown_1_0_2 * _grown_1_0_18;
          const double _grown_1_0_36 = _grown_1_0_18 * _grown_1_0_18;
          const double _grown_1_0_72 = _grown_1_0_36 * _grown_1_0_36;
          const double _grown_1_0_90 = _grown_1_0_18 * _grown_1_0_72;
          const double _k_1_h = (_lio_3 * (_grown_1_0_20 * (0.1888435987828 - (0.1888435987828 * h)))) - (1.0f*(_lio_4 * h)/(1.0 + (403.428793492735 * _grown_1_0_72)));
          const double _k_1_m = (_lio_5 * ((_grown_1_0_72 * m) * exprel_inverse(_lio_6 * (_lio_7 - v), 403.428793492735 * _grown_1_0_72))) + (_lio_3 * ((1.28 - (1.28 * m)) * exprel_inverse(_lio_8 * (_lio_9 - v), 2.11700001661267 * _grown_1_0_90)));
          const double _k_1_n = (_lio_10 * (_grown_1_0_9 * n)) + (_lio_3 * ((0.16 - (0.16 * n)) * exprel_inverse(_lio_6 * (_lio_11 - v), 2.71828182845905 * _grown_1_0_72)));
          const double _k_1_v = _lio_12 * (_lio_13 + (((((g_leak * (e_rev_leak - v)) + (gbar_K * ((_brian_pow(n, 4)) * (e_rev_K - v)))) + (gbar_Na * ((h * (_brian_pow(m, 3))) * (e_rev_Na - v)))) + (gsyn_exc * (e_rev_E - v))) + (gsyn_inh * (e_rev_I - v))));
          const double _at_2_gsyn_exc = _lio_14 * gsyn_exc;
          const double _at_2_gsyn_inh = _lio_15 * gsyn_inh;
          const double _by_2_h = _lio_16 * _k_1_h;
          const double _at_2_h = h + _by_2_h;
          const double _by_2_v = _lio_16 * _k_1_v;
          const double _at_2_v = v + _by_2_v;
          const double _by_2_m = _lio_16 * _k_1_m;
          const double _at_2_m = m + _by_2_m;
          const double _by_2_n = _lio_16 * _k_1_n;
          const double _at_2_n = n + _by_2_n;
          const double _change_2_0 = _lio_1 * (- _by_2_v);
          const double _grown_2_0 = _grown_1_0 * exp_near(_change_2_0);
          const double _excess_2_0 = (- 0.02) + _brian_abs(_change_2_0);
          const double _grown_2_0_2 = _grown_2_0 * _grown_2_0;
          const double _grown_2_0_4 = _grown_2_0_2 * _grown_2_0_2;
          const double _grown_2_0_8 = _grown_2_0_4 * _grown_2_0_4;
          const double _grown_2_0_9 = _grown_2_0 * _grown_2_0_8;
          const double _grown_2_0_18 = _grown_2_0_9 * _grown_2_0_9;
          const double _grown_2_0_20 = _grown_2_0_2 * _grown_2_0_18;
          const double _grown_2_0_36 = _grown_2_0_18 * _grown_2_0_18;
          const double _grown_2_0_72 = _grown_2_0_36 * _grown_2_0_36;
          const double _grown_2_0_90 = _grown_2_0_18 * _grown_2_0_72;
          const double _k_2_h = (1.0f*(_lio_17 * _at_2_h)/(1.0 + (403.428793492735 * _grown_2_0_72))) + (_lio_3 * (_grown_2_0_20 * (0.1888435987828 - (0.1888435987828 * _at_2_h))));
          const double _k_2_m = (_lio_5 * ((_at_2_m * _grown_2_0_72) * exprel_inverse(_lio_6 * (_lio_7 + (- _at_2_v)), 403.428793492735 * _grown_2_0_72))) + (_lio_3 * ((1.28 - (1.28 * _at_2_m)) * exprel_inverse(_lio_8 * (_lio_9 + (- _at_2_v)), 2.11700001661267 * _grown_2_0_90)));
          const double _k_2_n = (_lio_10 * (_at_2_n * _grown_2_0_9)) + (_lio_3 * ((0.16 - (0.16 * _at_2_n)) * exprel_inverse(_lio_6 * (_lio_11 + (- _at_2_v)), 2.71828182845905 * _grown_2_0_72)));
          const double _k_2_v = _lio_12 * (_lio_13 + (((((_at_2_gsyn_exc * (e_rev_E + (- _at_2_v))) + (_at_2_gsyn_inh * (e_rev_I + (- _at_2_v)))) + (gbar_Na * ((_at_2_h * (_brian_pow(_at_2_m, 3))) * (e_rev_Na + (- _at_2_v))))) + (gbar_K * ((_brian_pow(_at_2_n, 4)) * (e_rev_K + (- _at_2_v))))) + (g_leak * (e_rev_leak + (- _at_2_v)))));
          const double _at_3_gsyn_exc = _lio_18 * gsyn_exc;
          const double _at_3_gsyn_inh = _lio_19 * gsyn_inh;
          const double _by_3_h = _lio_20 * _k_2_h;
          const double _at_3_h = h + _by_3_h;
          const double _by_3_v = _lio_20 * _k_2_v;
          const double _at_3_v = v + _by_3_v;
          const double _by_3_m = _lio_20 * _k_2_m;
          const double _at_3_m = m + _by_3_m;
          const double _by_3_n = _lio_20 * _k_2_n;
          const double _at_3_n = n + _by_3_n;
          const double _change_3_0 = _lio_1 * (- _by_3_v);
          const double _grown_3_0 = _grown_1_0 * exp_near(_change_3_0);
          const double _excess_3_0 = (- 0.02) + _brian_abs(_change_3_0);
          const double _grown_3_0_2 = _grown_3_0 * _grown_3_0;
          const double _grown_3_0_4 = _grown_3_0_2 * _grown_3_0_2;
          const double _grown_3_0_8 = _grown_3_0_4 * _grown_3_0_4;
          const double _grown_3_0_9 = _grown_3_0 * _grown_3_0_8;
          const double _grown_3_0_18 = _grown_3_0_9 * _grown_3_0_9;
          const double _grown_3_0_20 = _grown_3_0_2 * _grown_3_0_18;
          const double _grown_3_0_36 = _grown_3_0_18 * _grown_3_0_18;
          const double _grown_3_0_72 = _grown_3_0_36 * _grown_3_0_36;
          const double _grown_3_0_90 = _grown_3_0_18 * _grown_3_0_72;
          const double _k_3_h = (1.0f*(_lio_17 * _at_3_h)/(1.0 + (403.428793492735 * _grown_3_0_72))) + (_lio_3 * (_grown_3_0_20 * (0.1888435987828 - (0.1888435987828 * _at_3_h))));
          const double _k_3_m = (_lio_5 * ((_at_3_m * _grown_3_0_72) * exprel_inverse(_lio_6 * (_lio_7 + (- _at_3_v)), 403.428793492735 * _grown_3_0_72))) + (_lio_3 * ((1.28 - (1.28 * _at_3_m)) * exprel_inverse(_lio_8 * (_lio_9 + (- _at_3_v)), 2.11700001661267 * _grown_3_0_90)));
          const double _k_3_n = (_lio_10 * (_at_3_n * _grown_3_0_9)) + (_lio_3 * ((0.16 - (0.16 * _at_3_n)) * exprel_inverse(_lio_6 * (_lio_11 + (- _at_3_v)), 2.71828182845905 * _grown_3_0_72)));
          const double _k_3_v = _lio_12 * (_lio_13 + (((((_at_3_gsyn_exc * (e_rev_E + (- _at_3_v))) + (_at_3_gsyn_inh * (e_rev_I + (- _at_3_v)))) + (gbar_Na * ((_at_3_h * (_brian_pow(_at_3_m, 3))) * (e_rev_Na + (- _at_3_v))))) + (gbar_K * ((_brian_pow(_at_3_n, 4)) * (e_rev_K + (- _at_3_v))))) + (g_leak * (e_rev_leak + (- _at_3_v)))));
          const double _new_gsyn_exc = _lio_21 * gsyn_exc;
          const double _new_gsyn_inh = _lio_22 * gsyn_inh;
          const double _new_h = ((h + (_lio_23 * _k_1_h)) + (_lio_24 * _k_2_h)) + (_lio_25 * _k_3_h);
          const double _new_m = ((m + (_lio_23 * _k_1_m)) + (_lio_24 * _k_2_m)) + (_lio_25 * _k_3_m);
          const double _new_n = ((n + (_lio_23 * _k_1_n)) + (_lio_24 * _k_2_n)) + (_lio_25 * _k_3_n);
          const double _new_v = ((v + (_lio_23 * _k_1_v)) + (_lio_24 * _k_2_v)) + (_lio_25 * _k_3_v);
          const double _excess_v = (- 0.03) + _brian_abs(((_lio_23 * _k_1_v) + (_lio_25 * _k_3_v)) - (_lio_26 * _k_2_v));
          gsyn_exc = _new_gsyn_exc;
          gsyn_inh = _new_gsyn_inh;
          h = _new_h;
          m = _new_m;
          n = _new_n;
          v = _new_v;
          const int32_t _passes = (_excess_2_0 <= 0) & (_excess_3_0 <= 0) & (_excess_v <= 0);
          P_gsyn_exc[_idx] = choose(_passes, gsyn_exc, P_gsyn_exc[_idx]);
          P_gsyn_inh[_idx] = choose(_passes, gsyn_inh, P_gsyn_inh[_idx]);
          P_h[_idx] = choose(_passes, h, P_h[_idx]);
          P_m[_idx] = choose(_passes, m, P_m[_idx]);
          P_n[_idx] = choose(_passes, n, P_n[_idx]);
          P_v[_idx] = choose(_passes, v, P_v[_idx]);
          P_v_before[_idx] = choose(_passes, v_before, P_v_before[_idx]);
          _fails[_idx - block] = !_passes;
        }
        _count = append(listed, _count, block, _fails);
      }
      refine(A, ready, now, listed, _count, P_t[0], step);
    }
}

extern "C" int64_t update(real *const *A, int32_t *__restrict ready, const int32_t *__restrict period,
                          int64_t first, int64_t last, int64_t cells, int64_t step, int32_t now, double h,
                          const uint16_t *__restrict counts, double weight, int32_t *__restrict spikes) {
  real *__restrict P_v = A[0]; (void)P_v;
  real *__restrict P_m = A[1]; (void)P_m;
  real *__restrict P_h = A[2]; (void)P_h;
  real *__restrict P_n = A[3]; (void)P_n;
  real *__restrict P_v_before = A[4]; (void)P_v_before;
  real *__restrict P_gsyn_exc = A[5]; (void)P_gsyn_exc;
  real *__restrict P_gsyn_inh = A[6]; (void)P_gsyn_inh;
  const real *__restrict P_gbar_Na = A[7]; (void)P_gbar_Na;
  const real *__restrict P_gbar_K = A[8]; (void)P_gbar_K;
  const real *__restrict P_g_leak = A[9]; (void)P_g_leak;
  const real *__restrict P_cm = A[10]; (void)P_cm;
  const real *__restrict P_v_offset = A[11]; (void)P_v_offset;
  const real *__restrict P_e_rev_Na = A[12]; (void)P_e_rev_Na;
  const real *__restrict P_e_rev_K = A[13]; (void)P_e_rev_K;
  const real *__restrict P_e_rev_leak = A[14]; (void)P_e_rev_leak;
  const real *__restrict P_e_rev_E = A[15]; (void)P_e_rev_E;
  const real *__restrict P_e_rev_I = A[16]; (void)P_e_rev_I;
  const real *__restrict P_tau_syn_E = A[17]; (void)P_tau_syn_E;
  const real *__restrict P_tau_syn_I = A[18]; (void)P_tau_syn_I;
  const real *__restrict P_i_offset = A[19]; (void)P_i_offset;
  const real *__restrict P_i_inj = A[20]; (void)P_i_inj;
  const real P_dt[1] = {(real)h};
  const double P_t[1] = {step * h};
  (void)P_dt; (void)P_t;
  const double v_offset = P_v_offset[0];
  const double _lio_1 = v_offset + (30.0 * mV);
  int64_t count = 0;
  advance(A, ready, now, first, last, P_t[0], h);
  for (int64_t block = first; block < last; block += 64) {
    uint64_t fired = 0;
    int32_t fires[64], any = 0;
#pragma GCC ivdep
    for (int64_t _idx = block; _idx < block + 64; _idx++) {
      const bool not_refractory = ready[_idx] <= now;
      
      const double v = P_v[_idx];
      const double v_before = P_v_before[_idx];
      const char _cond = (v >= _lio_1) && (v < v_before);
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
      
      {  }
      ready[_idx] = now + 1 + period[_idx];
      spikes[count++] = (int32_t)_idx;
    }
  }
  return count;
}
