"""Trainer: MXNet's steps with and without stores, several contexts, states, and its errors."""

from __future__ import annotations

import numpy as np
import pytest

import mxl as mx
from mxl import gluon
from mxl.gluon import Trainer, nn
from mxl.kvstore import KVStoreBase

ONE, TWO = (mx.cpu(0),), (mx.cpu(0), mx.cpu(1))


def layer(contexts=ONE):
    """Weights of 1, whose gradients are 2 on each context, biases of 0, whose gradients are 2."""
    net = nn.Dense(2, in_units=2, prefix="d_")
    net.initialize("ones", ctx=list(contexts))
    return net


def backward(net, contexts=ONE):
    with mx.autograd.record():
        losses = [net(mx.nd.ones((2, 2), ctx=ctx)).sum() for ctx in contexts]
    mx.autograd.backward(losses)


def sgd(net, lr=0.1, **kwargs):
    optimizer_params = {"learning_rate": lr, **kwargs.pop("optimizer_params", {})}
    return Trainer(net.collect_params(), "sgd", optimizer_params, **kwargs)


def weights(net):
    return [float(array.asnumpy()[0, 0]) for array in net.weight.list_data()]


@pytest.mark.parametrize(
    "kvstore, update_on_kvstore, contexts, store, updates_there, after",
    [
        ("device", None, ONE, None, None, [0.9]),
        ("local", None, ONE, None, None, [0.9]),
        ("local", False, ONE, None, None, [0.9]),
        (None, None, ONE, None, None, [0.9]),
        ("device", None, TWO, "device", True, [0.8, 0.8]),
        ("local", None, TWO, "local", True, [0.8, 0.8]),
        ("device", True, TWO, "device", True, [0.8, 0.8]),
        ("local", False, TWO, "local", False, [0.8, 0.8]),
        (None, None, TWO, None, None, [0.9, 0.9]),
        ("teststore", None, TWO, "teststore", False, [0.8, 0.8]),
    ],
)
def test_which_store_and_what_a_step_does(kvstore, update_on_kvstore, contexts, store, updates_there, after):
    net = layer(contexts)
    trainer = sgd(net, kvstore=kvstore, update_on_kvstore=update_on_kvstore)
    backward(net, contexts)
    trainer.step(2)
    assert (trainer.kvstore and trainer.kvstore.type) == store
    assert trainer._update_on_kvstore is updates_there
    np.testing.assert_allclose(weights(net), after, rtol=1e-6)


def test_a_store_object_is_used_even_on_one_context():
    store = mx.kv.create("local")
    net = layer()
    trainer = sgd(net, kvstore=store)
    backward(net)
    trainer.step(2)
    assert trainer.kvstore is store
    assert trainer._update_on_kvstore is True
    np.testing.assert_allclose(weights(net), [0.9], rtol=1e-6)


def test_a_setting_decides_where_updates_run(monkeypatch):
    monkeypatch.setenv("MXNET_UPDATE_ON_KVSTORE", "0")
    net = layer(TWO)
    trainer = sgd(net)
    backward(net, TWO)
    trainer.step(2)
    assert trainer._update_on_kvstore is False
    np.testing.assert_allclose(weights(net), [0.8, 0.8], rtol=1e-6)


def test_keys_are_the_places_of_names_in_order():
    trainer = sgd(layer())
    assert [param.name for param in trainer._params] == ["d_bias", "d_weight"]
    net = layer()
    assert Trainer([net.weight, net.bias], "sgd")._params == [net.weight, net.bias]


def test_learning_rate():
    net = layer()
    trainer = sgd(net)
    assert trainer.learning_rate == 0.1
    trainer.set_learning_rate(0.5)
    assert trainer.learning_rate == 0.5
    backward(net)
    trainer.step(1)
    assert weights(net) == [0]


