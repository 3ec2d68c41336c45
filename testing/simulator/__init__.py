"""The simulated cluster: the real state machines of all roles on virtual time, with injected faults, from one seed.

`run(seed)` draws a scenario, runs it to its end and gives an Outcome, or raises Violation with the story of every node.
"""

from .cluster import Outcome, Simulation, run
from .hunt import hunt
from .reference import Violation
from .scenario import Scenario, make

__all__ = ["Outcome", "Scenario", "Simulation", "Violation", "hunt", "make", "run"]
