// {"from": {"brian2": "2.9.0", "generator": "5fa2aaefa15ea00858ac5fb102e9058e", "model": "8bb7f6329333ad16b321282743a5f9fb", "sympy": "1.14.0"}, "unit": {"columns": ["v", "isyn_exc", "x_exc", "isyn_inh", "x_inh", "v_rest", "cm", "tau_m", "tau_refrac", "tau_syn_E", "tau_syn_I", "i_offset", "v_reset", "v_thresh", "i_inj", "_P_isyn_exc_isyn_exc", "_P_isyn_exc_x_exc", "_P_isyn_inh_isyn_inh", "_P_isyn_inh_x_inh", "_P_v_isyn_exc", "_P_v_isyn_inh", "_P_v_v", "_P_v_x_exc", "_P_v_x_inh", "_P_v_i_inj", "_P_v_1", "_P_x_exc_x_exc", "_P_x_inh_x_inh"], "feeds": ["x_exc", "x_inh"], "propagators": ["_P_isyn_exc_isyn_exc", "_P_isyn_exc_x_exc", "_P_isyn_inh_isyn_inh", "_P_isyn_inh_x_inh", "_P_v_isyn_exc", "_P_v_isyn_inh", "_P_v_v", "_P_v_x_exc", "_P_v_x_inh", "_P_v_i_inj", "_P_v_1", "_P_x_exc_x_exc", "_P_x_inh_x_inh"], "varying": []}}
#include "prelude.h"
#include "lanes.h"

