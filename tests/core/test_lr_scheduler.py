"""Schedules give MXNet's rates (schedules.json), purely, and cross the wire."""

import json
from pathlib import Path

import pytest

from mxl.core import lr_scheduler as schedules
from mxl.core.errors import ArgumentError, InvalidSetting

RECORDS = json.loads((Path(__file__).parent / "schedules.json").read_text())


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record[0]} {record[1]}")
def test_rates_are_mxnets(record):
    name, kwargs, rates = record
    schedule = getattr(schedules, name)(**kwargs)
    assert [schedule(n) for n in range(14)] == pytest.approx(rates, rel=1e-8, abs=1e-15)
    assert [schedule(n) for n in reversed(range(14))] == pytest.approx(rates[::-1], rel=1e-8, abs=1e-15)
    sent = schedules.from_wire(json.loads(json.dumps(schedule.to_wire())))
    assert [sent(n) for n in range(14)] == [schedule(n) for n in range(14)]


def test_base_lr_set_in_the_middle_counts_from_there():
    schedule = schedules.FactorScheduler(3, 0.5, base_lr=1.0)
    assert (schedule(5), schedule.base_lr) == (0.5, 0.5)
    schedule.base_lr = 3.0
    assert [schedule(n) for n in range(5, 11)] == [3, 3, 1.5, 1.5, 1.5, 0.75]
    sent = schedules.from_wire(schedule.to_wire())
    assert [sent(n) for n in range(5, 11)] == [3, 3, 1.5, 1.5, 1.5, 0.75]
    several = schedules.MultiFactorScheduler([3, 6], 0.5, base_lr=1.0)
    assert several(5) == 0.5
    several.base_lr = 3.0
    assert [several(n) for n in (5, 6, 7, 10)] == [3, 3, 1.5, 1.5]


def test_base_lr_below_the_warm_up_s_start_crosses_the_wire():
    schedule = schedules.FactorScheduler(3, base_lr=1.0, warmup_steps=2, warmup_begin_lr=0.5)
    schedule.base_lr = 0.1
    sent = schedules.from_wire(schedule.to_wire())
    assert [sent(n) for n in range(4)] == [0.5, 0.75, 0.1, 0.1]


def test_a_late_first_call_is_quick_and_right():
    assert schedules.FactorScheduler(1, 0.999999, base_lr=1.0)(200_001) == pytest.approx(0.999999**200_000, rel=1e-9)
    assert schedules.CosineScheduler(10, base_lr=1.0, final_lr=0.25)(1000) == 0.25
    assert schedules.PolyScheduler(10, base_lr=1.0, final_lr=0.25, warmup_steps=10)(10) == 0.25


def test_own_schedule():
    @schedules.register
    class Halving(schedules.LRScheduler):
        def __init__(self, every, **kwargs):
            super().__init__(**kwargs)
            self.every = every

        def __call__(self, num_update):
            return self.base_lr / 2 ** (num_update // self.every)

    try:
        assert Halving(4, base_lr=8).to_wire()[0] == "halving"
        assert schedules.from_wire(Halving(4, base_lr=8).to_wire())(9) == 2
    finally:
        del schedules.REGISTRY.classes["halving"]


L = schedules


@pytest.mark.parametrize(
    "call, kind, text",
    [
        (lambda: L.LRScheduler(0.1)(3), NotImplementedError, "LRScheduler must override __call__"),
        (lambda: L.LRScheduler(warmup_steps=-1), ValueError, "warmup_steps is -1: it has to be positive or 0"),
        (
            lambda: L.LRScheduler(warmup_steps=2.5),
            ArgumentError,
            "warmup_steps is 2.5: expected a whole number of updates",
        ),
        (lambda: L.LRScheduler(0.01, warmup_begin_lr=0.1), ValueError, "base_lr has to be the higher one"),
        (lambda: L.LRScheduler(warmup_mode="x"), ValueError, "only 'linear' and 'constant'"),
        (lambda: L.LRScheduler(0.1, 5).get_warmup_lr(5), ValueError, "update 5 is not within the warm-up of 5 updates"),
        (lambda: L.FactorScheduler(0), ValueError, "step is 0: it must be 1 update or more"),
        (lambda: L.FactorScheduler(2, 1.5), ValueError, "factor is 1.5: it must be no more than 1"),
        (lambda: L.MultiFactorScheduler(3), ArgumentError, "step is 3: expected a list of at least one"),
        (lambda: L.MultiFactorScheduler([]), ArgumentError, "expected a list of at least one"),
        (lambda: L.MultiFactorScheduler([0, 2]), ValueError, "entries must be 1 update or more"),
        (lambda: L.MultiFactorScheduler([3, 2]), ValueError, "entries must increase"),
        (lambda: L.PolyScheduler(5, pwr=-1), ValueError, "pwr is -1: it must be 0 or more"),
        (lambda: L.PolyScheduler(0), ValueError, "max_update is 0: it must be 1 update or more"),
        (lambda: L.CosineScheduler(2.5), ArgumentError, "max_update is 2.5: expected a whole number"),
        (lambda: L.from_wire(3), InvalidSetting, r"expected \[name, arguments\], got 3"),
        (lambda: L.from_wire([3, {}]), InvalidSetting, "its name must be a string, got int"),
        (lambda: L.from_wire(["factor", 3]), InvalidSetting, "its arguments must be a dict with names, got 3"),
        (
            lambda: L.from_wire(["foo", {}]),
            InvalidSetting,
            "lr scheduler 'foo' is not registered here; known: cosine, factor, .*--import my_module",
        ),
        (
            lambda: L.from_wire(["factor", {"stepp": 1}]),
            InvalidSetting,
            "lr scheduler 'factor' has no argument 'stepp'",
        ),
        (lambda: L.from_wire(["factor", {"step": "a"}]), InvalidSetting, "lr scheduler 'factor' refused its arguments"),
        (lambda: L.register(3), ArgumentError, "expects a subclass of LRScheduler, got 3"),
    ],
)
def test_bad_call(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_unregistered_class_cannot_be_sent():
    class Mine(schedules.LRScheduler):
        pass

    with pytest.raises(ArgumentError, match="lr scheduler Mine is not registered; decorate the class with @register"):
        Mine().to_wire()


def test_forgotten_attribute_is_named():
    @schedules.register
    class Forgetful(schedules.LRScheduler):
        def __init__(self, every, **kwargs):
            super().__init__(**kwargs)

    try:
        with pytest.raises(
            ArgumentError, match=r"argument 'every' is not kept as an attribute .* add self.every = every"
        ):
            Forgetful(3).to_wire()
    finally:
        del schedules.REGISTRY.classes["forgetful"]


def test_only_plain_data_is_sent():
    @schedules.register
    class Odd(schedules.LRScheduler):
        def __init__(self, what, **kwargs):
            super().__init__(**kwargs)
            self.what = what

    try:
        with pytest.raises(ArgumentError, match="what is of type object: only numbers, strings"):
            Odd(object()).to_wire()
    finally:
        del schedules.REGISTRY.classes["odd"]
