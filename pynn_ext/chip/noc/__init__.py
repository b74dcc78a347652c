"""Network on chip: a mesh or torus of routers that carries messages between cores, cycle by cycle."""

from .mesh import Mesh
from .messages import Messages, Trace
from .network import Network, simulate

__all__ = ["Mesh", "Messages", "Network", "Trace", "simulate"]
