"""The local store against facts of MXNet 1.9.1, its mended traps, and its errors; `local` and `device` are one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.core.errors import ArgumentError
from mxl.core.optimizer import StatesFileError
from mxl.kvstore.errors import KeyInitialised, NoOptimizer, NotInitialised, PartDtype, PartShape
from mxl.kvstore.local import add_up


def array(value: float, ctx: int = 0, dtype: str = "float32", shape: tuple[int, ...] = (2,)) -> mx.nd.NDArray:
    return mx.nd.full(shape, value, ctx=mx.cpu(ctx), dtype=dtype)


def values(*arrays: Any) -> list[float]:
    return [float(x.asnumpy().reshape(-1)[0]) for x in arrays]


def pulled(kv: Any, *keys: Any) -> list[float]:
    outs = [array(-1) for _ in keys]
    kv.pull(list(keys), out=outs)
    return values(*outs)


@pytest.fixture(params=["local", "device"])
def kv(request: pytest.FixtureRequest) -> Any:
    return mx.kv.create(request.param)


# ----- facts of MXNet 1.9.1: keys initialised with 1 and 2, a push, what is then pulled -----


@pytest.mark.parametrize("key, value, after", [
    (1,         lambda: array(8),                                               [8, 2]),      # the sum takes the place
    (1,         lambda: [array(1, 0), array(1, 1), array(1, 2)],                [3, 2]),      # devices are summed
    (1,         lambda: [array(1), array(5)],                                   [6, 2]),      # one device twice
    (1,         lambda: (array(1), array(2)),                                   [3, 2]),
    ([1, 2],    lambda: [array(10), array(20)],                                 [10, 20]),
    ([1, 2],    lambda: [[array(10), array(1)], [array(20)]],                   [11, 20]),
    ([1, 1, 2], lambda: [array(10), array(1), array(20)],                       [11, 20]),    # repeats side by side
    ([1, 2, 1], lambda: [array(10), array(1), array(20)],                       [30, 1]),     # and apart
])
def test_as_mxnet(kv: Any, key: Any, value: Any, after: list[float]) -> None:
    kv.init([1, 2], [array(1), array(2)])
    assert kv.push(key, value()) is None
    assert pulled(kv, 1, 2) == after


def test_push_alters_no_pushed_array(kv: Any) -> None:
    kv.init("w", array(1))
    for optimizer in (None, mx.optimizer.SGD(learning_rate=0.1, momentum=0.9)):
        if optimizer is not None:
            kv.set_optimizer(optimizer)
        one, several = array(2), [array(n, n) for n in range(4)]
        kv.push("w", one)
        kv.push("w", several)
        assert values(one, *several) == [2, 0, 1, 2, 3]


def test_init_and_pull(kv: Any) -> None:
    assert kv.init("w", array(2)) is None
    outs = [array(0, i) for i in range(3)]
    assert kv.pull("w", out=outs) is None
    assert values(*outs) == [2, 2, 2]
    assert [x.ctx for x in outs] == [mx.cpu(0), mx.cpu(1), mx.cpu(2)]


@pytest.mark.parametrize("dtype, seen", [("float64", 1.5), ("float16", 1.5), ("int32", 1)])
def test_pull_converts(kv: Any, dtype: str, seen: float) -> None:
    kv.init("w", array(1.5))
    out = array(0, dtype=dtype)
    kv.pull("w", out=out)
    assert (values(out), np.dtype(out.dtype).name) == ([seen], dtype)


@pytest.mark.parametrize("dtype", ["float16", "float64", "int32", "int8"])
def test_other_dtypes_are_kept_and_summed(kv: Any, dtype: str) -> None:
    kv.init("w", array(1, dtype=dtype))
    kv.push("w", [array(2, dtype=dtype)] * 3)
    out = array(0, dtype=dtype)
    kv.pull("w", out=out)
    assert values(out) == [6]


def test_pull_fills_repeats_of_a_key(kv: Any) -> None:
    kv.init([1, 2], [array(1), array(2)])
    assert pulled(kv, 1, 2, 1) == [1, 2, 1]


def test_pushpull(kv: Any) -> None:
    kv.init(["w", "v"], [array(1)] * 2)
    grads, out = [array(2, i) for i in range(4)], array(0)
    kv.pushpull("w", grads, out=out)
    assert values(out, *grads) == [8, 2, 2, 2, 2]
    kv.pushpull("w", grads)                                 # without out the pushed arrays get the sum
    assert values(*grads) == [8, 8, 8, 8]
    outs = [array(0), array(0)]
    kv.pushpull(["w", "v"], [array(3), [array(4), array(5)]], out=[outs[0], [outs[1]]])
    assert values(*outs) == [3, 9]
    pair = [array(3), array(4)]
    kv.pushpull(["w", "w"], pair)
    assert values(*pair) == [7, 7]


def test_broadcast(kv: Any) -> None:
    outs = [array(0), array(0, 1)]
    kv.broadcast("w", array(7), outs)
    assert values(*outs) == [7, 7]
    kv.pushpull("w", array(1), outs)
    assert values(*outs) == [1, 1]
    others = [array(0), array(0)]
    kv.broadcast([8, 9], [array(5), array(6)], [[others[0]], [others[1]]])
    assert values(*others) == [5, 6]


def test_optimizer_and_updater(kv: Any) -> None:
    calls: list[Any] = []

    def updater(key: Any, grad: mx.nd.NDArray, value: mx.nd.NDArray) -> None:
        calls.append((key, *values(grad, value)))
        value += grad

    kv._set_updater(updater)
    kv.init([3, 4], [array(1), array(1)])
    kv.push(3, [array(2, i) for i in range(2)])
    kv.push([4, 3], [array(5, 2), array(6)])
    assert sorted(calls) == [(3, 4, 1), (3, 6, 5), (4, 5, 1)]
    assert pulled(kv, 3, 4) == [11, 6]
    out = array(0)
    kv.pushpull(3, array(2), out=out)
    assert values(out) == [13]
    kv._set_updater(None)
    kv.push(3, array(2))
    assert pulled(kv, 3) == [2]
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=1.0))
    kv.push(3, array(5))
    assert pulled(kv, 3) == [-3]


def test_sgd_with_momentum(kv: Any) -> None:
    """1 -> w after pushes of 1 and 2, learning rate 0.1, momentum 0.9: MXNet's own numbers."""
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
    kv.init("w", array(1))
    seen = []
    for _ in range(3):
        kv.push("w", [array(1), array(2, 1)])
        seen += pulled(kv, "w")
    np.testing.assert_allclose(seen, [0.699999988079071, 0.12999993562698364, -0.6830000877380371], rtol=1e-6)


