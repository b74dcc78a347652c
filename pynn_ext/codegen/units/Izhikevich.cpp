// {"from": {"brian2": "2.9.0", "generator": "5fa2aaefa15ea00858ac5fb102e9058e", "model": "3e973145e50d1d28a107b7a8754a9050", "sympy": "1.14.0"}, "unit": {"columns": ["v", "u", "jump", "a", "b", "c", "d", "i_offset", "i_inj"], "feeds": ["jump"], "propagators": [], "varying": []}}
#include "prelude.h"
#include "lanes.h"

extern "C" int64_t update(real *const *A, int32_t *__restrict ready, const int32_t *__restrict period,
                          int64_t first, int64_t last, int64_t cells, int64_t step, int32_t now, double h,
                          const uint16_t *__restrict counts, double weight, int32_t *__restrict spikes) {
  real *__restrict P_v = A[0]; (void)P_v;
  real *__restrict P_u = A[1]; (void)P_u;
  real *__restrict P_jump = A[2]; (void)P_jump;
  const real *__restrict P_a = A[3]; (void)P_a;
  const real *__restrict P_b = A[4]; (void)P_b;
  const real *__restrict P_c = A[5]; (void)P_c;
  const real *__restrict P_d = A[6]; (void)P_d;
  const real *__restrict P_i_offset = A[7]; (void)P_i_offset;
  const real *__restrict P_i_inj = A[8]; (void)P_i_inj;
  const real P_dt[1] = {(real)h};
  const double P_t[1] = {step * h};
  (void)P_dt; (void)P_t;
  const double a = P_a[0];
  const double b = P_b[0];
  const double dt = P_dt[0];
  const double i_inj = P_i_inj[0];
  const double i_offset = P_i_offset[0];
  const double _lio_1 = a * dt;
  const double _lio_2 = 1.0f*(i_inj + i_offset)/pF;
  const double _lio_3 = 1.0f*1.0/ms;
  const double _lio_4 = 140.0 * mV;
  const double _lio_5 = 1.0f*0.04/mV;
  const double _lio_6 = 30.0 * mV;
  int64_t count = 0;
  for (int64_t block = first; block < last; block += 64) {
    uint64_t fired = 0;
#ifdef PYNN_EXT_LANES
#pragma GCC unroll 16
    for (int64_t _idx = block; _idx < block + 64; _idx += LANES) {
      const Flags not_refractory = true;
      Lanes jump = fed<2>(get(P_jump + _idx), weight, counts, _idx);
      Lanes u = get(P_u + (_idx));
      Lanes v = get(P_v + (_idx));
      v = v + (jump);
      jump = 0.0;
      const Lanes _u = (_lio_1 * ((b * v) - u)) + u;
      const Lanes _v = (dt * (_lio_2 + ((- u) + (_lio_3 * (_lio_4 + ((5.0 * v) + (_lio_5 * (_brian_pow(v, 2))))))))) + v;
      u = _u;
      v = _v;
      const Flags _cond = v >= _lio_6;
      put(P_jump + _idx, jump);
      put(P_u + _idx, u);
      put(P_v + _idx, v);
      fired |= (uint64_t)(_cond & not_refractory).bits << (_idx - block);
    }
#else
    int32_t fires[64], any = 0;
#pragma GCC ivdep
    for (int64_t _idx = block; _idx < block + 64; _idx++) {
      const bool not_refractory = true;
      
      double jump = fed<2>(P_jump[_idx], weight, counts, _idx);
      double u = P_u[_idx];
      double v = P_v[_idx];
      v += jump;
      jump = 0.0;
      const double _u = (_lio_1 * ((b * v) - u)) + u;
      const double _v = (dt * (_lio_2 + ((- u) + (_lio_3 * (_lio_4 + ((5.0 * v) + (_lio_5 * (_brian_pow(v, 2))))))))) + v;
      u = _u;
      v = _v;
      const char _cond = v >= _lio_6;
      P_jump[_idx] = jump;
      P_u[_idx] = u;
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
      
      { const double c = P_c[0];
      const double d = P_d[0];
      double u = P_u[_idx];
      double v;
      v = c;
      u += d;
      P_u[_idx] = u;
      P_v[_idx] = v; }
      
      spikes[count++] = (int32_t)_idx;
    }
  }
  return count;
}
