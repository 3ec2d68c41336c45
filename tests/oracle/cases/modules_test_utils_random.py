"""mx.test_utils: random sparse arrays, matrices of a kind, checks of generators, of optimizers and of networks."""

import numpy as np


def _seen(x):
    return [x.stype, list(x.shape), x.dtype.__name__, x.asnumpy()]


def row_sparse_arrays(mx):
    t = mx.test_utils
    one, parts = t.rand_sparse_ndarray((5, 2), "row_sparse", density=0.5)
    none, nothing = t.rand_sparse_ndarray((5, 2), "row_sparse", density=0.0)
    return [_seen(one), [np.asarray(part) for part in parts], _seen(none), [part.size for part in nothing],
            _seen(t.rand_ndarray((4, 2), "row_sparse")), _seen(t.rand_ndarray((2, 3))),
            _seen(t.rand_ndarray((4, 3), "row_sparse", density=1, modifier_func=lambda x: x - 2)),
            _seen(t.create_sparse_array((5, 2), "row_sparse", data_init=2.5, rsp_indices=[3, 1])),
            _seen(t.create_sparse_array_zd((5, 2), "row_sparse", density=1, rsp_indices=[0, 4])),
            _seen(t.create_sparse_array_zd((5, 2), "row_sparse", density=1)),
            _seen(t.create_sparse_array((5, 2), "row_sparse", dtype="float64"))]


def powerlaw(mx):
    t = mx.test_utils
    made = [t.rand_ndarray((4, 16), "csr", density=density, distribution="powerlaw") for density in (0.2, 0.3)]
    return [[_seen(x), x.indptr] for x in made] + [
        lambda: t.rand_ndarray((4, 16), "csr", density=0.1, distribution="powerlaw"),
        lambda: t.rand_ndarray((4, 16), "csr", density=1.0, distribution="powerlaw").stype,
        lambda: t.rand_sparse_ndarray((4, 16), "csr", density=0.5, distribution="odd"),
        lambda: t.rand_sparse_ndarray((4, 16), "row_sparse", distribution="powerlaw"),
        lambda: t.rand_sparse_ndarray((4, 16), "odd"), lambda: t.create_sparse_array((4, 2), "odd"),
        lambda: t.rand_ndarray((4, 16), "csr", density=1.5), lambda: t.rand_ndarray((0, 16), "csr", density=0.5)]


def csr_arrays(mx):
    x, parts = mx.test_utils.rand_sparse_ndarray((6, 5), "csr", density=0.4)
    indptr, indices, data = parts
    return [x.stype, list(x.shape), len(parts), indptr.shape[0], indices.shape == data.shape, x.dtype.__name__]


def matrices(mx):
    t = mx.test_utils
    q = t.new_orthonormal_matrix_2d(4)
    return [t.get_identity_mat_batch(2), t.get_identity_mat(2), t.new_matrix_with_real_eigvals_2d(3),
            t.new_sym_matrix_with_real_eigvals_2d(3), bool(np.allclose(q.T @ q, np.eye(4))),
            list(t.new_matrix_with_real_eigvals_nd((2, 3, 4, 4)).shape),
            list(t.new_sym_matrix_with_real_eigvals_nd((2, 3, 3)).shape)]


def moments(mx):
    t = mx.test_utils
    normal = lambda n: np.random.normal(2.0, 3.0, n)  # noqa: E731
    return [bool(t.mean_check(normal, 2.0, 3.0, 10000)), bool(t.mean_check(normal, 3.0, 3.0, 10000)),
            bool(t.var_check(normal, 3.0, 10000)), bool(t.var_check(normal, 4.0, 10000)),
            t.gen_buckets_probs_with_ppf(lambda q: 2 * q, 4), lambda: t.gen_buckets_probs_with_ppf(None, 0)]


def tolerance_of_a_dtype(mx):
    t = mx.test_utils
    table = {np.dtype("float32"): 0.5, np.dtype("float64"): 0.25}
    x = np.ones(2, dtype="float32")
    double = x.astype("float64")
    return [t.get_tolerance(x, 0.125, table), t.get_tolerance(x, None, table), t.get_tolerance(double, {}, table),
            t.get_tolerance(x, {np.dtype("float32"): 2.0}, table)]


def optimizers_alike(mx):
    t, o = mx.test_utils, mx.optimizer
    shape = (4, 3)

    def against(one, other, **more):
        return lambda: t.compare_optimizer(one, other, shape, "float32", **more)

    return [against(o.SGD(momentum=0.9), o.SGD(momentum=0.9)), against(o.SGD(), o.SGD(learning_rate=0.5)),
            against(o.SGD(lazy_update=False), o.SGD(lazy_update=False), w_stype="row_sparse", g_stype="row_sparse"),
            against(o.Adam(), o.Adam(), w_stype="default", g_stype="default", compare_states=False),
            lambda: t.compare_optimizer(o.SGD(), o.SGD(), [(2, 3), (4,)], "float32", ntensors=2),
            lambda: t.compare_optimizer(o.SGD(), o.SGD(learning_rate=0.5), [(2, 3), (4,)], "float32", ntensors=2)]


def networks_alike(mx):
    def net(prefix):
        made = mx.gluon.nn.HybridSequential(prefix=prefix)
        with made.name_scope():
            made.add(mx.gluon.nn.Dense(3, activation="relu", in_units=2), mx.gluon.nn.Dense(2, in_units=3))
        return made

    x = [mx.nd.array([[1.0, 2.0], [3.0, -4.0]])]
    check = mx.test_utils.check_gluon_hybridize_consistency
    return [lambda: check(net, x), lambda: check(net, x, test_grad=False),
            lambda: check(lambda prefix: mx.gluon.nn.Dense(1, in_units=2, use_bias=False, prefix=prefix), x,
                          numpy_func=lambda data: data * 100)]


def environment_variables(mx):
    mx.test_utils.setenv("MX_TEST_UTILS_X", "5")
    first = mx.test_utils.getenv("MX_TEST_UTILS_X")
    mx.test_utils.setenv("MX_TEST_UTILS_X", None)
    with mx.test_utils.discard_stderr():
        second = mx.test_utils.getenv("MX_TEST_UTILS_X")
    return [first, second]
