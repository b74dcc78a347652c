"""What plasticity costs: every rule beside the pair rule, and beside NEST's counterpart of it.

``python -m benchmarks.plasticity [--rules A;B] [--size 1000] [--repeats 3] [--turns 1] [--no-nest]`` drives 1000 cells
to 20 spikes/s and connects 1000 Poisson sources of 20 spikes/s to them with probability 0.3, each rule in turn. Weights
are too small to matter, so that all rules see the same spikes. Each figure is CPU time of one simulated second, the
least of the repeats, one thread; of several turns, in each of which all rules are measured, the least counts. The rules
are those of the package: timing dependences, pairings, weight dependences, modulators and synapse types that change at
spikes, without a list.

Columns: the run; how many times that of the pair rule with the same cells; nanoseconds of a synapse at a spike of
either side, cells and sources apart; how many times those of the pair rule; NEST's run (PyNEST, the same network with
other random numbers), how many times ours it takes. NEST's synapses act at presynaptic spikes only, on the
postsynaptic ones since the last.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

DURATION, RATE, CHANCE, WEIGHT = 1000.0, 20.0, 0.3, 1e-6  # ms, spikes/s, nA
STRENGTH = {"IF_curr_exp": 5.0, "AdEx_clopath": 100.0}  # nA, mV: a spike for a spike
PAIR = "SpikePairRule"
#: NEST's synapse for a rule, and what differs from its defaults.
COUNTERPARTS: dict[str, tuple[str, dict[str, Any]]] = {
    "StaticSynapse": ("static_synapse", {}),
    PAIR: ("stdp_synapse", {"Wmax": 1e-2, "mu_plus": 0.0, "mu_minus": 0.0}),
    "SpikePairRule, MultiplicativeWeightDependence": ("stdp_synapse", {"Wmax": 1e-2}),
    "SpikePairRule, pairing nearest": ("stdp_nn_symm_synapse", {"Wmax": 1e-2}),
    "SpikePairRule, pairing pre_centred": ("stdp_nn_pre_centered_synapse", {"Wmax": 1e-2}),
    "SpikePairRule, pairing restricted": ("stdp_nn_restr_synapse", {"Wmax": 1e-2}),
    "TripletRule": ("stdp_triplet_synapse", {"Wmax": 1e-2}),
    "Vogels2011Rule": ("vogels_sprekeler_synapse", {"Wmax": 1e-2}),
    "JonkeRule": ("jonke_synapse", {"Wmax": 1e-2}),
    "DopamineSTDP": ("stdp_dopamine_synapse", {"Wmax": 1e-2}),
    "ClopathSTDP": ("clopath_synapse", {"Wmax": 1e-2}),
}


@dataclass(frozen=True)
class Variant:
    """A plastic synapse; `make` gives it, and is given a population of `DopaminePool`."""

    name: str
    make: Callable[[Any], Any]
    cell: str = "IF_curr_exp"


def variants(sim: Any) -> list[Variant]:
    """Return static synapses, the pair rule, and everything of the package that changes weights at spikes."""
    from pynn_ext.models.base import Synapse
    from pynn_ext.models.modulation import Modulation
    from pynn_ext.models.pairing import PAIRINGS
    from pynn_ext.models.registry import all_models
    from pynn_ext.models.stdp import TimingDependence, WeightDependence

    def stdp(timing: str = PAIR, weight: str = "AdditiveWeightDependence", **options: Any) -> Any:
        pairing, modulator = options.pop("pairing", "all"), options.pop("modulator", None)
        exponents = dict.fromkeys(("mu_plus", "mu_minus"), options.pop("mu")) if "mu" in options else {}

        def make(pool: Any) -> Any:
            third = {} if modulator is None else {"modulator": getattr(sim, modulator)(pool)}
            parts = getattr(sim, timing)(pairing=pairing), getattr(sim, weight)(w_max=1e-2, **exponents)
            return sim.STDPMechanism(*parts, weight=WEIGHT, delay=1.0, **third)

        return make

    models = all_models()
    kinds = {
        base: [name for name, model in models.items() if issubclass(model, base)]
        for base in (TimingDependence, WeightDependence, Modulation)
    }
    found = [Variant("StaticSynapse", lambda _: sim.StaticSynapse(weight=WEIGHT, delay=1.0))]
    for name in sorted(kinds[TimingDependence], key=lambda n: n != PAIR):
        of_its_file = [w for w in kinds[WeightDependence] if models[w].__module__ == models[name].__module__]
        found.append(Variant(name, stdp(name, *of_its_file[:1])))
    found += [Variant(f"{PAIR}, pairing {p}", stdp(pairing=p)) for p in PAIRINGS if p != "all"]
    found += [
        Variant(f"{PAIR}, {w}", stdp(weight=w))
        for w in kinds[WeightDependence]
        if not w.startswith("Additive")
    ]
    # whose usual exponents take no power, and no exponential
    for weight, mu in (("GutigWeightDependence", 0.3), ("ExponentialWeightDependence", 1.0)):
        found.append(Variant(f"{PAIR}, {weight}, exponents of {mu:g}", stdp(weight=weight, mu=mu)))
    found += [Variant(f"{PAIR}, {m}", stdp(modulator=m)) for m in kinds[Modulation]]
    for name, model in models.items():
        if issubclass(model, Synapse) and name != "STDPMechanism" and _learns(model.synapse_model):
            found.append(_synapse_type(sim, name, model))
    return found


def _learns(model: Any) -> bool:
    return bool(model.on_pre or model.on_post or model.on_step)


def _synapse_type(sim: Any, name: str, model: Any) -> Variant:
    def make(pool: Any) -> Any:
        given = (pool,) if "n" in model.synapse_model.modulator_state.values() else ()
        small = {
            n: 1e-6 * v for n, v in model.default_parameters.items() if model.units.get(n) == "as the weight"
        }
        return getattr(sim, name)(*given, **small, weight=WEIGHT, delay=1.0)

    filtered = bool(model.synapse_model.post_state)
    return Variant(name, make, "AdEx_clopath" if filtered else "IF_curr_exp")


def seconds(run: Callable[[float], Any], repeats: int) -> float:
    """Return the least CPU time of a simulated second."""
    run(100.0)
    found = []
    for _ in range(repeats):
        begun = time.process_time()
        run(DURATION)
        found.append(time.process_time() - begun)
    return min(found)


def measured(sim: Any, variant: Variant | None, cell: str, size: int, repeats: int) -> float:
    """Return the time of a second with a rule, or with no synapses."""
    sim.setup(timestep=0.1, min_delay=1.0, rng_seed=1)
    sources = sim.Population(size, sim.SpikeSourcePoisson(rate=RATE))
    teacher = sim.Population(size, sim.SpikeSourcePoisson(rate=RATE))
    cells = sim.Population(size, getattr(sim, cell)())
    sim.Projection(
        teacher, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=STRENGTH[cell], delay=1.0)
    )
    pool = sim.Population(1, sim.DopaminePool())
    reward = sim.Population(1, sim.SpikeSourcePoisson(rate=1.0))
    sim.Projection(
        reward, pool, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0), receptor_type="dopamine"
    )  # fmt: skip
    if variant is not None:
        connector = sim.FixedProbabilityConnector(CHANCE, rng=sim.NumpyRNG(seed=3))
        sim.Projection(sources, cells, connector, variant.make(pool))
    return seconds(sim.run, repeats)


def nest_seconds(name: str, size: int, repeats: int) -> float:
    """Return the time of NEST's counterpart of a rule."""
    import nest

    model, parameters = COUNTERPARTS[name]
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.resolution = 0.1
    drive = nest.Create("poisson_generator", params={"rate": RATE})
    sources = nest.Create("parrot_neuron", size)
    nest.Connect(drive, sources, syn_spec={"delay": 1.0})
    clopath = name == "ClopathSTDP"
    cells = nest.Create("aeif_psc_delta_clopath" if clopath else "iaf_psc_exp", size)
    nest.Connect(
        drive, cells, syn_spec={"delay": 1.0, "weight": 100.0 if clopath else 1e3 * STRENGTH["IF_curr_exp"]}
    )
    own = dict(parameters)
    if name == "DopamineSTDP":
        reward, spikes = nest.Create("poisson_generator", params={"rate": 1.0}), nest.Create("parrot_neuron")
        own["volume_transmitter"] = transmitter = nest.Create("volume_transmitter")
        nest.Connect(reward, spikes, syn_spec={"delay": 1.0})
        nest.Connect(spikes, transmitter, syn_spec={"delay": 1.0})
    nest.CopyModel(model, "rule", own)
    where = {"rule": "pairwise_bernoulli", "p": CHANCE}
    nest.Connect(sources, cells, where, {"synapse_model": "rule", "delay": 1.0, "weight": WEIGHT * 1e3})
    return seconds(nest.Simulate, repeats)


