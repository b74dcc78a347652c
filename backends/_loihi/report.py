"""What Loihi did: counts, time and energy of steps, and the use of its cores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pynn_ext.chip.energy import Ledger
from pynn_ext.chip.record import digest

from . import mesh

if TYPE_CHECKING:
    from .program import LoihiProgram

COMPONENTS = ("soma", "synapse", "network", "learning")


class Counts:
    """Sums over the steps of a run."""

    def __init__(self, program: LoihiProgram) -> None:
        self.program = program
        self.steps = self.spikes = self.events = self.messages = self.hops = self.learned = 0
        self.energy = Ledger(*COMPONENTS)
        self.time, self.learning_time, self.longest, self.longest_step = 0.0, 0.0, 0.0, 0
        self.step_times: list[float] = []
        self.step_cores: list[int] = []
        self.waiting, self.traffic = 0.0, np.zeros((1, 1, 1), np.int64)
        self.critical = np.zeros(len(program.routes.use.cells), np.int64)

    def continued(self, program: LoihiProgram) -> Counts:
        """Return the same sums, to go on with another program."""
        self.program = program
        if len(self.critical) != len(program.routes.use.cells):
            self.critical = np.zeros(len(program.routes.use.cells), np.int64)
        return self

    def step(self, fired: Any, updated: Any) -> None:
        """Add what a step did.

        Parameters
        ----------
        fired : ndarray
            Cells.
        updated : ndarray
            int64, shape ``(cores,)``: synapses of each core that learned.
        """
        program = self.program
        core, costs = program.core, program.costs
        c = core.compartments
        active = (core.touched > 0) | (c.u != 0) | (c.v != 0) | (c.bias != 0)
        learned = int(updated.sum())
        self.energy.add(costs.energy(fired, active, learned))
        messages = costs.messages(fired, active)
        real = messages.destination >= 0
        self.steps += 1
        self.spikes += len(fired)
        self.events += core.events
        self.messages += int(np.count_nonzero(real))
        self.hops += int(messages.hops.sum())
        self.learned += learned
        self._time(messages, updated)

    def _time(self, messages: Any, updated: Any) -> None:
        program = self.program
        costs, model = program.costs, program.settings["timing"]
        if model == "cycle":
            step = mesh.cycle(costs, messages, program.chips)
            time, critical = step.time, step.critical
            self.waiting += step.waiting
            same = self.traffic.shape == step.course.traffic.shape
            self.traffic = self.traffic + step.course.traffic if same else step.course.traffic
        else:
            time = costs.detailed(messages) if model == "detailed" else costs.simple(messages)
            critical = self._slowest(messages)
        # once all spikes of a step are in, each core goes through its plastic synapses
        learning = int(updated.max(initial=0)) * costs.costs.learn.time
        if learning > time:
            critical = int(updated.argmax())
        time += learning
        self.time += time
        self.learning_time += learning
        self.step_times.append(time)
        self.step_cores.append(critical)
        self.energy.flow("leakage", program.chip.leakage_w * program.chips, time)
        if time > self.longest:
            self.longest, self.longest_step = time, self.steps
        if critical >= 0:
            self.critical[critical] += 1

    def _slowest(self, messages: Any) -> int:
        """Return the core with most to send or receive, -1 if none has anything to do."""
        if not len(messages.source):
            return -1
        cores = len(self.critical)
        send = np.bincount(messages.source, messages.generation, minlength=cores)
        real = messages.destination >= 0
        receive = np.bincount(messages.destination[real], messages.processing[real], minlength=cores)
        return int(np.maximum(send, receive).argmax())

    def report(self) -> dict[str, Any]:
        """Return plain data."""
        program = self.program
        use, limits = program.routes.use, program.limits
        steps = max(self.steps, 1)
        return {
            "chip": program.chip.name,
            "chip_sha256": digest(program.chip),
            "chips": program.chips,
            "costs": program.settings["costs"],
            "time_contract": program.chip.time.name,
            "timing": program.settings["timing"],
            "steps": self.steps,
            "spikes": self.spikes,
            "synaptic_events": self.events,
            "messages": self.messages,
            "hops": self.hops,
            "synapses_updated": self.learned,
            "accumulators_wrapped": int(program.core.beyond[0]),
            "currents_wrapped": int(program.core.beyond[1]),
            "potentials_saturated": int(program.core.beyond[2]),
            "chip_time_s": self.time,
            "time_per_step_us": 1e6 * self.time / steps,
            "longest_step_us": 1e6 * self.longest,
            "longest_step": self.longest_step,
            "learning_time_s": self.learning_time,
            "step_times_us": [round(1e6 * time, 4) for time in self.step_times],
            "step_cores": self.step_cores,
            "real_time_factor": self.time / (steps * program.network.timestep * 1e-3),
            **self.energy.report(),
            **self._mesh(),
            "limits": {name: f"{100 * part:.3g} %" for name, part in use.fractions(limits).items()},
            "use": [
                {
                    "core": int(core), "cells": int(use.cells[core]), "of": limits.cells,
                    "inputs": int(use.axons_in[core]), "of_inputs": limits.axons_in,
                    "outputs": int(use.axons_out[core]), "of_outputs": limits.axons_out,
                    "words": int(use.words[core]), "of_words": limits.memory.words,
                    "synapses": int(use.synapses[core]), "steps it ended": int(self.critical[core]),
                }
                for core in np.flatnonzero(use.cells)
            ],
        }  # fmt: skip

    def _mesh(self) -> dict[str, Any]:
        """What only the mesh knows."""
        if self.program.settings["timing"] != "cycle":
            return {}
        found: dict[str, Any] = {"messages_waited_us": 1e6 * self.waiting}
        if self.traffic.any():
            found["busiest_link"] = mesh.busiest(self.traffic, self.program.chips)
        return found
