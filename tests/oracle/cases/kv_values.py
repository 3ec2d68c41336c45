"""KVStore of one process: keys, values, lists, devices, dtypes; without optimizer."""


def _full(mx, value, ctx=0, shape=(2, 2), dtype="float32"):
    return mx.nd.full(shape, value, ctx=mx.cpu(ctx), dtype=dtype)


def _pulled(mx, kv, key, shape=(2, 2), dtype="float32"):
    out = mx.nd.zeros(shape, dtype=dtype)
    kv.pull(key, out=out)
    return out


def single_int_key(mx):
    kv = mx.kv.create("local")
    kv.init(3, _full(mx, 2))
    return _pulled(mx, kv, 3)


def single_str_key(mx):
    kv = mx.kv.create("local")
    kv.init("weight", _full(mx, 2))
    return _pulled(mx, kv, "weight")


def return_values_are_none(mx):
    kv = mx.kv.create()
    a = _full(mx, 1)
    return [kv.init("a", a), kv.push("a", a), kv.pull("a", out=a), kv.pushpull("a", a, out=a)]


def create_without_a_name_is_local(mx):
    return mx.kv.create().type


def kinds(mx):
    return [mx.kv.create(name).type for name in ("local", "device", "local_update_cpu", "local_allreduce_cpu",
                                                 "local_allreduce_device")]


def kinds_in_capitals(mx):
    kv = mx.kv.create("LOCAL")
    kv.init(1, _full(mx, 3))
    return _pulled(mx, kv, 1)


def rank_and_workers(mx):
    return [[kv.rank, kv.num_workers] for kv in (mx.kv.create("local"), mx.kv.create("device"))]


def kinds_that_are_no_str(mx):
    return [lambda: mx.kv.create(3), lambda: mx.kv.create(None)]


def unknown_kind(mx):
    return [lambda: mx.kv.create("no_such_store").type]


def capabilities(mx):
    kv = mx.kv.create("local")
    return [kv.is_capable("optimizer"), kv.is_capable("OPTIMIZER"), lambda: kv.is_capable("compression"),
            mx.kv.KVStoreBase.OPTIMIZER]


def push_without_updater_assigns(mx):
    kv = mx.kv.create("local")
    kv.init("a", _full(mx, 1))
    kv.push("a", _full(mx, 5))
    first = _pulled(mx, kv, "a")
    kv.push("a", _full(mx, 7))
    return [first, _pulled(mx, kv, "a")]


def push_twice_before_pull_keeps_the_last(mx):
    kv = mx.kv.create("local")
    kv.init("a", _full(mx, 1))
    for value in (2, 3, 4):
        kv.push("a", _full(mx, value))
    return _pulled(mx, kv, "a")


def push_of_devices_sums(mx):
    results = []
    for kind in ("local", "device"):
        kv = mx.kv.create(kind)
        kv.init("a", _full(mx, 1))
        kv.push("a", [_full(mx, i + 1, i) for i in range(3)])
        results.append(_pulled(mx, kv, "a"))
    return results


def push_of_devices_sums_in_order(mx):
    """Where float32 rounding shows the order of the sum."""
    values = [1.0, 1e8, -1e8, 3.0, 1e-3]
    kv = mx.kv.create("local")
    kv.init("a", mx.nd.zeros((3,)))
    kv.push("a", [mx.nd.full((3,), v, ctx=mx.cpu(i)) for i, v in enumerate(values)])
    return _pulled(mx, kv, "a", (3,))


def push_of_eight_devices(mx):
    kv = mx.kv.create("device")
    kv.init(9, mx.nd.zeros((3,)))
    kv.push(9, [mx.nd.array([i, 0.1 * i, -i], ctx=mx.cpu(i)) for i in range(8)])
    return _pulled(mx, kv, 9, (3,))


def push_leaves_pushed_arrays(mx):
    kv = mx.kv.create("device")
    kv.init("a", _full(mx, 1))
    arrays = [_full(mx, i, i) for i in range(3)]
    kv.push("a", arrays)
    _pulled(mx, kv, "a")
    return arrays


def pull_into_several_contexts(mx):
    kv = mx.kv.create("local")
    kv.init("a", _full(mx, 4))
    outs = [mx.nd.zeros((2, 2), mx.cpu(i)) for i in range(3)]
    kv.pull("a", out=outs)
    return outs


def pull_into_the_same_context_twice(mx):
    kv = mx.kv.create("local")
    kv.init("a", _full(mx, 4))
    outs = [mx.nd.zeros((2, 2)) for i in range(2)]
    kv.pull("a", out=outs)
    return outs


def pull_into_tuple(mx):
    kv = mx.kv.create("local")
    kv.init("a", _full(mx, 4))
    outs = (mx.nd.zeros((2, 2)), mx.nd.zeros((2, 2)))
    kv.pull("a", out=outs)
    return list(outs)


def pull_into_other_dtypes(mx):
    kv = mx.kv.create("local")
    kv.init("a", mx.nd.array([1.5, -2.5, 3.25]))
    return [_pulled(mx, kv, "a", (3,), dtype) for dtype in ("float32", "float64", "float16", "int32")]


def pull_into_a_slice_of_rows(mx):
    kv = mx.kv.create("local")
    kv.init("a", _full(mx, 4))
    whole = mx.nd.zeros((4, 2))
    kv.pull("a", out=whole[1:3])
    return whole