@pytest.mark.parametrize("contexts", [ONE, TWO])
def test_learning_rate_reaches_the_store(contexts):
    net = layer(contexts)
    trainer = sgd(net, kvstore=mx.kv.create("local"))
    for lr, expected in [(0.1, 1 - 0.2 * len(contexts)), (0.5, 1 - 1.2 * len(contexts))]:
        trainer.set_learning_rate(lr)
        backward(net, contexts)
        trainer.step(1)
        np.testing.assert_allclose(weights(net), expected, rtol=1e-5)


def test_a_schedule_decides():
    net = layer()
    schedule = mx.lr_scheduler.FactorScheduler(1, 0.5)
    trainer = sgd(net, lr=1.0, optimizer_params={"lr_scheduler": schedule})
    seen = []
    for _ in range(3):
        backward(net)
        trainer.step(1)
        seen.append((trainer.learning_rate, weights(net)[0]))
    assert seen == [(1.0, -1.0), (0.5, -2.0), (0.25, -2.5)]
    with pytest.raises(UserWarning, match="FactorScheduler says the rate; set its base_lr"):
        trainer.set_learning_rate(0.5)


def test_rescale_grad_multiplies():
    net = layer()
    trainer = sgd(net, optimizer_params={"rescale_grad": 0.5})
    backward(net)
    trainer.step(2)
    np.testing.assert_allclose(weights(net), [0.95], rtol=1e-6)
    assert trainer.optimizer.rescale_grad == 0.25


def test_the_batch_size_may_change():
    net = layer()
    trainer = sgd(net)
    for batch_size, expected in [(2, 0.9), (1, 0.7), (4, 0.65)]:
        backward(net)
        trainer.step(batch_size)
        np.testing.assert_allclose(weights(net), [expected], rtol=1e-5)


@pytest.mark.parametrize("kvstore", ["device", "object"])
def test_multipliers_of_parameters(kvstore):
    net = layer()
    net.weight.lr_mult = 0.5
    net.bias.wd_mult = 0
    store = mx.kv.create("local") if kvstore == "object" else kvstore
    trainer = sgd(net, optimizer_params={"wd": 0.1}, kvstore=store)
    net.weight.lr_mult = 2  # counts: multipliers are read when they are used
    backward(net)
    trainer.step(1)
    np.testing.assert_allclose(weights(net), [0.58], rtol=1e-6)
    np.testing.assert_allclose(net.bias.data().asnumpy(), [-0.2, -0.2], rtol=1e-6)


def test_frozen_parameters_stay():
    net = layer()
    net.bias.grad_req = "null"
    trainer = sgd(net)
    backward(net)
    trainer.step(1)
    assert net.bias.data().asnumpy().tolist() == [0, 0]
    np.testing.assert_allclose(weights(net), [0.8], rtol=1e-6)


def test_gradients_that_add_up():
    net = layer()
    net.collect_params().setattr("grad_req", "add")
    trainer = sgd(net)
    backward(net)
    backward(net)
    trainer.step(1)
    np.testing.assert_allclose(weights(net), [0.6], rtol=1e-6)


STALE = r"Parameter 'd_bias' on cpu.0. has a stale gradient: no backward wrote it since the last step"


@pytest.mark.parametrize("contexts, kvstore", [(ONE, "device"), (TWO, None), (TWO, "device")])
def test_a_step_needs_a_backward(contexts, kvstore):
    net = layer(contexts)
    trainer = sgd(net, kvstore=kvstore)
    with pytest.raises(UserWarning, match=STALE):
        trainer.step(1)
    assert weights(net) == [1] * len(contexts)


def test_a_second_step_needs_another_backward():
    net = layer()
    trainer = sgd(net)
    backward(net)
    trainer.step(1)
    before = weights(net)
    with pytest.raises(UserWarning, match=STALE):
        trainer.step(1)
    with pytest.raises(UserWarning, match=STALE):
        trainer.update(1)
    trainer.step(1, ignore_stale_grad=True)
    assert weights(net) == before


