"""``python -m tests.conformance.record [TEXT]``: makes ``examples.json``, or its lines that contain a text.

Each example runs on the first of `SIMULATORS` that can. Run as a child (with arguments as those of `observe`), this
module first mends the defects of PyNN's common code that keep all of them from running some examples.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from pyNN import common, connectors, random

from . import observe
from .examples import REFERENCE, command_lines, run
from .pynn_source import unpack
from .pynn_tests import PASSED

SIMULATORS = ("nest", "neuron")
INSTEAD = {
    # pyNN.nest says that the weight, 3 mV, is 0.003
    "Izhikevich.py --plot-figure": ("neuron",),
    # pyNN.nest cannot record IF_curr_delta and the script leaves it out on NEURON
    "synaptic_input.py --plot-figure": ("brian2",),
}


def mend_pynn() -> None:
    """Mend what every simulator shares.

    OneToOneConnector does not connect populations of size 1, assemblies have no local size, generators do not take
    the `mask_local` of an example, and parameters that are vectors cannot be read (an example prints them).
    """
    one_to_one, draw, get = (
        connectors.OneToOneConnector.connect,
        random.WrappedRNG.next,
        common.Population.get,
    )

    def connect(self: Any, projection: Any) -> None:
        if projection.shape == (1, 1):
            connectors.AllToAllConnector(safe=self.safe, callback=self.callback).connect(projection)
        else:
            one_to_one(self, projection)

    def draw_all(self: Any, *args: Any, mask_local: Any = None, **kwargs: Any) -> Any:
        return draw(self, *args, **kwargs)

    def get_if_possible(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return get(self, *args, **kwargs)
        except ValueError:
            return None

    connectors.OneToOneConnector.connect = connect
    random.WrappedRNG.next = draw_all
    common.Population.get = get_if_possible
    common.Assembly.local_size = property(lambda assembly: len(assembly.local_cells))


def turn_currents(result: dict[str, Any]) -> None:
    """Turn the sign of synaptic currents: NEURON's out of a cell are positive, PyNN's and NEST's into it."""
    for network in result["networks"]:
        for population in network.get("populations", []):
            for segment in population.get("segments", []):
                for name, signal in segment["signals"].items():
                    if name.endswith(".isyn"):
                        signal["mean"] *= -1.0


def main(text: str = "") -> None:
    """Run every example, or those whose command line contains `text`."""
    reference = json.loads(REFERENCE.read_text()) if text else {}
    with tempfile.TemporaryDirectory() as name:
        source = unpack(Path(name))
        for number, line in enumerate(command_lines(source)):
            if text not in line:
                continue
            reference[line] = {}
            for simulator in INSTEAD.get(line, SIMULATORS):
                folder = Path(name) / f"{number}-{simulator}"
                outcome, result, _ = run(source, line, simulator, folder, mend=True)
                print(line, simulator, outcome.kind, outcome.message, flush=True)
                if outcome.kind == PASSED:
                    if simulator == "neuron":
                        turn_currents(result)
                    reference[line] = {"simulator": simulator, **result}
                    break
    REFERENCE.write_text(json.dumps(reference, indent=1) + "\n")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        mend_pynn()
        observe.main(*sys.argv[1:])
    else:
        main(*sys.argv[1:])
