"""Steps of several weights at once, of float16 weights with their float32 copies, of AdamW, and of rows."""

W = [[1.0, -2.0, 3.0], [[0.5, -0.25], [0.125, 2.0]]]
G = [[0.5, 0.25, -1.0], [[-1.0, 2.0], [0.75, -0.5]]]
S = [[0.1, 0.2, 0.3], [[0.4, 0.3], [0.2, 0.1]]]
V = [[0.5, 0.4, 0.3], [[0.2, 0.1], [0.6, 0.7]]]


def _two(mx, values, dtype="float32"):
    return [mx.nd.array(value, dtype=dtype) for value in values]


def _woven(*lists):
    return [array for group in zip(*lists, strict=True) for array in group]


def _fresh(arrays):
    return [array.zeros_like() for array in arrays]


COMMON = ({}, {"rescale_grad": 0.5, "clip_gradient": 0.3})


def _stepped(mx, name, kinds, preloaded=False, **settings):
    """New weights and states of a step of two weights; out= are other arrays, or the weights (MXNet wants it)."""
    result = []
    step = getattr(mx.nd, name)
    for more in COMMON:
        for in_place in (False, True):
            lists = [_two(mx, values, dtype) for values, dtype in kinds]
            rates = [mx.nd.array([0.1, 0.2]), mx.nd.array([0.01, 0.0])] if preloaded else []
            given = {} if preloaded else {"lrs": (0.1, 0.2), "wds": (0.01, 0.0)}
            out = lists[0] if in_place else _fresh(lists[0])
            step(*_woven(*lists), *rates, num_weights=2, out=out, **given, **settings, **more)
            result.append([out, lists])
    return result


FULL, HALF = "float32", "float16"


def multi_sgd_update(mx):
    return _stepped(mx, "multi_sgd_update", [(W, FULL), (G, FULL)])


def multi_sgd_mom_update(mx):
    return _stepped(mx, "multi_sgd_mom_update", [(W, FULL), (G, FULL), (S, FULL)], momentum=0.9)


def multi_mp_sgd_update(mx):
    return _stepped(mx, "multi_mp_sgd_update", [(W, HALF), (G, HALF), (W, FULL)])


def multi_mp_sgd_mom_update(mx):
    return _stepped(mx, "multi_mp_sgd_mom_update", [(W, HALF), (G, HALF), (S, FULL), (W, FULL)], momentum=0.9)


def preloaded_multi_sgd_update(mx):
    return _stepped(mx, "preloaded_multi_sgd_update", [(W, FULL), (G, FULL)], True)


def preloaded_multi_sgd_mom_update(mx):
    return _stepped(mx, "preloaded_multi_sgd_mom_update", [(W, FULL), (G, FULL), (S, FULL)], True, momentum=0.5)


def preloaded_multi_mp_sgd_update(mx):
    return _stepped(mx, "preloaded_multi_mp_sgd_update", [(W, HALF), (G, HALF), (W, FULL)], True)


def preloaded_multi_mp_sgd_mom_update(mx):
    return _stepped(mx, "preloaded_multi_mp_sgd_mom_update", [(W, HALF), (G, HALF), (S, FULL), (W, FULL)], True,
                    momentum=0.5)


def one_weight(mx):
    w, g, out = mx.nd.array(W[0]), mx.nd.array(G[0]), mx.nd.zeros((3,))
    w64, g64, out64 = (x.astype("float64") for x in (w, g, out))
    return [mx.nd.multi_sgd_update(w, g, lrs=(0.1,), wds=(0.0,), out=out), out,
            mx.nd.multi_sgd_update(w, g, lrs=[0.1], wds=[0.0], num_weights=1, out=w), w,
            mx.nd.multi_sgd_update(w64, g64, lrs=(0.1,), wds=(0.5,), out=out64)]


def wrong_calls(mx):
    w, g = mx.nd.array(W[0]), mx.nd.array(G[0])
    return [lambda: mx.nd.multi_sgd_update(w, g, lrs=(0.1, 0.2), wds=(0.0, 0.0), num_weights=2),
            lambda: mx.nd.multi_sgd_update(w, g, lrs=(0.1, 0.2), wds=(0.0,)),
            lambda: mx.nd.multi_sgd_update(w, g, wds=(0.0,)),
            lambda: mx.nd.multi_sgd_update(w, g[:2], lrs=(0.1,), wds=(0.0,), out=w).asnumpy(),
            lambda: mx.nd.multi_sgd_mom_update(w, g, lrs=(0.1,), wds=(0.0,), out=w),
            lambda: mx.nd.multi_sgd_update(w, g, lrs=(0.1,), wds=(0.0,), momentum=0.5, out=w),
            lambda: mx.nd.multi_sgd_update(),
            lambda: mx.nd.preloaded_multi_sgd_update(w, g, num_weights=1)]