def least(
    sim: Any, chosen: list[Variant], size: int, repeats: int, turns: int
) -> dict[tuple[str, str], float]:
    """Return the least time of each rule with its cells, and of pairs and of no rule, ``""``, with the same."""
    pair = next(v for v in chosen if v.name == PAIR)
    runs: dict[tuple[str, str], Variant | None] = {}
    for variant in chosen:
        cell = variant.cell
        runs |= {("", cell): None, (PAIR, cell): pair, (variant.name, cell): variant}
    found = dict.fromkeys(runs, float("inf"))
    for _ in range(turns):
        for (name, cell), variant in runs.items():
            found[name, cell] = min(found[name, cell], measured(sim, variant, cell, size, repeats))
    return found


def table(rules: list[str] | None, size: int, repeats: int, turns: int, nest: bool) -> list[tuple[str, ...]]:
    """Return the rows: name, run, its ratio to the pair rule's, ns per event and their ratio, NEST's run and its ratio
    to ours."""
    import pyNN.codegen as sim

    chosen = [v for v in variants(sim) if rules is None or v.name in (PAIR, *rules)]
    events = CHANCE * size * size * 2 * RATE * DURATION / 1e3
    found = least(sim, chosen, size, repeats, turns)
    rows = []
    for variant in chosen:
        empty, pairs, took = (found[name, variant.cell] for name in ("", PAIR, variant.name))
        row = [
            variant.name,
            f"{took:.3f} s",
            f"{took / pairs:.2f}",
            f"{max(took - empty, 0) / events * 1e9:.1f}",
            f"{max(took - empty, 0) / max(pairs - empty, 1e-9):.2f}",
        ]
        if nest and variant.name in COUNTERPARTS:
            theirs = nest_seconds(variant.name, size, repeats)
            row += [f"`{COUNTERPARTS[variant.name][0]}` {theirs:.2f} s", f"{theirs / took:.1f}"]
        rows.append((*row, "", "")[:7])
    return rows


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plasticity", description=__doc__)
    parser.add_argument("--rules", help="names of the first column, separated by semicolons")
    parser.add_argument("--size", type=int, default=1000, help="sources, and cells")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--turns", type=int, default=1, help="how often all rules are measured, one after the other"
    )
    parser.add_argument("--no-nest", action="store_true", help="do not measure NEST, even if it is there")
    given = parser.parse_args(arguments)
    sys.argv = sys.argv[:1]  # NEST reads it
    nest = not given.no_nest
    if nest:
        try:
            import nest as _  # noqa: F401
        except ImportError:
            print("NEST is not installed: its columns stay empty", file=sys.stderr)
            nest = False
    rows = table(
        given.rules.split(";") if given.rules else None, given.size, given.repeats, given.turns, nest
    )
    print("| rule | run | times that of pairs | ns per event | times those of pairs | NEST | times ours |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