def test_one_update_for_all_devices(kv: Any) -> None:
    optimizer = mx.optimizer.SGD(learning_rate=0.1)
    kv.set_optimizer(optimizer)
    kv.init(3, array(1))
    grads = [array(1, 0), array(2, 1)]
    kv.pushpull(3, grads)
    np.testing.assert_allclose(values(*grads), [0.7, 0.7], rtol=1e-6)
    assert optimizer._index_update_count == {3: 1}


def test_the_optimizer_is_the_script_s_own_object(kv: Any) -> None:
    optimizer = mx.optimizer.SGD(learning_rate=0.1)
    kv.set_optimizer(optimizer)
    kv.init(3, array(1))
    optimizer.set_learning_rate(1.0)
    kv.push(3, array(1))
    assert pulled(kv, 3) == [0]
    assert kv._updater.optimizer is optimizer


def test_an_optimizer_set_later_or_again(kv: Any) -> None:
    kv.init(3, array(1))
    kv.push(3, array(5))
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=1.0))
    kv.push(3, array(1))
    assert pulled(kv, 3) == [4]
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=2.0))
    kv.push(3, array(1))
    assert pulled(kv, 3) == [2]


def test_values_of_any_rank_and_of_no_elements(kv: Any) -> None:
    for key, shape in enumerate([(1,), (3, 1, 2), (0, 3)]):
        kv.init(key, array(1, shape=shape))
        kv.push(key, [array(2, shape=shape), array(3, shape=shape)])
        out = array(0, shape=shape)
        kv.pull(key, out=out)
        assert (out.asnumpy() == np.full(shape, 5)).all()