def test_stale_parameters_are_left_alone():
    used, unused = nn.Dense(1, in_units=1, prefix="a_"), nn.Dense(1, in_units=1, prefix="b_")
    params = used.collect_params()
    params.update(unused.collect_params())
    params.initialize("ones")
    trainer = Trainer(params, "sgd", {"learning_rate": 0.1, "wd": 1.0})
    with mx.autograd.record():
        loss = used(mx.nd.ones((1, 1)))
    loss.backward()
    trainer.step(1, ignore_stale_grad=True)
    assert weights(unused) == [1]
    assert weights(used) != [1]


def test_sum_then_clip_then_update():
    net = layer(TWO)
    trainer = sgd(net, update_on_kvstore=False)
    backward(net, TWO)
    trainer.allreduce_grads()
    assert [g.asnumpy()[0, 0] for g in net.weight.list_grad()] == [4, 4]
    for grads in zip(*(p.list_grad() for p in net.collect_params().values()), strict=True):
        gluon.utils.clip_global_norm(grads, 1.0)
    trainer.update(1)
    after = weights(net)
    assert after[0] == after[1]
    assert 0.9 < after[0] < 1


def test_no_sum_or_update_by_hand_where_the_store_updates():
    net = layer(TWO)
    trainer = sgd(net)
    backward(net, TWO)
    for call in (trainer.allreduce_grads, lambda: trainer.update(1)):
        with pytest.raises(
            AssertionError, match=r"the store applies the optimizer, .* update_on_kvstore=False"
        ):
            call()


def test_a_store_is_a_kind_or_a_store():
    net = layer()
    backward(net)
    with pytest.raises(TypeError, match="kvstore=5: expected a kind of store, such as 'device', a store, or None"):
        sgd(net, kvstore=5).step(1)


def test_deferred_parameters_join_at_the_first_step():
    net = nn.Dense(2, prefix="d_")
    net.initialize("ones")
    trainer = Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, kvstore=mx.kv.create("local"))
    with pytest.raises(gluon.DeferredInitializationError, match="d_weight"):
        trainer.step(1, ignore_stale_grad=True)
    backward(net)
    trainer.step(1)
    np.testing.assert_allclose(weights(net), [0.8], rtol=1e-6)


def test_set_data_reaches_the_store():
    net = layer(TWO)
    trainer = sgd(net)
    backward(net, TWO)
    trainer.step(1)
    net.weight.set_data(mx.nd.ones((2, 2)) * 7)
    backward(net, TWO)
    trainer.step(1)
    np.testing.assert_allclose(weights(net), [6.6, 6.6], rtol=1e-6)


def test_set_data_cannot_reach_a_store_of_the_users():
    net = layer()
    trainer = sgd(net, kvstore=mx.kv.create("local"))
    net.weight.set_data(mx.nd.ones((2, 2)) * 7)
    backward(net)
    trainer.step(1)
    with pytest.raises(
        RuntimeError, match=r"Parameter 'd_weight': set_data\(\) has no effect on the store of kind 'local'"
    ):
        net.weight.set_data(mx.nd.ones((2, 2)))


# ---- what a store is told ----


class Witness(KVStoreBase):
    """Writes down its calls."""

    type = "witness"
    capable = False

    def __init__(self):
        self.calls = []

    def is_capable(self, capability):
        return self.capable

    def set_optimizer(self, optimizer):
        self.calls.append("set_optimizer")

    def broadcast(self, key, value, out, priority=0):
        self.calls.append(("broadcast", key, len(out)))

    def pushpull(self, key, value, out=None, priority=0):
        self.calls.append(("pushpull", key, len(value), None if out is None else len(out), priority))

    def set_batch(self, samples):
        self.calls.append(("set_batch", samples))

    def set_gradient_compression(self, params):
        self.calls.append(("compression", params))


