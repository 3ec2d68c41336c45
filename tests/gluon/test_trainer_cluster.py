"""A Trainer over servers: several workers do what one process does with all their samples."""

from __future__ import annotations

import numpy as np
import pytest

import mxl as mx
from mxl.gluon import Trainer, nn

WORKERS = 2
rng = np.random.RandomState(0)
X = rng.uniform(-1, 1, (8, 3)).astype("float32")
Y = rng.uniform(-1, 1, (8, 1)).astype("float32")
EVEN, UNEVEN = [(0, 4), (4, 8)], [(0, 2), (2, 8)]
OPTIONS = {"learning_rate": 0.5, "momentum": 0.9, "wd": 0.01}


def network(seed, deferred=False):
    """Each worker makes its own with the same names; the thread that makes it decides on no one else's numbers."""
    net = nn.HybridSequential(prefix="")
    net.add(
        nn.Dense(4, activation="tanh", in_units=0 if deferred else 3, prefix="a_"),
        nn.Dense(1, in_units=0 if deferred else 4, prefix="b_"),
    )
    net.initialize(mx.init.Constant(0.1 * (seed + 1)))
    return net


def steps(net, trainer, part, n, batch_size):
    loss_of = mx.gluon.loss.L2Loss()
    x, y = mx.nd.array(X[slice(*part)]), mx.nd.array(Y[slice(*part)])
    for _ in range(n):
        with mx.autograd.record():
            loss = loss_of(net(x), y)
        loss.backward()
        trainer.step(batch_size)


def values(net):
    return {name: param.data().asnumpy() for name, param in net.collect_params().items()}


def one_process(n=3, then=0):
    """Weights after n steps on all samples, and `then` more at half the learning rate."""
    net = network(0)
    trainer = Trainer(net.collect_params(), "sgd", dict(OPTIONS))
    steps(net, trainer, (0, 8), n, 8)
    trainer.set_learning_rate(OPTIONS["learning_rate"] / 2)
    steps(net, trainer, (0, 8), then, 8)
    return values(net)


def on_a_cluster(work, servers=1):
    """What each worker's `work(rank)` returns."""
    with mx.testing.cluster(workers=WORKERS, servers=servers) as cluster:
        return cluster.run(work)


def agree(results, expected):
    for result in results:
        assert result.keys() == expected.keys()
        for name, value in result.items():
            np.testing.assert_array_equal(value, results[0][name])  # all ranks hold the same bits
            np.testing.assert_allclose(value, expected[name], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("update_on_kvstore", [True, False])
@pytest.mark.parametrize(
    "parts, grad_average", [(EVEN, False), (EVEN, True), (UNEVEN, True)], ids=["sum", "average", "uneven"]
)
def test_workers_do_what_one_process_does(update_on_kvstore, parts, grad_average):
    def work(rank):
        net = network(rank)  # each rank begins elsewhere: rank 0's values count
        trainer = Trainer(
            net.collect_params(), "sgd", dict(OPTIONS), kvstore="dist_sync", update_on_kvstore=update_on_kvstore,
            grad_average=grad_average,
        )  # fmt: skip
        assert (trainer.kvstore.type, trainer.kvstore.rank) == ("dist_sync", rank)
        batch_size = parts[rank][1] - parts[rank][0] if grad_average else 8
        steps(net, trainer, parts[rank], 3, batch_size)
        return values(net)

    agree(on_a_cluster(work, servers=2), one_process())


def test_deferred_parameters_and_a_changing_learning_rate():
    def work(rank):
        net = network(0, deferred=True)
        trainer = Trainer(net.collect_params(), "sgd", dict(OPTIONS), kvstore="dist_sync")
        steps(net, trainer, EVEN[rank], 1, 8)
        trainer.set_learning_rate(0.25)
        steps(net, trainer, EVEN[rank], 2, 8)
        return values(net)

    agree(on_a_cluster(work), one_process(1, then=2))


def test_multipliers_reach_the_servers():
    def work(rank):
        net = network(0)
        net[0].weight.lr_mult = 0.0
        trainer = Trainer(net.collect_params(), "sgd", dict(OPTIONS), kvstore="dist_sync")
        steps(net, trainer, EVEN[rank], 2, 8)
        return values(net)

    (result, _) = on_a_cluster(work)
    np.testing.assert_array_equal(result["a_weight"], np.full((4, 3), 0.1, "float32"))
    assert (result["b_weight"] != np.float32(0.1)).all()


def test_states_go_on_from_a_file(tmp_path):
    def work(rank):
        net = network(0)
        trainer = Trainer(net.collect_params(), "sgd", dict(OPTIONS), kvstore="dist_sync")
        steps(net, trainer, EVEN[rank], 2, 8)
        if rank == 0:
            trainer.save_states(str(tmp_path / "states"))
        trainer.kvstore.barrier()
        trainer.load_states(str(tmp_path / "states"))
        assert trainer.optimizer is trainer.kvstore.optimizer
        trainer.set_learning_rate(0.25)
        steps(net, trainer, EVEN[rank], 1, 8)
        return values(net)

    agree(on_a_cluster(work), one_process(2, then=1))


def test_values_cannot_be_set_behind_the_servers_back():
    def work(rank):
        net = network(0)
        trainer = Trainer(net.collect_params(), "sgd", dict(OPTIONS), kvstore="dist_sync")
        with pytest.raises(RuntimeError, match="has no effect on the store of kind 'dist_sync'"):
            net[0].weight.set_data(mx.nd.ones((4, 3)))
        return trainer.kvstore.num_workers

    with mx.testing.cluster(workers=1, servers=1) as cluster:
        assert cluster.run(work) == [1]


def test_async_training_needs_the_store_to_update():
    def work(rank):
        net = network(0)
        with pytest.raises(ValueError, match="asynchronous stores sum none; leave it out"):
            Trainer(net.collect_params(), "sgd", kvstore="dist_async", update_on_kvstore=False)
        trainer = Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5}, kvstore="dist_async")
        steps(net, trainer, (0, 8), 3, 8)
        return values(net)

    with mx.testing.cluster(workers=1, servers=1) as cluster:
        (result,) = cluster.run(work)
    net = network(0)
    trainer = Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5})
    steps(net, trainer, (0, 8), 3, 8)
    agree([result], values(net))