# ----- MXNet's traps, mended -----


def test_pushed_and_initial_arrays_stay_the_script_s(kv: Any) -> None:
    first, grad = array(2), array(3)
    kv.init("w", first)
    first[:] = 100
    assert pulled(kv, "w") == [2]
    kv.push("w", grad)
    grad[:] = 100
    assert pulled(kv, "w") == [3]


def test_an_updater_that_writes_into_its_gradient_alters_no_pushed_array(kv: Any) -> None:
    kept = []

    def updater(key: Any, grad: mx.nd.NDArray, value: mx.nd.NDArray) -> None:
        grad *= 100
        kept.append(grad)

    kv._set_updater(updater)
    kv.init("w", array(1))
    grads = [array(2), array(3)]
    kv.push("w", grads[0])
    kv.push("w", grads)
    assert values(*grads, *kept) == [2, 3, 200, 500]


def test_an_optimizer_of_the_script_s_own_may_write_into_its_gradient(kv: Any) -> None:
    class Doubling(mx.optimizer.Optimizer):
        def create_state(self, index: Any, weight: Any) -> None:
            return None

        def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
            grad *= 2
            weight -= grad

    kv.set_optimizer(Doubling())
    kv.init("w", array(1))
    grad = array(3)
    kv.push("w", grad)
    assert (values(grad), pulled(kv, "w")) == ([3], [-5])


def test_an_updater_s_exception_is_raised(kv: Any) -> None:
    def updater(key: Any, grad: Any, value: Any) -> None:
        raise ZeroDivisionError("in the updater")

    kv._set_updater(updater)
    kv.init("w", array(1))
    with pytest.raises(ZeroDivisionError, match="in the updater"):
        kv.push("w", array(1))


def test_str_keys_reach_the_updater_as_str_and_ints_as_int(kv: Any) -> None:
    seen: list[Any] = []
    kv._set_updater(lambda key, grad, value: seen.append(key))
    kv.init(["w"], [array(1)])
    kv.init(np.int64(2**40), array(1))
    kv.push("w", array(1))
    kv.push(2**40, array(1))
    assert seen == ["w", 2**40]
    assert [type(key) for key in seen] == [str, int]


def test_3_and_its_name_are_two_keys(kv: Any) -> None:
    kv.init(3, array(1))
    kv.init("3", array(2))
    kv.push(3, array(5))
    assert pulled(kv, 3) + pulled(kv, "3") == [5, 2]


def test_an_update_while_recording_is_no_part_of_the_graph(kv: Any) -> None:
    recording = []

    def updater(key: Any, grad: mx.nd.NDArray, value: mx.nd.NDArray) -> None:
        recording.append(mx.autograd.is_recording())
        value += grad

    kv._set_updater(updater)
    kv.init("w", array(1))
    with mx.autograd.record():
        kv.push("w", array(1))
        assert mx.autograd.is_recording()
    assert recording == [False]


def test_an_updater_may_use_the_store(kv: Any) -> None:
    def updater(key: Any, grad: mx.nd.NDArray, value: mx.nd.NDArray) -> None:
        if key == "w":
            kv.push("count", array(1))
        value += grad

    kv._set_updater(updater)
    kv.init(["w", "count"], [array(1), array(0)])
    kv.push("w", array(1))
    kv.push("w", array(1))
    assert pulled(kv, "w", "count") == [3, 2]


