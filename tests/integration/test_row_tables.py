"""Row tables of a Trainer over servers, in jobs of real processes: ranks agree, and with one process."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.slow

FACTORISE = """
    import hashlib, sys
    import numpy as np
    import mxl as mx

    USERS, ITEMS, WIDTH = 500, 300, 4
    kind, steps = sys.argv[1], 12
    mx.random.seed(1)
    params = mx.gluon.ParameterDict()
    tables = [params.get(name, shape=(rows, WIDTH), stype="row_sparse", grad_stype="row_sparse")
              for name, rows in (("items", ITEMS), ("users", USERS))]
    devices = [mx.cpu(0), mx.cpu(1)] if kind == "local" else [mx.cpu(0)]
    params.initialize(mx.init.Normal(0.3), ctx=devices)
    trainer = mx.gluon.Trainer(params, "adagrad", {"learning_rate": 0.3}, kvstore=kind)
    ranks = [0, 1] if kind == "local" else [trainer.kvstore.rank]
    before = after = 0.0
    for step in range(steps):
        for ctx, rank in zip(devices, ranks):
            rng = np.random.default_rng([step % 3, rank])
            items, users = (mx.nd.array(rng.integers(0, rows, 32), ctx=ctx) for rows in (ITEMS, USERS))
            scores = mx.nd.array(rng.random(32), ctx=ctx)
            with mx.autograd.record():
                left, right = (mx.nd.Embedding(ids, table.row_sparse_data(ids), input_dim=table.shape[0],
                                               output_dim=WIDTH, sparse_grad=True)
                               for table, ids in zip(tables, (items, users)))
                loss = (((left * right).sum(axis=1) - scores) ** 2).mean()
            loss.backward()
            before, after = before or loss.asscalar(), loss.asscalar()
        trainer.step(2)
    digest = hashlib.sha256()
    for table in tables:
        digest.update(table.list_row_sparse_data(mx.nd.arange(table.shape[0]))[0].asnumpy().tobytes())
    print("digest", digest.hexdigest(), "better" if after < before / 2 else f"{before} {after}")
"""


@pytest.mark.timeout(120)
def test_two_workers_and_two_servers_have_the_bits_of_one_process(launch) -> None:
    cut = {"MXL_BIGARRAY_BOUND_BYTES": "1000", "MXL_SHARD_BYTES": "1000"}
    digests: list[str] = []
    for kind, workers, servers in (("local", 1, 1), ("dist_sync", 2, 2), ("dist_sync", 2, 3)):
        code, out = launch(FACTORISE, workers, servers, words=(kind,), **cut).end()
        assert code == 0, out
        found = re.findall(r"digest (\w{64}) better", out)
        assert len(found) == workers, out
        digests += found
    assert len(set(digests)) == 1
