"""Hodgkin-Huxley cell of Traub and Miles (1991) with exponentially decaying synaptic conductances.

``cm dv/dt = -gbar_Na m^3 h (v - e_rev_Na) - gbar_K n^4 (v - e_rev_K) - g_leak (v - e_rev_leak) + I_syn +
i_offset + i_inj`` with the rates of Brette et al. (2007, J. Comput. Neurosci. 23:349, benchmark 3), voltages
relative to v_offset. Fourth-order Runge-Kutta in steps of at most 0.05 ms (a longer time step is divided),
which follows NEST's adaptive solver to 0.03 mV outside spikes and is stable while the open conductances
together stay below 55 cm per ms (five times the default gbar_Na at the default cm is too much).

A spike is counted when v has passed its maximum above v_offset + 30 mV, not within 2 ms of the last, as in
NEST's ``hh_cond_exp_traub``. The gates start at 0 for m and n and 1 for h, PyNN's default initial values;
PyNN's mechanism for NEURON starts h at 0 too, which moves spikes by up to 0.4 ms.

Compiled, the same steps are made by `SOURCE`: all exponentials of a stage are powers of one, ``z = e^(-u/360 mV)``, as
the rates have e^(-u/4 mV), e^(-u/5 mV), e^(-u/18 mV) and e^(-u/40 mV), and their four quotients share one division."""

from pyNN.standardmodels import cells

from ..network import CellModel
from ..network.kernels import Kernel
from .base import Cell
from .if_cond_exp import EXPONENTIAL, EXPONENTIAL_RECEPTORS, SYNAPTIC_CURRENT