# ----- sums -----


def test_device_is_local_to_the_bit() -> None:
    rng = np.random.default_rng(0)
    parts = rng.standard_normal((5, 70_001)).astype(np.float32)         # three blocks
    want = (((parts[0] + parts[1]) + parts[2]) + parts[3]) + parts[4]
    for kind in ("local", "device"):
        kv, out = mx.kv.create(kind), mx.nd.zeros((70_001,))
        kv.init("w", out)
        kv.push("w", [mx.nd.array(part, ctx=mx.cpu(i)) for i, part in enumerate(parts)])
        kv.pull("w", out=out)
        assert out.asnumpy().tobytes() == want.tobytes()
        kv.set_optimizer(mx.optimizer.SGD(learning_rate=1.0))
        kv.push("w", [mx.nd.array(part) for part in parts])
        kv.pull("w", out=out)
        assert out.asnumpy().tobytes() == (want - want).tobytes()


def test_add_up_writes_its_result_only() -> None:
    parts = [np.full((3, 4), n, np.float32) for n in range(4)]
    out = np.empty((3, 4), np.float32)
    add_up(parts, out)
    assert (out == 6).all()
    assert [part[0, 0] for part in parts] == [0, 1, 2, 3]
    add_up(parts[:1], out)
    assert (out == 0).all()


def test_sums_of_several_sizes_share_one_spare_buffer(kv: Any) -> None:
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=1.0))
    for key, (size, dtype) in enumerate([(5, "float32"), (100, "float64"), (3, "float32"), (100, "float32")]):
        kv.init(key, array(0, dtype=dtype, shape=(size,)))
    for _ in range(2):
        for key, (size, dtype) in enumerate([(5, "float32"), (100, "float64"), (3, "float32"), (100, "float32")]):
            kv.push(key, [array(1, dtype=dtype, shape=(size,)), array(2, dtype=dtype, shape=(size,))])
    assert [float(kv._values[key].asnumpy().sum()) for key in range(4)] == [-30, -600, -18, -600]
    assert kv._spare.nbytes == 800


# ----- pending arrays -----


class Later:
    """A value that is there once somebody waits for it."""

    def __init__(self, buffer: np.ndarray, value: float) -> None:
        self.buffer, self.value = buffer, value

    def wait(self) -> None:
        self.buffer[...] = self.value

    def done(self) -> bool:
        return True


def test_pending_arrays_are_waited_for(kv: Any) -> None:
    for call, after in [(lambda x: kv.init("w", x), 9), (lambda x: kv.push("w", x), 9)]:
        late = array(0)
        late._set_pending(Later(late._read(), 9))
        call(late)
        assert pulled(kv, "w") == [after]
    late = array(0)
    late._set_pending(Later(late._read(), 1))
    kv.pull("w", out=late)                                  # the older value must not come in after the pulled one
    assert values(late) == [9]


# ----- optimizer states -----


def trained(kv: Any, key: Any, steps: int) -> list[float]:
    for _ in range(steps):
        kv.push(key, array(1))
    return pulled(kv, key)


@pytest.mark.parametrize("key", [3, "w"])
@pytest.mark.parametrize("dump", [False, True])
def test_states_are_saved_and_loaded(kv: Any, tmp_path: Path, key: Any, dump: bool) -> None:
    file = tmp_path / "states"
    kv.set_optimizer(mx.optimizer.Adam(learning_rate=0.1))
    kv.init(key, array(1))
    here = trained(kv, key, 3)
    assert kv.save_optimizer_states(file, dump_optimizer=dump) is None
    want = trained(kv, key, 2)

    other = mx.kv.create("local")
    other.set_optimizer(mx.optimizer.Adam(learning_rate=0.2 if dump else 0.1))
    other.init(key, array(here[0]))
    assert other.load_optimizer_states(str(file)) is None
    assert trained(other, key, 2) == want
    assert other._updater.optimizer._index_update_count == {key: 5}