def list_of_int_keys(mx):
    kv = mx.kv.create("local")
    keys = [5, 7, 9]
    kv.init(keys, [_full(mx, k) for k in keys])
    outs = [mx.nd.zeros((2, 2)) for _ in keys]
    kv.pull(keys, out=outs)
    return outs


def list_of_str_keys(mx):
    kv = mx.kv.create("local")
    keys = ["b", "a", "c"]
    kv.init(keys, [_full(mx, i) for i in range(3)])
    outs = [mx.nd.zeros((2, 2)) for _ in keys]
    kv.pull(keys, out=outs)
    return outs


def tuple_of_keys(mx):
    kv = mx.kv.create("local")
    kv.init((1, 2), (_full(mx, 1), _full(mx, 2)))
    outs = [mx.nd.zeros((2, 2)) for _ in range(2)]
    kv.pull((1, 2), out=outs)
    return outs


def nested_lists(mx):
    kv = mx.kv.create("device")
    keys = ["x", "y"]
    kv.init(keys, [_full(mx, 0)] * 2)
    kv.push(keys, [[_full(mx, i + 10 * k, i) for i in range(3)] for k in range(2)])
    outs = [[mx.nd.zeros((2, 2), mx.cpu(i)) for i in range(3)] for _ in keys]
    kv.pull(keys, out=outs)
    return outs


def nested_lists_uneven(mx):
    kv = mx.kv.create("local")
    kv.init([1, 2], [_full(mx, 0)] * 2)
    kv.push([1, 2], [[_full(mx, 1), _full(mx, 2, 1), _full(mx, 3, 2)], [_full(mx, 9)]])
    outs = [[mx.nd.zeros((2, 2))], [mx.nd.zeros((2, 2)), mx.nd.zeros((2, 2), mx.cpu(1))]]
    kv.pull([1, 2], out=outs)
    return outs


def one_key_in_a_list(mx):
    kv = mx.kv.create("local")
    kv.init(["a"], [_full(mx, 1)])
    kv.push(["a"], [[_full(mx, 3), _full(mx, 4, 1)]])
    out = mx.nd.zeros((2, 2))
    kv.pull(["a"], out=[out])
    return out


def keys_of_one_call_repeat(mx):
    kv = mx.kv.create("local")
    kv.init([1, 2], [_full(mx, 0)] * 2)
    kv.push([1, 1, 2], [_full(mx, 1), _full(mx, 2), _full(mx, 4)])
    outs = [mx.nd.zeros((2, 2)) for _ in range(3)]
    kv.pull([2, 1, 1], out=outs)
    return outs


def keys_of_one_call_in_any_order(mx):
    kv = mx.kv.create("local")
    kv.init([3, 1, 2], [_full(mx, 3), _full(mx, 1), _full(mx, 2)])
    kv.push([2, 3, 1], [_full(mx, 20), _full(mx, 30), _full(mx, 10)])
    return [_pulled(mx, kv, k) for k in (1, 2, 3)]


def keys_have_shapes_of_their_own(mx):
    kv = mx.kv.create("local")
    shapes = [(1,), (4, 3), (2, 2, 2), (7,)]
    kv.init([str(i) for i in range(4)], [_full(mx, i, shape=s) for i, s in enumerate(shapes)])
    return [_pulled(mx, kv, str(i), s) for i, s in enumerate(shapes)]


def negative_and_large_int_keys(mx):
    kv = mx.kv.create("local")
    keys = [-1, 0, 2**31 - 1]
    kv.init(keys, [_full(mx, i) for i in range(3)])
    return [_pulled(mx, kv, k) for k in keys]


def empty_string_and_unicode_keys(mx):
    kv = mx.kv.create("local")
    keys = ["", "größe", "a b/c.d"]
    kv.init(keys, [_full(mx, i) for i in range(3)])
    return [_pulled(mx, kv, k) for k in keys]


def dtypes_are_kept(mx):
    results = []
    for dtype in ("float16", "float64", "int32", "int64", "uint8", "int8"):
        kv = mx.kv.create("local")
        kv.init("a", _full(mx, 1, dtype=dtype))
        kv.push("a", [_full(mx, 2, dtype=dtype), _full(mx, 3, 1, dtype=dtype)])
        results.append(_pulled(mx, kv, "a", dtype=dtype))
    return results


def priority_changes_no_result(mx):
    results = []
    for sign in (1, -1):
        kv = mx.kv.create("local")
        kv.init([0, 1, 2], [_full(mx, 0)] * 3)
        for k in range(3):
            kv.push(k, _full(mx, k + 1), priority=sign * k)
        outs = [mx.nd.zeros((2, 2)) for _ in range(3)]
        for k in range(3):
            kv.pull(k, out=outs[k], priority=-sign * k)
        results.append(outs)
    return results


def init_takes_a_copy(mx):
    kv = mx.kv.create("local")
    a = _full(mx, 1)
    kv.init("a", a)
    a[:] = 9
    return _pulled(mx, kv, "a")


def pulled_arrays_are_copies(mx):
    kv = mx.kv.create("local")
    kv.init("a", _full(mx, 1))
    out = _pulled(mx, kv, "a")
    out[:] = 9
    return _pulled(mx, kv, "a")


def init_on_another_context(mx):
    kv = mx.kv.create("local")
    kv.init("a", _full(mx, 2, ctx=2))
    out = mx.nd.zeros((2, 2), mx.cpu(1))
    kv.pull("a", out=out)
    return out