def test_calls_to_a_store_that_only_sums():
    net, store = layer(TWO), Witness()
    trainer = sgd(net, kvstore=store)
    backward(net, TWO)
    trainer.step(1)
    first = [("broadcast", 0, 2), ("broadcast", 1, 2)]
    step = [("pushpull", 0, 2, None, 0), ("pushpull", 1, 2, None, -1)]
    assert store.calls == first + step
    backward(net, TWO)
    trainer.step(1)
    assert store.calls == first + step + step


def test_calls_to_a_store_that_updates():
    net, store = layer(), Witness()
    store.capable = True
    trainer = sgd(net, kvstore=store, compression_params={"type": "2bit"})
    backward(net)
    trainer.step(1)
    assert store.calls == [
        ("compression", {"type": "2bit"}), "set_optimizer", ("broadcast", 0, 1), ("broadcast", 1, 1),
        ("pushpull", 0, 1, 1, 0), ("pushpull", 1, 1, 1, -1),
    ]  # fmt: skip


def test_a_dist_store_has_the_known_values_from_the_beginning():
    net, store = nn.HybridSequential(prefix=""), Witness()
    net.add(nn.Dense(2, prefix="a_"), nn.Dense(2, in_units=2, prefix="b_"))
    net.initialize("ones")
    store.type, store.capable = "dist_sync", True
    trainer = sgd(net, kvstore=store)
    assert store.calls == [("broadcast", 0, 1), ("broadcast", 2, 1), ("broadcast", 3, 1)]
    backward(net)
    trainer.step(4)
    assert store.calls[3:5] == ["set_optimizer", ("broadcast", 1, 1)]
    assert trainer.optimizer.rescale_grad == 0.25


def test_averaging_is_left_to_a_dist_store():
    net, store = layer(), Witness()
    store.type, store.capable = "dist_sync", True
    trainer = sgd(net, kvstore=store, grad_average=True)
    backward(net)
    trainer.step(4)
    assert store.calls[3:5] == [("set_batch", 4), ("pushpull", 0, 1, 1, 0)]
    assert trainer.optimizer.rescale_grad == 1


def test_averaging_elsewhere_is_the_ordinary_division():
    net = layer()
    trainer = sgd(net, grad_average=True)
    backward(net)
    trainer.step(2)
    np.testing.assert_allclose(weights(net), [0.9], rtol=1e-6)


def test_averaging_needs_the_batch_size():
    net, store = layer(), Witness()
    store.type = "dist_sync"
    trainer = sgd(net, kvstore=store, grad_average=True)
    with pytest.raises(ValueError, match="grad_average=True does not know the batch size"):
        trainer.allreduce_grads()


def test_a_store_with_the_weights_of_others():
    class Elsewhere(Witness):
        def broadcast(self, key, value, out, priority=0):
            for array in out:
                array[:] = 5

    net, store = layer(), Elsewhere()
    store.type = "dist_sync"
    sgd(net, kvstore=store)
    assert weights(net) == [5]


# ---- states ----


@pytest.mark.parametrize("contexts, update_on_kvstore", [(ONE, None), (TWO, None), (TWO, False)])
@pytest.mark.parametrize("name, options", [("sgd", {"momentum": 0.9}), ("adam", {})])
def test_training_goes_on_from_saved_states(contexts, update_on_kvstore, name, options, tmp_path):
    def begin(values=None):
        net = layer(contexts)
        if values is not None:
            for param, value in zip(net.collect_params().values(), values, strict=True):
                param.set_data(value)
        params = {"learning_rate": 0.1, **options}
        return net, Trainer(net.collect_params(), name, params, update_on_kvstore=update_on_kvstore)

    def steps(net, trainer, n):
        for _ in range(n):
            backward(net, contexts)
            trainer.step(1)

    net, trainer = begin()
    steps(net, trainer, 2)
    trainer.save_states(str(tmp_path / "states"))
    values = [param.data(mx.cpu(0)).copy() for param in net.collect_params().values()]
    steps(net, trainer, 2)

    other, resumed = begin(values)
    resumed.load_states(str(tmp_path / "states"))
    updater = resumed.kvstore._updater if resumed._update_on_kvstore else resumed._updaters[-1]
    assert resumed.optimizer is updater.optimizer
    steps(other, resumed, 2)
    for mine, theirs in zip(net.collect_params().values(), other.collect_params().values(), strict=True):
        for a, b in zip(mine.list_data(), theirs.list_data(), strict=True):
            np.testing.assert_array_equal(a.asnumpy(), b.asnumpy())


