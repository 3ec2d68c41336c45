"""The steps of LAMB as operators."""


def _arrays(mx):
    return [mx.nd.array(x) for x in ([1.0, -2.0, 3.0], [0.5, 0.25, -1.0], [0.1, 0.2, 0.3], [0.5, 0.4, 0.3])]


def lamb_first_phase(mx):
    out = []
    for more in ({}, {"beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3}, {"bias_correction": False},
                 {"rescale_grad": 0.5, "clip_gradient": 0.2}):
        w, g, m, v = _arrays(mx)
        out.append([mx.nd.lamb_update_phase1(w, g, m, v, t=2, wd=0.1, **more), w, m, v])
    return out


def lamb_second_phase(mx):
    w, g, _, _ = _arrays(mx)
    one, two, none = mx.nd.array([1.5]), mx.nd.array([2.0]), mx.nd.array([0.0])
    step = mx.nd.lamb_update_phase2
    out = [step(w, g, one, two, lr=0.1), step(w, g, none, two, lr=0.1), step(w, g, one, none, lr=0.1),
           step(w, g, one, two, lr=0.1, lower_bound=1.8), step(w, g, one, two, lr=0.1, upper_bound=0.5)]
    step(w, g, one, two, lr=0.1, out=w)
    return [*out, w]


def wrong(mx):
    w, g, m, v = _arrays(mx)
    return [lambda: mx.nd.lamb_update_phase1(w, g[:2], m, v, t=1, wd=0),
            lambda: mx.nd.lamb_update_phase1(w, g, m, v, wd=0),
            lambda: mx.nd.lamb_update_phase2(w, g[:2], m[:1], v[:1], lr=0.1),
            lambda: mx.nd.lamb_update_phase2(w, g, m[:1], v[:1])]


def sums_of_squares(mx):
    a, b = mx.nd.array([[1.0, 2.0], [3.0, 4.0]]), mx.nd.array([2.0, -3.0])
    sums = mx.nd.multi_sum_sq(a, b, num_arrays=2)
    return [sums, mx.nd.multi_sum_sq(a, num_arrays=1), lambda: mx.nd.multi_sum_sq(a, b, num_arrays=3)]


def rates_by_layer(mx):
    v = [mx.nd.array(x) for x in ([0.1, 0.2, 0.3], [4.0, 9.0, 0.0], [1.0, 4.0, 1.0], [0.0, 0.1, 0.1])]
    return [mx.nd.multi_lars(*v, eta=0.5, eps=1e-3), mx.nd.multi_lars(*v, eta=0.5, eps=1e-3, rescale_grad=0.5)]
