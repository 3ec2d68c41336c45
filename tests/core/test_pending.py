"""Arrays whose bytes are on their way: what may be asked without waiting, what waits, and what an error does."""

import threading

import numpy as np
import pytest

from mxl.core import allocator, autograd, nd, pending
from mxl.core.handle import State
from mxl.core.ndarray import NDArray


class Arrival:
    """A pending value that brings `value`, or an error, into a buffer when it is waited for."""

    def __init__(self, buffer, value=None, error=None):
        self.buffer, self.value, self.error = buffer, value, error
        self.waits = 0

    def wait(self):
        self.waits += 1
        if self.error is not None:
            raise self.error
        self.buffer[...] = self.value

    def done(self):
        return False


def coming(array, value=7.0, error=None):
    arrival = Arrival(array._for_write(), value, error)
    array._set_pending(arrival)
    return arrival


def test_shape_dtype_and_context_do_not_wait():
    x = nd.zeros((2, 3))
    arrival = coming(x)
    assert (x.shape, x.dtype, x.ndim, x.size, len(x)) == ((2, 3), np.float32, 2, 6, 2)
    assert (str(x.context), x.stype) == ("cpu(0)", "default")
    assert arrival.waits == 0


READS = {
    "asnumpy": lambda x: x.asnumpy(),
    "operator": lambda x: x + 1,
    "operator on the right": lambda x: nd.ones((2, 2)) + x,
    "operator by name": lambda x: nd.exp(x),
    "numpy": lambda x: np.asarray(x),
    "print": repr,
    "bool": lambda x: bool(x[0, 0] == 7),
    "float": lambda x: float(x.sum()),
    "copy": lambda x: x.copy(),
    "copyto": lambda x: x.copyto(nd.zeros((2, 2))),
    "write into": lambda x: x.__setitem__((0, 0), 3),
    "add in place": lambda x: x.__iadd__(1),
    "out": lambda x: nd.exp(nd.ones((2, 2)), out=x),
    "index": lambda x: x[0],
    "reshape": lambda x: x.reshape((4,)),
    "detach": lambda x: x.detach(),
    "astype": lambda x: x.astype("float64"),
    "another context": lambda x: x.as_in_context(nd.cpu(1)),
    "wait_to_read": lambda x: x.wait_to_read(),
    "iterate": list,
    "array of it": lambda x: nd.array(x),
    "assigned": lambda x: nd.zeros((2, 2)).__setitem__(slice(None), x),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_every_other_use_waits_once(read):
    x = nd.zeros((2, 2))
    arrival = coming(x)
    read(x)
    assert arrival.waits == 1
    read(x)
    assert arrival.waits == 1


def test_the_value_arrives():
    x = nd.zeros((2, 2))
    coming(x)
    assert (x * 2).asnumpy().tolist() == [[14, 14], [14, 14]]


def test_views_and_base_wait_together():
    x = nd.zeros((4, 2))
    part, other = x[1:3], x.reshape((8,))
    arrival = coming(part)
    assert x._data is None
    assert part._data is None
    assert other._data is None
    assert other.asnumpy().tolist() == [0, 0, 7, 7, 7, 7, 0, 0]
    assert arrival.waits == 1
    assert part.asnumpy().tolist() == [[7, 7], [7, 7]]
    assert arrival.waits == 1


def test_a_twin_by_detach_waits_too():
    x = nd.zeros((2,))
    twin = x.detach()
    coming(x)
    assert twin.asnumpy().tolist() == [7, 7]


def test_an_error_is_raised_once_and_the_old_content_stays():
    x = nd.ones((2,))
    part = x[0:1]
    coming(x, error=RuntimeError("server 1 is silent"))
    with pytest.raises(RuntimeError, match="server 1 is silent"):
        part.asnumpy()
    assert x.asnumpy().tolist() == [1, 1]
    assert part.asnumpy().tolist() == [1]


def test_a_second_pending_value_settles_the_first():
    x = nd.zeros((2,))
    first = coming(x, 3.0)
    second = Arrival(x._meta(), 4.0)
    x._set_pending(second)
    assert (first.waits, second.waits) == (1, 0)
    assert x.asnumpy().tolist() == [4, 4]


def test_the_gradient_waits_for_a_pending_variable():
    x = nd.zeros((2,))
    x.attach_grad()
    coming(x, 3.0)
    with autograd.record():
        y = x * x
    y.backward()
    assert x.grad.asnumpy().tolist() == [6, 6]


def test_backward_settles_a_pending_gradient_before_it_writes():
    x = nd.ones((2,))
    x.attach_grad()
    arrival = coming(x.grad, 9.0)
    with autograd.record():
        y = x * 5
    y.backward()
    assert arrival.waits == 1
    assert x.grad.asnumpy().tolist() == [5, 5]


def test_another_thread_may_fill_the_buffer():
    x = nd.zeros((1000,))
    buffer = x._for_write()
    filled = threading.Event()

    class Filled:
        def wait(self):
            assert filled.wait(10)

        def done(self):
            return filled.is_set()

    x._set_pending(Filled())
    thread = threading.Thread(target=lambda: (buffer.fill(5), filled.set()))
    thread.start()
    assert x.sum().asscalar() == 5000
    thread.join()


def test_threads_may_read_at_the_same_time():
    x = nd.zeros((100,))
    buffer = x._for_write()
    gate = threading.Barrier(4, timeout=10)

    class Together:
        def wait(self):
            gate.wait()
            buffer.fill(2)

        def done(self):
            return False

    x._set_pending(Together())
    sums = []
    threads = [threading.Thread(target=lambda: sums.append(x.sum().asscalar())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums == [200] * 4


def test_waitall_waits_for_all_and_raises_the_first_error():
    called = []

    def fails():
        called.append("fails")
        raise RuntimeError("first")

    def works():
        called.append("works")

    pending.register(fails)
    pending.register(works)
    try:
        with pytest.raises(RuntimeError, match="first"):
            nd.waitall()
        assert called == ["fails", "works"]
    finally:
        pending.unregister(fails)
        pending.unregister(works)
    pending.unregister(works)
    nd.waitall()
    assert called == ["fails", "works"]


class Frozen(State):
    """In flight: a writer is given a fresh buffer, and every member of the family moves there."""

    def before_write(self, handle, keep):
        fresh = self.buffer.copy() if keep else np.empty_like(self.buffer)
        handle._data, handle._state = fresh, None
        return fresh


WRITES = {
    "assign": lambda x: x.__setitem__(slice(None), 4),
    "assign a part": lambda x: x.__setitem__(0, 4),
    "in place": lambda x: x.__iadd__(3),
    "out": lambda x: nd.full((2,), 4, out=x),
    "copyto": lambda x: nd.full((2,), 4).copyto(x),
    "operator's out": lambda x: nd.broadcast_add(nd.ones((2,)), nd.full((2,), 3), out=x),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_write_asks_the_state_first(write):
    x = nd.ones((2,))
    old = x._for_write()
    x._state = Frozen(old)
    write(x)
    assert old.tolist() == [1, 1]
    assert x.asnumpy()[0] == 4


def test_backward_writes_through_the_state():
    x = nd.ones((2,))
    x.attach_grad()
    old = x.grad._for_write()
    x.grad._state = Frozen(old)
    with autograd.record():
        y = x * 5
    y.backward()
    assert old.tolist() == [0, 0]
    assert x.grad.asnumpy().tolist() == [5, 5]


def test_a_replaced_allocator_makes_gradients_and_copies():
    made = []

    def remember(shape, dtype):
        made.append((shape, dtype.name))
        return np.empty(shape, dtype)

    before = allocator.set_allocator(remember)
    try:
        x = nd.array([1.0, 2.0])
        x.attach_grad()
        assert nd.zeros((3,)).asnumpy().tolist() == [0, 0, 0]
    finally:
        allocator.set_allocator(before)
    assert made == [((2,), "float32"), ((2,), "float32"), ((3,), "float32")]
    assert x.grad.asnumpy().tolist() == [0, 0]
    assert isinstance(x, NDArray)


def test_memory_of_dead_views_is_forgotten():
    x = nd.zeros((4,))
    for _ in range(200):
        x[1:3]
    assert len(x._family) < 70


def test_an_ordinary_array_has_no_state():
    x = nd.zeros((2,)) + 1
    assert x._state is None
    assert x._family is None
    assert isinstance(x._data, np.ndarray)