extern "C" int64_t update(real *const *A, int32_t *__restrict ready, const int32_t *__restrict period,
                          int64_t first, int64_t last, int64_t cells, int64_t step, int32_t now, double h,
                          const uint16_t *__restrict counts, double weight, int32_t *__restrict spikes) {
  real *__restrict P_v = A[0]; (void)P_v;
  real *__restrict P_isyn_exc = A[1]; (void)P_isyn_exc;
  real *__restrict P_x_exc = A[2]; (void)P_x_exc;
  real *__restrict P_isyn_inh = A[3]; (void)P_isyn_inh;
  real *__restrict P_x_inh = A[4]; (void)P_x_inh;
  const real *__restrict P_v_rest = A[5]; (void)P_v_rest;
  const real *__restrict P_cm = A[6]; (void)P_cm;
  const real *__restrict P_tau_m = A[7]; (void)P_tau_m;
  const real *__restrict P_tau_refrac = A[8]; (void)P_tau_refrac;
  const real *__restrict P_tau_syn_E = A[9]; (void)P_tau_syn_E;
  const real *__restrict P_tau_syn_I = A[10]; (void)P_tau_syn_I;
  const real *__restrict P_i_offset = A[11]; (void)P_i_offset;
  const real *__restrict P_v_reset = A[12]; (void)P_v_reset;
  const real *__restrict P_v_thresh = A[13]; (void)P_v_thresh;
  const real *__restrict P_i_inj = A[14]; (void)P_i_inj;
  const real *__restrict P__P_isyn_exc_isyn_exc = A[15]; (void)P__P_isyn_exc_isyn_exc;
  const real *__restrict P__P_isyn_exc_x_exc = A[16]; (void)P__P_isyn_exc_x_exc;
  const real *__restrict P__P_isyn_inh_isyn_inh = A[17]; (void)P__P_isyn_inh_isyn_inh;
  const real *__restrict P__P_isyn_inh_x_inh = A[18]; (void)P__P_isyn_inh_x_inh;
  const real *__restrict P__P_v_isyn_exc = A[19]; (void)P__P_v_isyn_exc;
  const real *__restrict P__P_v_isyn_inh = A[20]; (void)P__P_v_isyn_inh;
  const real *__restrict P__P_v_v = A[21]; (void)P__P_v_v;
  const real *__restrict P__P_v_x_exc = A[22]; (void)P__P_v_x_exc;
  const real *__restrict P__P_v_x_inh = A[23]; (void)P__P_v_x_inh;
  const real *__restrict P__P_v_i_inj = A[24]; (void)P__P_v_i_inj;
  const real *__restrict P__P_v_1 = A[25]; (void)P__P_v_1;
  const real *__restrict P__P_x_exc_x_exc = A[26]; (void)P__P_x_exc_x_exc;
  const real *__restrict P__P_x_inh_x_inh = A[27]; (void)P__P_x_inh_x_inh;
  const real P_dt[1] = {(real)h};
  const double P_t[1] = {step * h};
  (void)P_dt; (void)P_t;
  const double _P_isyn_exc_isyn_exc = P__P_isyn_exc_isyn_exc[0];
  const double _P_isyn_exc_x_exc = P__P_isyn_exc_x_exc[0];
  const double _P_isyn_inh_isyn_inh = P__P_isyn_inh_isyn_inh[0];
  const double _P_isyn_inh_x_inh = P__P_isyn_inh_x_inh[0];
  const double _P_v_1 = P__P_v_1[0];
  const double _P_v_i_inj = P__P_v_i_inj[0];
  const double _P_v_isyn_exc = P__P_v_isyn_exc[0];
  const double _P_v_isyn_inh = P__P_v_isyn_inh[0];
  const double _P_v_v = P__P_v_v[0];
  const double _P_v_x_exc = P__P_v_x_exc[0];
  const double _P_v_x_inh = P__P_v_x_inh[0];
  const double _P_x_exc_x_exc = P__P_x_exc_x_exc[0];
  const double _P_x_inh_x_inh = P__P_x_inh_x_inh[0];
  const double v_thresh = P_v_thresh[0];
  int64_t count = 0;
  for (int64_t block = first; block < last; block += 64) {
    uint64_t fired = 0;
#ifdef PYNN_EXT_LANES
#pragma GCC unroll 16
    for (int64_t _idx = block; _idx < block + 64; _idx += LANES) {
      const Flags not_refractory = are_ready(ready + _idx, now);
      const Lanes i_inj = get(P_i_inj + (_idx));
      Lanes isyn_exc = get(P_isyn_exc + (_idx));
      Lanes isyn_inh = get(P_isyn_inh + (_idx));
      Lanes v = get(P_v + (_idx));
      Lanes x_exc = fed<2>(get(P_x_exc + _idx), weight, counts, _idx);
      Lanes x_inh = fed<4>(get(P_x_inh + _idx), weight, counts, _idx);
      const Lanes _new_isyn_exc = (_P_isyn_exc_isyn_exc * isyn_exc) + (_P_isyn_exc_x_exc * x_exc);
      const Lanes _new_isyn_inh = (_P_isyn_inh_isyn_inh * isyn_inh) + (_P_isyn_inh_x_inh * x_inh);
      const Lanes _new_v = _P_v_1 + ((((((_P_v_isyn_exc * isyn_exc) + (_P_v_isyn_inh * isyn_inh)) + (_P_v_v * v)) + (_P_v_x_exc * x_exc)) + (_P_v_x_inh * x_inh)) + (_P_v_i_inj * i_inj));
      const Lanes _new_x_exc = _P_x_exc_x_exc * x_exc;
      const Lanes _new_x_inh = _P_x_inh_x_inh * x_inh;
      isyn_exc = _new_isyn_exc;
      isyn_inh = _new_isyn_inh;
      v = choose(not_refractory, _new_v, v);
      x_exc = _new_x_exc;
      x_inh = _new_x_inh;
      const Flags _cond = v >= v_thresh;
      put(P_isyn_exc + _idx, isyn_exc);
      put(P_isyn_inh + _idx, isyn_inh);
      put(P_v + _idx, v);
      put(P_x_exc + _idx, x_exc);
      put(P_x_inh + _idx, x_inh);
      fired |= (uint64_t)(_cond & not_refractory).bits << (_idx - block);
    }
#else
    int32_t fires[64], any = 0;
#pragma GCC ivdep
    for (int64_t _idx = block; _idx < block + 64; _idx++) {
      const bool not_refractory = ready[_idx] <= now;
      
      const double i_inj = P_i_inj[_idx];
      double isyn_exc = P_isyn_exc[_idx];
      double isyn_inh = P_isyn_inh[_idx];
      double v = P_v[_idx];
      double x_exc = fed<2>(P_x_exc[_idx], weight, counts, _idx);
      double x_inh = fed<4>(P_x_inh[_idx], weight, counts, _idx);
      const double _new_isyn_exc = (_P_isyn_exc_isyn_exc * isyn_exc) + (_P_isyn_exc_x_exc * x_exc);
      const double _new_isyn_inh = (_P_isyn_inh_isyn_inh * isyn_inh) + (_P_isyn_inh_x_inh * x_inh);
      const double _new_v = _P_v_1 + ((((((_P_v_isyn_exc * isyn_exc) + (_P_v_isyn_inh * isyn_inh)) + (_P_v_v * v)) + (_P_v_x_exc * x_exc)) + (_P_v_x_inh * x_inh)) + (_P_v_i_inj * i_inj));
      const double _new_x_exc = _P_x_exc_x_exc * x_exc;
      const double _new_x_inh = _P_x_inh_x_inh * x_inh;
      isyn_exc = _new_isyn_exc;
      isyn_inh = _new_isyn_inh;
      if(not_refractory)
          v = _new_v;
      x_exc = _new_x_exc;
      x_inh = _new_x_inh;
      const char _cond = v >= v_thresh;
      P_isyn_exc[_idx] = isyn_exc;
      P_isyn_inh[_idx] = isyn_inh;
      P_v[_idx] = v;
      P_x_exc[_idx] = x_exc;
      P_x_inh[_idx] = x_inh;
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

extern "C" void prepare(double *const *A, int64_t cells, double h) {
  double *__restrict P_v = A[0]; (void)P_v;
  double *__restrict P_isyn_exc = A[1]; (void)P_isyn_exc;
  double *__restrict P_x_exc = A[2]; (void)P_x_exc;
  double *__restrict P_isyn_inh = A[3]; (void)P_isyn_inh;
  double *__restrict P_x_inh = A[4]; (void)P_x_inh;
  const double *__restrict P_v_rest = A[5]; (void)P_v_rest;
  const double *__restrict P_cm = A[6]; (void)P_cm;
  const double *__restrict P_tau_m = A[7]; (void)P_tau_m;
  const double *__restrict P_tau_refrac = A[8]; (void)P_tau_refrac;
  const double *__restrict P_tau_syn_E = A[9]; (void)P_tau_syn_E;
  const double *__restrict P_tau_syn_I = A[10]; (void)P_tau_syn_I;
  const double *__restrict P_i_offset = A[11]; (void)P_i_offset;
  const double *__restrict P_v_reset = A[12]; (void)P_v_reset;
  const double *__restrict P_v_thresh = A[13]; (void)P_v_thresh;
  const double *__restrict P_i_inj = A[14]; (void)P_i_inj;
  double *__restrict P__P_isyn_exc_isyn_exc = A[15]; (void)P__P_isyn_exc_isyn_exc;
  double *__restrict P__P_isyn_exc_x_exc = A[16]; (void)P__P_isyn_exc_x_exc;
  double *__restrict P__P_isyn_inh_isyn_inh = A[17]; (void)P__P_isyn_inh_isyn_inh;
  double *__restrict P__P_isyn_inh_x_inh = A[18]; (void)P__P_isyn_inh_x_inh;
  double *__restrict P__P_v_isyn_exc = A[19]; (void)P__P_v_isyn_exc;
  double *__restrict P__P_v_isyn_inh = A[20]; (void)P__P_v_isyn_inh;
  double *__restrict P__P_v_v = A[21]; (void)P__P_v_v;
  double *__restrict P__P_v_x_exc = A[22]; (void)P__P_v_x_exc;
  double *__restrict P__P_v_x_inh = A[23]; (void)P__P_v_x_inh;
  double *__restrict P__P_v_i_inj = A[24]; (void)P__P_v_i_inj;
  double *__restrict P__P_v_1 = A[25]; (void)P__P_v_1;
  double *__restrict P__P_x_exc_x_exc = A[26]; (void)P__P_x_exc_x_exc;
  double *__restrict P__P_x_inh_x_inh = A[27]; (void)P__P_x_inh_x_inh;
  const double P_dt[1] = {h}, P_t[1] = {0.0};
  (void)P_dt; (void)P_t;
  double matrix[7 * 7], result[7 * 7];
  for (int64_t _idx = 0; _idx < cells; _idx++) {
    memset(matrix, 0, sizeof matrix);
    const double cm = P_cm[0];
          const double i_offset = P_i_offset[0];
          const double tau_m = P_tau_m[0];
          const double tau_syn_E = P_tau_syn_E[0];
          const double tau_syn_I = P_tau_syn_I[0];
          const double v_rest = P_v_rest[0];
          const double _m_0_0 = 1.0f*(- 1)/tau_syn_E;
          const double _m_0_3 = 1.0f*1/tau_syn_E;
          const double _m_1_1 = 1.0f*(- 1)/tau_syn_I;
          const double _m_1_4 = 1.0f*1/tau_syn_I;
          const double _m_2_0 = 1.0f*1/cm;
          const double _m_2_1 = 1.0f*1/cm;
          const double _m_2_2 = 1.0f*(- 1)/tau_m;
          const double _m_3_3 = 1.0f*(- 1)/tau_syn_E;
          const double _m_4_4 = 1.0f*(- 1)/tau_syn_I;
          const double _m_2_5 = 1.0f*1/cm;
          const double _m_2_6 = (1.0f*v_rest/tau_m) + (1.0f*i_offset/cm);
          
          matrix[0] = _m_0_0;
          matrix[3] = _m_0_3;
          matrix[8] = _m_1_1;
          matrix[11] = _m_1_4;
          matrix[14] = _m_2_0;
          matrix[15] = _m_2_1;
          matrix[16] = _m_2_2;
          matrix[24] = _m_3_3;
          matrix[32] = _m_4_4;
          matrix[19] = _m_2_5;
          matrix[20] = _m_2_6;
    expm<7>(matrix, h, result);
    if (!_idx) P__P_isyn_exc_isyn_exc[0] = result[0];
    if (!_idx) P__P_isyn_exc_x_exc[0] = result[3];
    if (!_idx) P__P_isyn_inh_isyn_inh[0] = result[8];
    if (!_idx) P__P_isyn_inh_x_inh[0] = result[11];
    if (!_idx) P__P_v_isyn_exc[0] = result[14];
    if (!_idx) P__P_v_isyn_inh[0] = result[15];
    if (!_idx) P__P_v_v[0] = result[16];
    if (!_idx) P__P_v_x_exc[0] = result[17];
    if (!_idx) P__P_v_x_inh[0] = result[18];
    if (!_idx) P__P_v_i_inj[0] = result[19];
    if (!_idx) P__P_v_1[0] = result[20];
    if (!_idx) P__P_x_exc_x_exc[0] = result[24];
    if (!_idx) P__P_x_inh_x_inh[0] = result[32];
  }
}
