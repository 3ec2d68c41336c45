"""What all optimizers share: rates, multipliers, counts, the registry, the wire."""

import numpy as np
import pytest

import mxl as mx
from mxl.core import lr_scheduler, optimizer
from mxl.core.errors import ArgumentError, DtypeError, InvalidSetting, ShapeError
from mxl.core.optimizer import REGISTRY, SGD, Optimizer

NAMES = {0: "a_weight", 1: "a_bias", 2: "bn_gamma", 3: "bn_beta", 4: "foo"}


class Parameter:
    lr_mult, wd_mult = 0.25, 0.5


@pytest.fixture
def registered():
    """Classes registered by a test are forgotten after it."""
    before = dict(REGISTRY.classes)
    yield
    REGISTRY.classes.clear()
    REGISTRY.classes.update(before)


@pytest.mark.parametrize(
    "kwargs, wds",
    [
        ({}, [0.1] * 7),
        ({"param_idx2name": NAMES}, [0.1, 0, 0.1, 0, 0, 0, 0.1]),
        ({"param_dict": {0: Parameter()}}, [0.05] + [0.1] * 6),
    ],
)
def test_weight_decay_spares_what_is_no_weight_once_names_are_known(kwargs, wds):
    opt = SGD(wd=0.1, **kwargs)
    assert [opt.wd_for(key) for key in (0, 1, 2, 3, 4, "a_bias", "a_weight")] == wds


def test_multipliers_by_index_and_by_name():
    opt = SGD(wd=0.1, learning_rate=1.0, param_idx2name=NAMES)
    opt.set_lr_mult({0: 0.5, "a_bias": 0.25, "x": 0.75})
    opt.set_wd_mult({0: 0.5, "a_bias": 2.0})
    assert [opt.lr_for(key, 1) for key in (0, 1, "a_bias", "x", 7)] == [0.5, 0.25, 0.25, 0.75, 1.0]
    assert [opt.wd_for(key) for key in (0, 1, 2, 3)] == [0.05, 0.2, 0.1, 0]


def test_multipliers_cross_the_wire():
    opt = SGD(wd=0.1, learning_rate=1.0, param_idx2name=NAMES, param_dict={4: Parameter()})
    opt.set_lr_mult({"a_bias": 0.25, 9: 0.5})
    sent = optimizer.from_wire(opt.to_wire())
    for key in (*NAMES, *NAMES.values(), 9):
        assert (sent.lr_for(key, 1), sent.wd_for(key)) == (opt.lr_for(key, 1), opt.wd_for(key)), key


def test_counts_go_on_from_begin_num_update():
    opt = SGD(learning_rate=1.0, begin_num_update=5, lr_scheduler=lr_scheduler.FactorScheduler(2, 0.5, base_lr=1.0))
    weight, grad = mx.nd.ones(2), mx.nd.ones(2)
    seen = []
    for _ in range(3):
        opt.update(0, weight, grad, None)
        seen.append((opt.num_update, weight.asnumpy()[0], opt.learning_rate))
    assert seen == [(6, 0.75, 0.25), (7, 0.625, 0.125), (8, 0.5, 0.125)]
    opt.update(1, weight, grad, None)
    assert (opt.num_update, opt._index_update_count) == (8, {0: 8, 1: 6})


def test_each_device_counts_its_own_updates():
    opt = SGD()
    for device in (0, 1):
        opt._set_current_context(device)
        opt._update_count([0, 1])
    assert opt.num_update == 1
    assert opt._all_index_update_counts == {0: {0: 1, 1: 1}, 1: {0: 1, 1: 1}}


@pytest.mark.parametrize(
    "name, lr",
    [
        ("sgd", 0.01),
        ("adam", 0.001),
        ("rmsprop", 0.001),
        ("adamax", 0.002),
        ("nadam", 0.001),
        ("ftrl", 0.1),
        ("signum", 0.01),
        ("adagrad", 0.01),
        ("adadelta", 0.01),
    ],
)
def test_default_rates_are_mxnets(name, lr):
    assert optimizer.create(name).learning_rate == lr


def test_learning_rate_overrides_the_schedule_s_base(capsys):
    opt = SGD(learning_rate=0.1, lr_scheduler=lr_scheduler.FactorScheduler(10, 0.5, base_lr=0.3))
    assert opt.learning_rate == 0.1
    assert capsys.readouterr().out == "learning_rate=0.1 takes the place of the schedule's base_lr=0.3\n"
    assert SGD(lr_scheduler=lr_scheduler.FactorScheduler(10, 0.5, base_lr=0.3)).learning_rate == 0.3


