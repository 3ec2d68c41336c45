"""mx.test_utils: comparisons, tolerances, random arrays and shapes, small helpers."""


def tolerances(mx):
    t = mx.test_utils
    half, single = mx.nd.ones(1, dtype="float16"), mx.nd.ones(1)
    return [{str(k): v for k, v in t.default_numeric_eps().items()}, t.get_atol(), t.get_rtol(), t.get_etol(),
            t.get_etol(0.5), list(t.get_tols(single, half, None, None)), list(t.get_tols(single, single, None, None)),
            list(t.get_tols(single, single, 0.5, 0.25)), t.default_dtype(), str(t.default_context()),
            sorted((str(k.__name__ if isinstance(k, type) else k), float(v)) for k, v in t.default_rtols().items()),
            sorted((str(k.__name__ if isinstance(k, type) else k), float(v)) for k, v in t.default_atols().items())]


def comparisons(mx):
    import numpy as np
    t, nan = mx.test_utils, float("nan")
    one = np.ones(2)
    return [
        t.almost_equal(one, one + 1e-6), t.almost_equal(one, one * 1.1),
        t.almost_equal(np.array([nan]), np.array([nan])),
        t.almost_equal(np.array([nan]), np.array([nan]), equal_nan=True), t.same(one, one), t.same(one, one * 2),
        t.almost_equal(one, one * 2, rtol=1),
        lambda: t.assert_almost_equal(one, one * 1.01), lambda: t.assert_almost_equal(one, np.ones(3)),
        lambda: t.assert_almost_equal(mx.nd.ones((2, 2)), mx.nd.ones((2, 2)) * 2),
        lambda: t.assert_almost_equal(mx.nd.ones((2, 2)), np.ones((2, 2))),
        lambda: t.assert_almost_equal(one, 1.0), lambda: t.assert_almost_equal(1.0, 2.0, atol=3),
        lambda: t.assert_almost_equal(one, np.ones((1, 2)), use_broadcast=False),
        lambda: t.assert_allclose(one, one), lambda: t.assert_allclose(one, one * 2),
        lambda: t.assert_almost_equal_ignore_nan(np.array([1, nan]), np.array([1.0, 2])),
        lambda: t.assert_almost_equal_ignore_nan(np.array([1, nan]), np.array([3.0, 2])),
        lambda: t.assert_almost_equal_with_err(np.ones(10), np.array([2.0] + [1.0] * 9), etol=0.2),
        lambda: t.assert_almost_equal_with_err(np.ones(10), np.array([2.0] * 3 + [1.0] * 7), etol=0.2),
        lambda: t.assert_exception(lambda: 1 / 0, ZeroDivisionError), lambda: t.assert_exception(lambda: 1, ValueError),
        lambda: t.compare_ndarray_tuple((mx.nd.ones(1), None), (mx.nd.ones(1), None)),
        lambda: t.compare_ndarray_tuple((mx.nd.ones(1),), (mx.nd.zeros(1),))]


def random_things(mx):
    import numpy as np
    t = mx.test_utils
    np.random.seed(0)
    shapes = [list(map(int, shape)) for shape in (t.rand_shape_2d(), t.rand_shape_3d(), t.rand_shape_nd(4),
              t.rand_shape_2d(3, 4, allow_zero_size=True), t.rand_shape_nd(2, 3, True), t.rand_coord_2d(1, 5, 2, 9))]
    return [shapes, t.random_arrays((2, 2)), t.random_arrays((1,), (2,)), t.rand_ndarray((2, 2)),
            t.random_uniform_arrays((2,)), t.random_uniform_arrays((2,), low=3, high=5, dtype="float64"),
            sorted(t.random_sample([1, 2, 3, 4], 4)), t.rand_ndarray((2, 3), dtype="float64").dtype.__name__]


def sparse_by_chance(mx):
    t = mx.test_utils
    rsp, csr = t.rand_ndarray((5, 3), "row_sparse"), t.rand_ndarray((4, 6), "csr", density=0.5)
    made, parts = t.rand_sparse_ndarray((4, 2), "row_sparse", density=1)
    return [rsp.stype, rsp.shape, csr.stype, csr.shape, csr.dtype, made.stype, len(parts), made.asnumpy().shape,
            bool((made.asnumpy() != 0).all())]


def helpers(mx):
    import os

    import numpy as np
    t = mx.test_utils
    a = mx.nd.ones((2, 2))
    runs = []

    @t.retry(3)
    def by_chance():
        runs.append(1)
        assert len(runs) == 2

    by_chance()
    with t.environment("MXL_TEST_OF_ENVIRONMENT", "1"):
        inside = os.environ["MXL_TEST_OF_ENVIRONMENT"]
        with t.environment({"MXL_TEST_OF_ENVIRONMENT": None}):
            gone = os.environ.get("MXL_TEST_OF_ENVIRONMENT")
    return [t.np_reduce(np.arange(24).reshape((2, 3, 4)), (0, 2), True, np.sum), len(runs), inside, gone,
            t.np_reduce(np.arange(6).reshape((2, 3)), None, False, np.max), os.environ.get("MXL_TEST_OF_ENVIRONMENT"),
            t.collapse_sum_like(np.ones((2, 3)), (1, 3)), t.collapse_sum_like(np.ones((4, 2, 3)), (2, 1)),
            t.assign_each(np.array([1.0, 2]), lambda x: x + 1), t.create_vector(3), t.create_2d_tensor(2, 3),
            t.assign_each2(np.array([1.0, 2]), np.array([3.0, 4]), lambda x, y: x * y), t.get_identity_mat(2),
            t.same_array(a, a), t.same_array(a, mx.nd.ones((2, 2))), t.same_array(a, a.reshape((4, 1)).reshape((2, 2))),
            a, len(list(t.list_gpus()))]
