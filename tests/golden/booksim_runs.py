"""The configurations and loads of BookSim2's curves, on our mesh."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pynn_ext.chip.noc import Mesh, Messages, Network, Trace

GOLDEN = Path(__file__).parent / "booksim"
ROUTING = {"dim_order": "xy", "dor": "xy", "xy_yx": "xy-yx"}


@dataclass(frozen=True)
class Curve:
    """One file: options and points."""

    name: str
    options: dict[str, str]
    points: tuple[dict[str, str], ...]

    @classmethod
    def read(cls, path: Path) -> Curve:
        head, *rows = path.read_text().splitlines()
        parts = [part.strip().split("=", 1) for part in head.lstrip("# ").split(";") if "=" in part]
        return cls(path.stem, dict(parts), tuple(csv.DictReader(rows)))

    @property
    def flits(self) -> int:
        return int(self.options["packet_size"])

    @property
    def mesh(self) -> Mesh:
        number = {key: int(value) for key, value in self.options.items() if value.lstrip("-").isdigit()}
        link = 2 if self.options["topology"] == "torus" else 1
        return Mesh(
            number["k"],
            number["k"],
            torus=self.options["topology"] == "torus",
            virtual_channels=number["num_vcs"],
            buffer=number["vc_buf_size"],
            routing=ROUTING[self.options["routing_function"]],
            route_delay=number["routing_delay"],
            vc_delay=number["vc_alloc_delay"],
            switch_delay=number["sw_alloc_delay"],
            crossbar_delay=number["st_prepare_delay"] + number["st_final_delay"],
            credit_delay=number["credit_delay"],
            speculative=bool(number.get("speculative", 0)),
            latency_x=link,
            latency_y=link,
        )

    def stable(self) -> list[tuple[float, float, float]]:
        """Rate, latency and routers passed of the loads that BookSim carried; several seeds are averaged."""
        found = {}
        for rate in sorted({float(p["rate"]) for p in self.points}):
            runs = [p for p in self.points if float(p["rate"]) == rate and p["stable"] == "1"]
            if runs:
                mean = [np.mean([float(p[name]) for p in runs]) for name in ("pkt_lat", "hops")]
                found[rate] = (float(mean[0]), float(mean[1]))
        return [(rate, *found[rate]) for rate in found]

    @property
    def saturation(self) -> float | None:
        """The load at which the latency is three times that of an empty network, between two points."""
        points = self.stable()
        limit = 3 * points[0][1]
        for (low, before, _), (high, behind, _) in zip(points, points[1:], strict=False):
            if before < limit <= behind:
                share = np.log(limit / before) / np.log(behind / before)
                return float(low + share * (high - low))
        return None

    @property
    def carried(self) -> float:
        """The saturation point, or where BookSim gave up or stopped before the latency had grown so much."""
        refused = [float(p["rate"]) for p in self.points if p["stable"] == "0"]
        points = self.stable()
        return self.saturation or min(refused, default=points[-1][0])


def destinations(pattern: str, source: np.ndarray, columns: int, draws: np.random.Generator) -> np.ndarray:
    """Where BookSim's traffic patterns send a packet (Dally & Towles 2004, section 3.2)."""
    nodes = columns * columns
    y, x = np.divmod(source, columns)
    if pattern == "uniform":
        return draws.integers(0, nodes, len(source))
    if pattern == "transpose":
        return x * columns + y
    if pattern == "bitcomp":
        return nodes - 1 - source
    if pattern == "neighbor":
        return (y + 1) % columns * columns + (x + 1) % columns
    if pattern == "tornado":
        step = (columns + 1) // 2 - 1
        return (y + step) % columns * columns + (x + step) % columns
    assert pattern.startswith("hotspot")
    return np.full(len(source), int(pattern[len("hotspot({") : -2]))


def run(curve: Curve, rate: float, cycles: int, seed: int = 1) -> tuple[Trace, np.ndarray]:
    """Bernoulli traffic; the trace and which deliveries count: after a warm-up of 3000 cycles."""
    draws = np.random.default_rng(seed)
    mesh = curve.mesh
    fires = draws.random((cycles, mesh.terminals)) < rate / curve.flits
    time, source = np.nonzero(fires)
    network = Network(mesh)
    target = destinations(curve.options["traffic"], source, mesh.columns, draws)
    network.send(Messages(time, source, target, curve.flits))
    network.advance(3 * cycles)
    trace = network.trace()
    return trace, (trace.generated >= 3000) & (trace.arrived >= 0)


def latency(curve: Curve, rate: float, cycles: int, routers: float | None = None) -> tuple[float, float]:
    """Mean latency, and the standard error of a run of three periods of 1000 cycles, BookSim's shortest.

    With ``routers`` the mean is corrected for the sample of ways: golden runs of few packets are noisy.
    """
    trace, counts = run(curve, rate, cycles)
    spent = trace.arrived - trace.generated
    mean = float(spent[counts].mean())
    mesh, hops = curve.mesh, trace.hops
    excess = spent - (mesh.pipeline + mesh.latency_x) * hops
    periods = [excess[counts & (trace.generated // 1000 == k)].mean() for k in range(3, cycles // 1000)]
    if routers is not None:
        mean += (routers - 1 - float(hops[counts].mean())) * (mesh.pipeline + mesh.latency_x)
    return mean, float(np.std(periods, ddof=1) / np.sqrt(3))


CURVES = {path.stem: Curve.read(path) for path in sorted(GOLDEN.glob("*.csv")) if "pairs" not in path.stem}