def test_a_schedule_refuses_set_learning_rate():
    opt = SGD(lr_scheduler=lr_scheduler.FactorScheduler(10))
    with pytest.raises(UserWarning, match="set_learning_rate: this optimizer's FactorScheduler says the rate; set"):
        opt.set_learning_rate(0.1)
    plain = SGD()
    plain.set_learning_rate(0.5)
    assert plain.hyper()["learning_rate"] == plain.learning_rate == 0.5


def test_schedule_crosses_the_wire_and_changes_by_hyper():
    opt = SGD(lr_scheduler=lr_scheduler.MultiFactorScheduler([2, 4], 0.5, base_lr=1.0))
    sent = optimizer.from_wire(opt.to_wire())
    assert [sent.lr_for(0, t) for t in (1, 3, 5)] == [1, 0.5, 0.25]
    plain = SGD(learning_rate=0.1)
    plain.set_hyper(opt.hyper())
    assert [plain.lr_for(0, t) for t in (1, 3, 5)] == [1, 0.5, 0.25]
    plain.set_hyper(SGD(learning_rate=0.2).hyper())
    assert plain.lr_for(0, 5) == 0.2


def test_names_are_found_in_any_case():
    assert isinstance(optimizer.create("SGD"), SGD)
    assert isinstance(Optimizer.create_optimizer("ccsgd", momentum=0.5), SGD)
    same = SGD()
    assert optimizer.create(same) is same


def test_own_class_with_a_step_travels(registered):
    @Optimizer.register
    class Sign(Optimizer):
        def __init__(self, power=1.0, **kwargs):
            super().__init__(**kwargs)
            self.power = power

        def step(self, weight, grad, state, out, *, lr, wd, t):
            out[...] = weight - lr * self.power * np.sign(grad)

    opt = optimizer.from_wire(Sign(power=3.0, learning_rate=0.5).to_wire())
    weight = np.ones(2, np.float32)
    opt.apply(weight, np.array([2, -2], np.float32), (), weight, lr=opt.lr_for(0, 1), wd=0, t=1)
    assert weight.tolist() == [-0.5, 2.5]


def test_own_class_with_update_stays_local(registered):
    @optimizer.register
    class Own(Optimizer):
        def create_state(self, index, weight):
            return mx.nd.zeros(weight.shape), [mx.nd.zeros(1), None]

        def update(self, index, weight, grad, state):
            state[0][:] += 1
            weight[:] -= grad * self._get_lr(index)

    opt = Own(learning_rate=0.5)
    updater = optimizer.get_updater(opt)
    weight = mx.nd.ones(2)
    updater(0, mx.nd.ones(2), weight)
    assert weight.asnumpy().tolist() == [0.5, 0.5]
    assert updater.states[0][0].asnumpy().tolist() == [1, 1]
    with pytest.raises(ArgumentError, match=r"optimizer 'own' defines update\(\) but no step"):
        opt.to_wire()
    with pytest.raises(ArgumentError, match="'Own' defines no step"):
        opt.step(None, None, (), None, lr=0, wd=0, t=1)
    again = optimizer.get_updater(opt)
    again.set_states(updater.get_states())
    again(0, mx.nd.ones(2), weight)
    assert again.states[0][0].asnumpy().tolist() == [2, 2]


def test_a_second_class_of_a_name_replaces_with_a_warning(registered):
    with pytest.warns(UserWarning, match="replaces mxl.core.optimizer.sgd.SGD"):
        optimizer.register(type("SGD", (SGD,), {}))


def test_set_lr_scale_is_the_old_name():
    opt = SGD(learning_rate=1.0)
    with pytest.warns(DeprecationWarning, match="use set_lr_mult"):
        opt.set_lr_scale({3: 0.5})
    assert opt.lr_for(3, 1) == 0.5


def wired(**settings):
    return lambda: optimizer.from_wire(["sgd", {**SGD().to_wire()[1], **settings}])