def mp_lamb_update_phase1(mx):
    out = []
    for more in ({}, {"beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3}, {"bias_correction": False},
                 {"rescale_grad": 0.5, "clip_gradient": 0.2}):
        w, g = mx.nd.array(W[0], dtype="float16"), mx.nd.array(G[0], dtype="float16")
        m, v, w32 = mx.nd.array(S[0]), mx.nd.array(V[0]), mx.nd.array(W[0])
        out.append([mx.nd.mp_lamb_update_phase1(w, g, m, v, w32, t=2, wd=0.1, **more), m, v, w32])
    return out


def mp_lamb_update_phase2(mx):
    w, w32, g = mx.nd.array(W[0], dtype="float16"), mx.nd.array(W[0]), mx.nd.array(G[0])
    one, two, none = mx.nd.array([1.5]), mx.nd.array([2.0]), mx.nd.array([0.0])
    step = mx.nd.mp_lamb_update_phase2
    out = [step(w, g, one, two, w32.copy(), lr=0.1), step(w, g, none, two, w32.copy(), lr=0.1),
           step(w, g, one, two, w32.copy(), lr=0.1, lower_bound=1.8),
           step(w, g, one, two, w32.copy(), lr=0.1, upper_bound=0.5)]
    step(w, g, one, two, w32, lr=0.1, out=w)
    return [*out, w, lambda: step(w, g, one, two, w32), lambda: step(w, g[:2], one, two, w32, lr=0.1)]


def mp_lamb_update_phase2_of_the_copy(mx):
    w, w32, g = mx.nd.array(W[0], dtype="float16"), mx.nd.array(W[0]), mx.nd.array(G[0])
    mx.nd.mp_lamb_update_phase2(w, g, mx.nd.array([1.5]), mx.nd.array([2.0]), w32, lr=0.1, out=w)
    return [w, w32]


def adamw_update(mx):
    out = []
    step = mx.nd.contrib.adamw_update
    for scale in (1.0, 0.5, mx.nd.array([0.25]), float("inf"), 0.0, float("nan")):
        for more in ({}, {"wd": 0.1, "clip_gradient": 0.3}, {"beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3}):
            w, g, m, v = (mx.nd.array(x[0]) for x in (W, G, S, V))
            out.append([step(w, g, m, v, scale, 0.1, 0.5, out=w, **more), w, m, v])
    w, g, m, v = (mx.nd.array(x[0]) for x in (W, G, S, V))
    out.append([step(w, g, m, v, 1.0, 0.1, 0.5), w])
    w, g, m, v = (mx.nd.array(x[0]) for x in (W, G, S, V))
    step(w, g, m, v, rescale_grad=1.0, lr=0.1, eta=1.0, out=w)
    return [*out, w, lambda: step(w, g[:2], m, v, 1.0, 0.1, 1.0), lambda: step(w, g, m, v, 1.0)]


def mp_adamw_update(mx):
    out = []
    for scale in (1.0, float("inf")):
        for more in ({}, {"wd": 0.1, "clip_gradient": 0.3}):
            w, g = mx.nd.array(W[0], dtype="float16"), mx.nd.array(G[0], dtype="float16")
            m, v, w32 = (mx.nd.array(x[0]) for x in (S, V, W))
            out.append([mx.nd.contrib.mp_adamw_update(w, g, m, v, w32, scale, 0.1, 0.5, out=w, **more), w, m, v, w32])
    return out


def multi_adamw_update(mx):
    out = []
    for scale in (1.0, 0.5, float("nan")):
        for more in ({}, {"clip_gradient": 0.3, "beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3}):
            w, g, m, v = (_two(mx, x) for x in (W, G, S, V))
            new = w if scale != scale else _fresh(w)
            mx.nd.contrib.multi_adamw_update(w, g, m, v, scale, [0.1, 0.2], [0.01, 0.0], [1.0, 0.5], out=new, **more)
            out.append([new, w, m, v])
    w, g, m, v = (_two(mx, x) for x in (W, G, S, V))
    mx.nd.contrib.multi_adamw_update(w, g, m, v, 1.0, [0.1, 0.2], [0.01, 0.0], [1.0, 0.5], out=w, size=2)
    return [out, w]


def multi_mp_adamw_update(mx):
    out = []
    for scale in (1.0, 0.5):
        w, g = _two(mx, W, "float16"), _two(mx, G, "float16")
        m, v, w32 = (_two(mx, x) for x in (S, V, W))
        mx.nd.contrib.multi_mp_adamw_update(w, g, m, v, w32, scale, [0.1, 0.2], [0.01, 0.0], [1.0, 0.5], out=w)
        out.append([w, m, v, w32])
    return out


def multi_lamb_update(mx):
    out = []
    for more in ({}, {"beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3}, {"bias_correction": False},
                 {"rescale_grad": 0.5, "clip_gradient": 0.2}, {"lower_bound": 5.0}, {"upper_bound": 0.5}):
        w, g, m, v = (_two(mx, x) for x in (W, G, S, V))
        new = _fresh(w)
        mx.nd.contrib.multi_lamb_update(w, g, m, v, [1, 2], [0.1, 0.2], [0.01, 0.0], out=new, **more)
        out.append([new, w, m, v])
    w, g, m, v = (_two(mx, x) for x in (W, G, S, V))
    mx.nd.contrib.multi_lamb_update(w, g, m, v, [1, 2], [0.1, 0.2], [0.01, 0.0], out=w, num_tensors=2)
    return [out, w]


def multi_mp_lamb_update(mx):
    w, g = _two(mx, W, "float16"), _two(mx, G, "float16")
    m, v, w32 = (_two(mx, x) for x in (S, V, W))
    mx.nd.contrib.multi_mp_lamb_update(w, g, m, v, w32, [1, 2], [0.1, 0.2], [0.01, 0.0], out=w)
    return [w, m, v, w32]


def group_adagrad_update(mx):
    out = []
    for more in ({}, {"rescale_grad": 0.5, "clip_gradient": 0.3}, {"epsilon": 0.1}):
        w, h = mx.nd.array(W[1]), mx.nd.array([[0.5], [0.25]])
        rows = mx.nd.sparse.row_sparse_array(([[1, 2]], [1]), shape=(2, 2))
        mx.nd.contrib.group_adagrad_update(w, rows, h, lr=0.1, out=w, **more)
        out.append([w, h])
    return [*out, lambda: mx.nd.contrib.group_adagrad_update(w, rows, h, out=w)]


def group_adagrad_update_of_dense_gradients(mx):
    w, g, h = mx.nd.array(W[1]), mx.nd.array(G[1]), mx.nd.array([[0.5], [0.25]])
    return [lambda: mx.nd.contrib.group_adagrad_update(w, g, h, lr=0.1)]


def _rows(mx):
    return mx.nd.sparse.row_sparse_array(([[1, -2], [3, 4]], [0, 2]), shape=(4, 2))


def _table(mx, stype, value=1.0):
    return (mx.nd.ones((4, 2)) * value).tostype(stype)


def sparse_sgd_update(mx):
    out = []
    for stype in ("default", "row_sparse"):
        for more in ({}, {"lazy_update": False}, {"rescale_grad": 0.5, "clip_gradient": 0.7}):
            w = _table(mx, stype)
            mx.nd.sparse.sgd_update(w, _rows(mx), lr=0.1, wd=0.1, out=w, **more)
            out.append([w.asnumpy(), w.stype])
    return out


def sparse_sgd_mom_update(mx):
    out = []
    for stype in ("default", "row_sparse"):
        for more in ({}, {"lazy_update": False}, {"rescale_grad": 0.5, "clip_gradient": 0.7}):
            w, mom = _table(mx, stype), _table(mx, stype, 0.25)
            mx.nd.sparse.sgd_mom_update(w, _rows(mx), mom, lr=0.1, wd=0.1, momentum=0.5, out=w, **more)
            out.append([w.asnumpy(), mom.asnumpy(), w.stype, mom.stype])
    return out


def sparse_adam_update(mx):
    out = []
    for stype in ("default", "row_sparse"):
        for more in ({}, {"lazy_update": False}, {"rescale_grad": 0.5, "clip_gradient": 0.7, "beta1": 0.5}):
            w, m, v = (_table(mx, stype, x) for x in (1, 0.25, 0.5))
            mx.nd.sparse.adam_update(w, _rows(mx), m, v, lr=0.1, wd=0.1, out=w, **more)
            out.append([w.asnumpy(), m.asnumpy(), v.asnumpy()])
    return out


def sparse_ftrl_update(mx):
    w, z, n = (_table(mx, "row_sparse", x) for x in (1, 0.25, 0.5))
    mx.nd.sparse.ftrl_update(w, _rows(mx), z, n, lr=0.1, wd=0.1, out=w)
    return [w.asnumpy(), z.asnumpy(), n.asnumpy()]


def sparse_adagrad_update(mx):
    out = []
    for stype in ("default", "row_sparse"):
        for more in ({}, {"rescale_grad": 0.5, "clip_gradient": 0.7}, {"epsilon": 0.1}):
            w, h = _table(mx, stype), _table(mx, stype, 0.5)
            mx.nd.sparse.adagrad_update(w, _rows(mx), h, lr=0.1, out=w, **more)
            out.append([w.asnumpy(), h.asnumpy()])
    return [*out, lambda: mx.nd.sparse.adagrad_update(w, _rows(mx), h), ]


def adagrad_update_refuses(mx):
    w, h, g = mx.nd.ones((2, 2)), mx.nd.ones((2, 2)), mx.nd.ones((2, 2))
    table = _table(mx, "row_sparse")
    return [lambda: mx.nd.sparse.adagrad_update(w, g, h, lr=0.1).asnumpy(),
            lambda: mx.nd.sparse.adagrad_update(table, _rows(mx), table, lr=0.1, wd=0.1, out=table).asnumpy()]


def set_to_zero(mx):
    a, b = mx.nd.ones((2,)), mx.nd.ones((2, 2), dtype="float16")
    mx.nd.reset_arrays(a, b, num_arrays=2)
    return [a, b]


def found_without_other_updates(mx):
    return [hasattr(mx.nd, name) for name in ("multi_lars", "multi_sum_sq", "mp_lamb_update_phase1", "amp_cast")]
