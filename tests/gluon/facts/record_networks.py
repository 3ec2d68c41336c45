"""Asks real MXNet what small networks compute and how they train, and writes networks.json beside this file.

Run with MXNet's own Python; the tests need only what it wrote. The networks are written down in `networks.py`, which
the tests use too.
"""

import json
import sys
from pathlib import Path

import mxnet as mx

sys.path.insert(0, str(Path(__file__).parent))
import networks

facts = [
    {"network": name, "seed": seed, **networks.train(mx, make, seed)}
    for name, make in networks.NETWORKS.items()
    for seed in networks.SEEDS
]
lines = ",\n".join(json.dumps(fact) for fact in facts)
Path(__file__).with_name("networks.json").write_text(f"[\n{lines}\n]\n")
print(len(facts), "facts")