@pytest.mark.parametrize(
    "call, kind, text",
    [
        (
            lambda: optimizer.create("foo"),
            ValueError,
            "optimizer 'foo' is not registered here; known: .*sgd.* mxl-launch --import my_module",
        ),
        (lambda: optimizer.create(3), ArgumentError, "expected a name or an Optimizer, got int"),
        (lambda: optimizer.register(3), ArgumentError, "expects a subclass of Optimizer, got 3"),
        (lambda: SGD(foo=1), TypeError, "unexpected keyword argument 'foo'"),
        (lambda: SGD(param_idx2name=["a"]), ArgumentError, "param_idx2name is a list: expected a dict"),
        (lambda: SGD(sym=3), ArgumentError, "multipliers are not read from a symbol"),
        (lambda: SGD(use_fused_step=True), ArgumentError, "no fused kernels"),
        (lambda: Optimizer().to_wire(), ArgumentError, "optimizer Optimizer is not registered"),
        (lambda: optimizer.from_wire(["foo", {}]), InvalidSetting, "optimizer 'foo' is not registered here"),
        (lambda: optimizer.from_wire(["f" * 200, {}]), InvalidSetting, "optimizer 'f{79} is not registered here"),
        (lambda: optimizer.from_wire("sgd"), InvalidSetting, r"expected \[name, arguments\], got 'sgd'"),
        (wired(foo=1), InvalidSetting, "optimizer 'sgd' has no argument 'foo'; it has: .*momentum"),
        (wired(rescale_grad=1.0), InvalidSetting, "has no argument 'rescale_grad'"),
        (wired(learning_rate="a"), InvalidSetting, "learning_rate must be a number, got 'a'"),
        (wired(learning_rate=float("nan")), InvalidSetting, "learning_rate must be a number, got nan"),
        (wired(wd="a"), InvalidSetting, "wd must be a number, got 'a'"),
        (wired(momentum="a"), InvalidSetting, "momentum must be a number, got 'a'"),
        (wired(lr_mult={0: 1}), InvalidSetting, r"lr_mult must be a list of \[key, multiplier\]"),
        (wired(wd_mult=[[0, None]]), InvalidSetting, r"wd_mult must be a list of \[key, multiplier\]"),
        (wired(begin_num_update=-1), InvalidSetting, "begin_num_update must be a count, got -1"),
        (wired(lr_scheduler=["foo", {}]), InvalidSetting, "lr scheduler 'foo' is not registered"),
        (wired(lazy_update=1), InvalidSetting, "lazy_update must be a boolean, got 1"),
        (lambda: SGD().set_hyper({"wd": None}), InvalidSetting, "wd must be a number, got None"),
        (lambda: SGD().set_hyper({"learning_rate": None}), InvalidSetting, "got None and no lr_scheduler"),
        (
            lambda: SGD().set_hyper({"beta1": 3}),
            InvalidSetting,
            "optimizer 'sgd' has no number 'beta1'; it has: learning_rate",
        ),
        (lambda: SGD().set_hyper({"clip_gradient": None, "momentum": []}), InvalidSetting, "momentum must be a number"),
        (
            lambda: SGD().update(0, mx.nd.ones(2), mx.nd.ones(3), None),
            ShapeError,
            r"weight 0 is \[2\], its gradient \[3\]",
        ),
        (
            lambda: SGD().update("w", mx.nd.ones(2), mx.nd.ones(2, dtype="float64"), None),
            DtypeError,
            "weight 'w' is float32, its gradient float64",
        ),
        (
            lambda: SGD().update(0, mx.nd.ones(2), mx.nd.ones(2), 3),
            ArgumentError,
            "state is made of NDArrays, .* got int",
        ),
    ],
)
def test_bad_call(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_refused_hyper_changes_nothing():
    opt = SGD(learning_rate=0.5)
    with pytest.raises(InvalidSetting):
        opt.set_hyper({"learning_rate": 0.1, "wd": "a"})
    assert opt.learning_rate == 0.5


def test_a_large_batch_is_not_changed_on_the_way():
    opt = optimizer.create("lbsgd", batch_scale=2)
    weight = np.ones(3, np.float32)
    state = opt.new_state(weight)
    opt.set_hyper({"batch_scale": 1})
    with pytest.raises(InvalidSetting, match="nor batch_scale, once it has begun to train"):
        opt.apply(weight, weight.copy(), state, weight, lr=0.1, wd=0.0, t=1)
    with pytest.raises(InvalidSetting, match="batch_scale is 0; it must be 1 or more"):
        optimizer.create("lbsgd", batch_scale=0)