def test_states_before_the_first_step(tmp_path):
    net = layer()
    trainer = sgd(net)
    trainer.save_states(str(tmp_path / "states"))
    trainer.load_states(str(tmp_path / "states"))
    assert trainer.learning_rate == 0.1
    assert trainer.optimizer.param_dict[1] is net.weight


def test_files_that_are_no_states(tmp_path):
    trainer = sgd(layer())
    with pytest.raises(FileNotFoundError):
        trainer.load_states(str(tmp_path / "nothing"))
    foreign = tmp_path / "foreign"
    foreign.write_bytes(b"\x80\x03}q\x00.")
    with pytest.raises(ValueError, match="foreign: no optimizer states of mxl"):
        trainer.load_states(str(foreign))


# ---- refusals ----


@pytest.mark.parametrize(
    "arguments, kind, message",
    [
        (lambda net: (3, "sgd"), ValueError, "params is <class 'int'>; expected net.collect_params"),
        (lambda net: ([3], "sgd"), ValueError, "params has a <class 'int'> in it; expected Parameters only"),
        (lambda net: ([], "sgd"), ValueError, "there are no parameters to train"),
        (lambda net: (net.collect_params(), "nosuch"), ValueError, "nosuch"),
        (lambda net: (net.collect_params(), "sgd", {"foo": 1}), TypeError, "foo"),
        (
            lambda net: (net.collect_params(), mx.optimizer.SGD(), {"learning_rate": 1}),
            AssertionError,
            "optimizer_params go with an optimizer's name; an Optimizer has its own",
        ),
    ],
)
def test_bad_arguments(arguments, kind, message):
    with pytest.raises(kind, match=message):
        Trainer(*arguments(layer()))


def test_parameters_must_be_initialised_alike():
    with pytest.raises(RuntimeError, match="Parameter 'd_bias' has not been initialised: call initialize"):
        Trainer(nn.Dense(2, prefix="d_").collect_params(), "sgd")
    params = layer(TWO).collect_params()
    other = nn.Dense(1, in_units=1, prefix="e_")
    other.initialize()
    params.update(other.collect_params())
    with pytest.raises(AssertionError, match=r"Parameter 'e_bias' is on .* all must be on the same contexts"):
        Trainer(params, "sgd")


@pytest.mark.parametrize(
    "kvstore, kind, wished, message",
    [
        ("device", None, True, "update_on_kvstore=True needs a store, but kvstore='device' makes none on one context"),
        ("witness", "witness", True, "needs a store with an optimizer, which .*Witness"),
        ("witness", "dist_async", False, "asynchronous stores sum none; leave it out"),
    ],
)
def test_where_updates_cannot_run(kvstore, kind, wished, message):
    net = layer()
    if kind is not None:
        kvstore = Witness()
        kvstore.type, kvstore.capable = kind, "async" in kind
    with pytest.raises(ValueError, match=message):
        sgd(net, kvstore=kvstore, update_on_kvstore=wished)._init_kvstore()


def test_compression_is_refused_where_there_is_none():
    net = layer()
    trainer = sgd(net, kvstore=mx.kv.create("local"), compression_params={"type": "2bit"})
    backward(net)
    with pytest.raises(mx.MXNetError, match="compression"):
        trainer.step(1)
