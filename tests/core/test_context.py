"""Contexts: names, equality, the default of a thread, and what has no device."""

import copy
import threading

import pytest

from mxl.core import context, nd
from mxl.core.context import Context, cpu, cpu_pinned, current_context, gpu
from mxl.core.errors import ContextError


def test_names_and_equality():
    assert [str(c) for c in (cpu(), cpu(1), cpu_pinned(), gpu(2))] == ["cpu(0)", "cpu(1)", "cpu_pinned(0)", "gpu(2)"]
    assert cpu(1) == Context("cpu", 1) != cpu(2)
    assert cpu(1) == Context(cpu(1)) == copy.copy(cpu(1))
    assert len({cpu(1), cpu(1), gpu(1)}) == 2
    assert (cpu(1).device_type, cpu(1).device_id, cpu(1).device_typeid) == ("cpu", 1, 1)
    assert cpu() != "cpu(0)"
    assert cpu().empty_cache() is None


def test_threads_may_share_a_context_in_with():
    shared, seen = cpu(1), []
    inside, leave = threading.Barrier(2, timeout=10), threading.Event()

    def work():
        with shared:
            inside.wait()
            assert leave.wait(10)
        seen.append(str(current_context()))

    with cpu(2):
        thread = threading.Thread(target=work)
        with shared:
            thread.start()
            inside.wait()
        assert str(current_context()) == "cpu(2)"
        leave.set()
        thread.join()
    assert seen == ["cpu(0)"]


def test_with_changes_the_default_of_this_thread_only():
    seen = []
    with cpu(1):
        with cpu(2):
            assert str(nd.zeros((1,)).context) == "cpu(2)"
        assert current_context() == cpu(1)
        thread = threading.Thread(target=lambda: seen.append(current_context()))
        thread.start()
        thread.join()
    assert seen == [cpu(0)]
    assert current_context() == cpu(0)


def test_there_is_no_gpu():
    assert context.num_gpus() == 0
    with pytest.raises(
        ContextError, match=r"gpu\(0\) is not available: mxl computes on CPUs only; mx.num_gpus\(\) is 0"
    ):
        context.gpu_memory_info()
    with gpu(0), pytest.raises(ContextError, match="mxl computes on CPUs only"):
        nd.ones((1,))
    with pytest.raises(KeyError, match="device type 'tpu' is not known; known: cpu, gpu, cpu_pinned, cpu_shared"):
        Context("tpu")