EQUATIONS = (
    "dv/dt = (gbar_Na*m*m*m*h*(e_rev_Na - v) + gbar_K*n*n*n*n*(e_rev_K - v) + g_leak*(e_rev_leak - v)"
    f" + {SYNAPTIC_CURRENT})/cm : volt"
    """
dm/dt = 0.32*4/ms/exprel((13*mV - v + v_offset)/(4*mV))*(1 - m) - 0.28*5/ms/exprel((v - v_offset - 40*mV)/(5*mV))*m : 1
dh/dt = 0.128/ms*exp((17*mV - v + v_offset)/(18*mV))*(1 - h) - 4/ms/(1 + exp((40*mV - v + v_offset)/(5*mV)))*h : 1
dn/dt = 0.032*5/ms/exprel((15*mV - v + v_offset)/(5*mV))*(1 - n) - 0.5/ms*exp((10*mV - v + v_offset)/(40*mV))*n : 1
v_before : volt
""" + EXPONENTIAL
)
SOURCE = """
  const int steps = (int)ceil(h / 0.05 - 1e-9);
  const double d = h / steps;
  double *const V = A[C_v] + block, *const M = A[C_m] + block, *const H = A[C_h] + block, *const N = A[C_n] + block;
  double *const E = A[C_gsyn_exc] + block, *const I = A[C_gsyn_inh] + block, *const V_before = A[C_v_before] + block;
  for (int step = 0; step < steps; step++) {
#pragma GCC ivdep
    for (int l = 0; l < 64; l++) {
#define P(name) A[C_##name][S_##name * (block + l)]
      const double per_capacitance = 1.0 / P(cm), current = P(i_offset) + P(i_inj);
      const double x_e = d / P(tau_syn_E), x_i = d / P(tau_syn_I);
      auto slope = [&](double v, double m, double hh, double n, double e, double i, double &dm, double &dh,
                       double &dn) __attribute__((always_inline)) {
        const double u = v - P(v_offset), z = exp(-(1.0 / 360.0) * (u > -700.0 ? u : -700.0));
        const double z2 = z * z, z4 = z2 * z2, z8 = z4 * z4, z9 = z8 * z, z10 = z9 * z, z18 = z9 * z9, z20 = z10 * z10;
        const double z36 = z18 * z18, z72 = z36 * z36, z90 = z72 * z18;
        // x / (e^x - 1) as x / denominator; near x = 0 by its series, and never 0/0
        auto nonzero = [](double x) { return x == 0.0 ? 1e-30 : x; };
        auto less_one = [](double power, double x) { return fabs(x) < 1e-5 ? x * (1.0 + 0.5 * x) : power - 1.0; };
        const double x1 = nonzero(3.25 - 0.25 * u), x2 = nonzero(0.2 * u - 8.0), x3 = nonzero(3.0 - 0.2 * u);
        const double d1 = less_one(25.790339917193062 * z90, x1);                      // e^3.25
        const double d2 = fabs(x2) < 1e-5 ? x2 * (1.0 + 0.5 * x2) * z72 : 3.3546262790251185e-4 - z72;  // e^-8
        const double d3 = less_one(20.085536923187668 * z72, x3);                      // e^3
        const double d4 = 1.0 + 2980.9579870417283 * z72;                              // e^8
        const double d12 = d1 * d2, d34 = d3 * d4, inverse = 1.0 / (d12 * d34);
        const double r12 = inverse * d34, r34 = inverse * d12;
        const double a_m = 1.28 * x1 * (r12 * d2), b_m = 1.4 * x2 * z72 * (r12 * d1);
        const double a_n = 0.16 * x3 * (r34 * d4), b_n = 0.6420127083438707 * z9;      // e^0.25 / 2
        const double a_h = 0.3291372076528678 * z20, b_h = 4.0 * (r34 * d3);          // 0.128 e^(17/18)
        dm = a_m * (1.0 - m) - b_m * m;
        dh = a_h * (1.0 - hh) - b_h * hh;
        dn = a_n * (1.0 - n) - b_n * n;
        const double n2 = n * n;
        return (P(gbar_Na) * (m * m * m) * hh * (P(e_rev_Na) - v) + P(gbar_K) * (n2 * n2) * (P(e_rev_K) - v) +
                P(g_leak) * (P(e_rev_leak) - v) + e * (P(e_rev_E) - v) + i * (P(e_rev_I) - v) + current) *
               per_capacitance;
      };
      const double v = V[l], m = M[l], hh = H[l], n = N[l], e = E[l], i = I[l], half = 0.5 * d;
      double m1, m2, m3, m4, h1, h2, h3, h4, n1, n2, n3, n4;
      const double v1 = slope(v, m, hh, n, e, i, m1, h1, n1);
      const double v2 = slope(v + half * v1, m + half * m1, hh + half * h1, n + half * n1, e * (1.0 - 0.5 * x_e),
                              i * (1.0 - 0.5 * x_i), m2, h2, n2);
      const double v3 = slope(v + half * v2, m + half * m2, hh + half * h2, n + half * n2,
                              e * (1.0 - x_e * (0.5 - 0.25 * x_e)), i * (1.0 - x_i * (0.5 - 0.25 * x_i)), m3, h3, n3);
      const double v4 = slope(v + d * v3, m + d * m3, hh + d * h3, n + d * n3,
                              e * (1.0 - x_e * (1.0 - x_e * (0.5 - 0.25 * x_e))),
                              i * (1.0 - x_i * (1.0 - x_i * (0.5 - 0.25 * x_i))), m4, h4, n4);
      const double sixth = d / 6.0;
      V_before[l] = v;
      V[l] = v + sixth * (v1 + 2.0 * (v2 + v3) + v4);
      M[l] = m + sixth * (m1 + 2.0 * (m2 + m3) + m4);
      H[l] = hh + sixth * (h1 + 2.0 * (h2 + h3) + h4);
      N[l] = n + sixth * (n1 + 2.0 * (n2 + n3) + n4);
      E[l] = e * (1.0 - x_e * (1.0 - x_e * (0.5 - x_e * (1.0 / 6.0 - x_e / 24.0))));
      I[l] = i * (1.0 - x_i * (1.0 - x_i * (0.5 - x_i * (1.0 / 6.0 - x_i / 24.0))));
#undef P
    }
  }
"""


class HH_cond_exp(Cell, cells.HH_cond_exp):
    __doc__ = cells.HH_cond_exp.__doc__
    status = "verified against NEST and NEURON, and closed forms"
    cell_model = CellModel(
        name="HH_cond_exp",
        equations=EQUATIONS,
        parameters={
            "gbar_Na": "siemens",
            "gbar_K": "siemens",
            "g_leak": "siemens",
            "cm": "farad",
            "v_offset": "volt",
            "e_rev_Na": "volt",
            "e_rev_K": "volt",
            "e_rev_leak": "volt",
            "e_rev_E": "volt",
            "e_rev_I": "volt",
            "tau_syn_E": "second",
            "tau_syn_I": "second",
            "i_offset": "amp",
        },
        receptors=EXPONENTIAL_RECEPTORS,
        threshold="v >= v_offset + 30*mV and v < v_before",
        refractory="2 ms",
        method="rk4",
        max_step=0.05,
        before="v_before = v",
        kernel=Kernel(SOURCE),
    )
