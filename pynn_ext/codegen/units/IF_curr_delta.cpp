// {"from": {"brian2": "2.9.0", "generator": "5fa2aaefa15ea00858ac5fb102e9058e", "model": "52757e6a06d68fcefb90e5b6a55e6a6d", "sympy": "1.14.0"}, "unit": {"columns": ["v", "jump", "v_rest", "cm", "tau_m", "tau_refrac", "i_offset", "v_reset", "v_thresh", "i_inj", "_P_v_v", "_P_v_i_inj", "_P_v_1"], "feeds": ["jump"], "propagators": ["_P_v_v", "_P_v_i_inj", "_P_v_1"], "varying": []}}
#include "prelude.h"
#include "lanes.h"

extern "C" int64_t update(real *const *A, int32_t *__restrict ready, const int32_t *__restrict period,
                          int64_t first, int64_t last, int64_t cells, int64_t step, int32_t now, double h,
                          const uint16_t *__restrict counts, double weight, int32_t *__restrict spikes) {
  real *__restrict P_v = A[0]; (void)P_v;
  real *__restrict P_jump = A[1]; (void)P_jump;
  const real *__restrict P_v_rest = A[2]; (void)P_v_rest;
  const real *__restrict P_cm = A[3]; (void)P_cm;
  const real *__restrict P_tau_m = A[4]; (void)P_tau_m;
  const real *__restrict P_tau_refrac = A[5]; (void)P_tau_refrac;
  const real *__restrict P_i_offset = A[6]; (void)P_i_offset;
  const real *__restrict P_v_reset = A[7]; (void)P_v_reset;
  const real *__restrict P_v_thresh = A[8]; (void)P_v_thresh;
  const real *__restrict P_i_inj = A[9]; (void)P_i_inj;
  const real *__restrict P__P_v_v = A[10]; (void)P__P_v_v;
  const real *__restrict P__P_v_i_inj = A[11]; (void)P__P_v_i_inj;
  const real *__restrict P__P_v_1 = A[12]; (void)P__P_v_1;
  const real P_dt[1] = {(real)h};
  const double P_t[1] = {step * h};
  (void)P_dt; (void)P_t;
  const double _P_v_1 = P__P_v_1[0];
  const double _P_v_i_inj = P__P_v_i_inj[0];
  const double _P_v_v = P__P_v_v[0];
  const double i_inj = P_i_inj[0];
  const double v_thresh = P_v_thresh[0];
  const double _lio_1 = (_P_v_i_inj * i_inj) + _P_v_1;
  int64_t count = 0;
  for (int64_t block = first; block < last; block += 64) {
    uint64_t fired = 0;
#ifdef PYNN_EXT_LANES
#pragma GCC unroll 16
    for (int64_t _idx = block; _idx < block + 64; _idx += LANES) {
      const Flags not_refractory = are_ready(ready + _idx, now);
      Lanes jump = fed<1>(get(P_jump + _idx), weight, counts, _idx);
      Lanes v = get(P_v + (_idx));
      const Lanes _new_v = _lio_1 + (_P_v_v * v);
      v = choose(not_refractory, _new_v, v);
      v = choose(not_refractory, v + (jump), v);
      jump = 0.0;
      const Flags _cond = v >= v_thresh;
      put(P_jump + _idx, jump);
      put(P_v + _idx, v);
      fired |= (uint64_t)(_cond & not_refractory).bits << (_idx - block);
    }
#else
    int32_t fires[64], any = 0;
#pragma GCC ivdep
    for (int64_t _idx = block; _idx < block + 64; _idx++) {
      const bool not_refractory = ready[_idx] <= now;
      
      double jump = fed<1>(P_jump[_idx], weight, counts, _idx);
      double v = P_v[_idx];
      const double _new_v = _lio_1 + (_P_v_v * v);
      if(not_refractory)
          v = _new_v;
      if(not_refractory)
          v += jump;
      jump = 0.0;
      const char _cond = v >= v_thresh;
      P_jump[_idx] = jump;
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

extern "C" void prepare(double *const *A, int64_t cells, double h) {
  double *__restrict P_v = A[0]; (void)P_v;
  double *__restrict P_jump = A[1]; (void)P_jump;
  const double *__restrict P_v_rest = A[2]; (void)P_v_rest;
  const double *__restrict P_cm = A[3]; (void)P_cm;
  const double *__restrict P_tau_m = A[4]; (void)P_tau_m;
  const double *__restrict P_tau_refrac = A[5]; (void)P_tau_refrac;
  const double *__restrict P_i_offset = A[6]; (void)P_i_offset;
  const double *__restrict P_v_reset = A[7]; (void)P_v_reset;
  const double *__restrict P_v_thresh = A[8]; (void)P_v_thresh;
  const double *__restrict P_i_inj = A[9]; (void)P_i_inj;
  double *__restrict P__P_v_v = A[10]; (void)P__P_v_v;
  double *__restrict P__P_v_i_inj = A[11]; (void)P__P_v_i_inj;
  double *__restrict P__P_v_1 = A[12]; (void)P__P_v_1;
  const double P_dt[1] = {h}, P_t[1] = {0.0};
  (void)P_dt; (void)P_t;
  double matrix[3 * 3], result[3 * 3];
  for (int64_t _idx = 0; _idx < cells; _idx++) {
    memset(matrix, 0, sizeof matrix);
    const double cm = P_cm[0];
          const double i_offset = P_i_offset[0];
          const double tau_m = P_tau_m[0];
          const double v_rest = P_v_rest[0];
          const double _m_0_0 = 1.0f*(- 1)/tau_m;
          const double _m_0_1 = 1.0f*1/cm;
          const double _m_0_2 = (1.0f*v_rest/tau_m) + (1.0f*i_offset/cm);
          
          matrix[0] = _m_0_0;
          matrix[1] = _m_0_1;
          matrix[2] = _m_0_2;
    expm<3>(matrix, h, result);
    if (!_idx) P__P_v_v[0] = result[0];
    if (!_idx) P__P_v_i_inj[0] = result[1];
    if (!_idx) P__P_v_1[0] = result[2];
  }
}