def test_states_need_an_optimizer(kv: Any, tmp_path: Path) -> None:
    for call in ("save_optimizer_states", "load_optimizer_states"):
        with pytest.raises(NoOptimizer, match=f"{call}: kvstore '{kv.type}' has no optimizer; call set_optim"):
            getattr(kv, call)(tmp_path / "states")
    kv._set_updater(lambda key, grad, value: None)
    with pytest.raises(NoOptimizer, match="has an updater of its own, which keeps its states itself; call set_"):
        kv.save_optimizer_states(tmp_path / "states")
    assert list(tmp_path.iterdir()) == []
    assert issubclass(NoOptimizer, AssertionError)


def test_a_foreign_states_file_is_refused_by_name(kv: Any, tmp_path: Path) -> None:
    kv.set_optimizer(mx.optimizer.SGD())
    (tmp_path / "foreign").write_bytes(b"\x80\x04 not ours")
    with pytest.raises(StatesFileError, match="foreign: no optimizer states of mxl"):
        kv.load_optimizer_states(tmp_path / "foreign")
    with pytest.raises(FileNotFoundError, match="absent"):
        kv.load_optimizer_states(tmp_path / "absent")


# ----- errors -----


def test_a_key_has_to_be_initialised_once(kv: Any) -> None:
    for key in (7, "w"):
        for call in (kv.push, kv.pull, kv.pushpull):
            with pytest.raises(NotInitialised, match=f"key {key!r} was not initialised; call kv.init first"):
                call(key, array(1))
    kv.init([1, 2], [array(1), array(2)])
    again = "key 2 was initialised already: a key gets its first value once, by init or broadcast; push changes it"
    with pytest.raises(KeyInitialised, match=again):
        kv.init([3, 2], [array(3), array(2)])
    with pytest.raises(KeyInitialised, match=again):
        kv.broadcast(2, array(1), array(1))
    with pytest.raises(NotInitialised, match="key 3 was not"):      # the refused list changed nothing
        kv.pull(3, array(1))


def test_arrays_have_to_fit(kv: Any) -> None:
    kv.init([1, 2], [array(1), array(2)])
    for grad, error, text in [(array(1, shape=(3,)), PartShape, "float32 [3]"),
                              (array(1, dtype="float64"), PartDtype, "float64 [2]")]:
        with pytest.raises(error, match=re.escape(f"key 2 was initialised as float32 [2], pushed as {text}")):
            kv.push([1, 2], [array(9), grad])
        with pytest.raises(error, match="key 2 was initialised as"):
            kv.push(2, [array(9), grad])
    with pytest.raises(PartShape, match=re.escape("key 2 is float32 [2], pulled into float32 [2, 1]")):
        kv.pull([1, 2], [array(0), array(0, shape=(2, 1))])
    assert pulled(kv, 1, 2) == [1, 2]                               # the refused lists changed nothing


@pytest.mark.parametrize("thing", ["sgd", None, 3])
def test_set_optimizer_takes_optimizers(kv: Any, thing: Any) -> None:
    with pytest.raises(ArgumentError, match=re.escape(f"set_optimizer expects an mx.optimizer.Optimizer, got {thing!r}"
                                                      f"; mx.optimizer.create('sgd', learning_rate=0.1) makes one")):
        kv.set_optimizer(thing)


def test_set_updater_takes_functions(kv: Any) -> None:
    with pytest.raises(ArgumentError, match=r"_set_updater expects a function of \(key, gradient, value\), got 'sgd'"):
        kv._set_updater("sgd")


def test_repr_tells_the_kind_and_the_number_of_keys(kv: Any) -> None:
    kv.init(["w", "v"], [array(1)] * 2)
    assert repr(kv) == f"<mxl.kvstore.LocalKVStore {kv.type!r}: 2 keys>"
