"""Autograd: recording and training mode, scopes, threads."""

import threading


def _now(mx):
    return [mx.autograd.is_recording(), mx.autograd.is_training()]


def modes_outside(mx):
    return _now(mx)


def record_sets_both(mx):
    with mx.autograd.record():
        inside = _now(mx)
    return [inside, _now(mx)]


def record_without_training(mx):
    with mx.autograd.record(train_mode=False):
        inside = _now(mx)
    return [inside, _now(mx)]


def pause_inside_record(mx):
    with mx.autograd.record():
        with mx.autograd.pause():
            inner = _now(mx)
        with mx.autograd.pause(train_mode=True):
            second = _now(mx)
        return [inner, second, _now(mx)]


def train_mode_inside_pause(mx):
    with mx.autograd.record(), mx.autograd.pause(), mx.autograd.train_mode():
        return _now(mx)


def predict_mode_inside_record(mx):
    with mx.autograd.record():
        with mx.autograd.predict_mode():
            inner = _now(mx)
        return [inner, _now(mx)]


def train_mode_alone(mx):
    with mx.autograd.train_mode():
        inner = _now(mx)
    return [inner, _now(mx)]


def predict_mode_alone(mx):
    with mx.autograd.predict_mode():
        return _now(mx)


def nested_five_deep(mx):
    seen = []
    with mx.autograd.record():
        seen.append(_now(mx))
        with mx.autograd.predict_mode():
            seen.append(_now(mx))
            with mx.autograd.pause():
                seen.append(_now(mx))
                with mx.autograd.record(train_mode=False):
                    seen.append(_now(mx))
                    with mx.autograd.train_mode():
                        seen.append(_now(mx))
                    seen.append(_now(mx))
                seen.append(_now(mx))
            seen.append(_now(mx))
        seen.append(_now(mx))
    return [seen, _now(mx)]


def modes_come_back_after_an_exception(mx):
    try:
        with mx.autograd.record():
            raise ValueError("inside")
    except ValueError:
        pass
    return _now(mx)


def scope_object_used_twice(mx):
    scope = mx.autograd.record()
    with scope:
        first = _now(mx)
    with scope:
        second = _now(mx)
    return [first, second, _now(mx)]


def scope_gives_nothing(mx):
    with mx.autograd.record() as a, mx.autograd.pause() as b, mx.autograd.train_mode() as c:
        return [a is None, b is None, c is None]


def set_recording_returns_what_was(mx):
    return [mx.autograd.set_recording(True), mx.autograd.set_recording(True), mx.autograd.set_recording(False),
            mx.autograd.set_recording(False), mx.autograd.is_recording()]


def set_training_returns_what_was(mx):
    return [mx.autograd.set_training(True), mx.autograd.set_training(False), mx.autograd.set_training(False),
            mx.autograd.is_training()]


def set_recording_records(mx):
    x = mx.nd.array([1, 2, 3])
    x.attach_grad()
    mx.autograd.set_recording(True)
    y = x * x
    mx.autograd.set_recording(False)
    y.backward()
    return x.grad


def recording_in_called_functions(mx):
    def inner():
        return mx.autograd.is_recording()

    def outer():
        with mx.autograd.pause():
            paused = inner()
        return [paused, inner()]

    with mx.autograd.record():
        return outer()


def modes_are_per_thread(mx):
    seen = []

    def other():
        seen.append(_now(mx))
        with mx.autograd.record(train_mode=False):
            seen.append(_now(mx))

    with mx.autograd.record():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        seen.append(_now(mx))
    return seen


def threads_record_apart(mx):
    results = {}

    def work(n):
        x = mx.nd.array([1.0, 2.0, 3.0]) * n
        x.attach_grad()
        with mx.autograd.record():
            y = (x * x * n).sum()
        y.backward()
        results[n] = x.grad.asnumpy()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[n] for n in range(4)]


def backward_in_another_thread(mx):
    x = mx.nd.array([1.0, 2.0, 3.0])
    x.attach_grad()
    with mx.autograd.record():
        y = x * x
    thread = threading.Thread(target=y.backward)
    thread.start()
    thread.join()
    return x.grad


def pause_stops_gradients(mx):
    x = mx.nd.array([1, 2, 3])
    x.attach_grad()
    with mx.autograd.record():
        y = x * x
        with mx.autograd.pause():
            z = y * 10
        w = y + z
    w.backward()
    return [w, x.grad]


def predict_mode_does_not_stop_gradients(mx):
    x = mx.nd.array([1, 2, 3])
    x.attach_grad()
    with mx.autograd.record(), mx.autograd.predict_mode():
        y = x * x
    y.backward()
    return x.grad


def dropout_in_modes(mx):
    x = mx.nd.ones((4, 5))
    outside = mx.nd.Dropout(x, p=0.5)
    with mx.autograd.record(train_mode=False):
        predicting = mx.nd.Dropout(x, p=0.5)
    with mx.autograd.predict_mode():
        also = mx.nd.Dropout(x, p=0.5)
    with mx.autograd.train_mode():
        training = mx.nd.Dropout(x, p=0.5).asnumpy()
    always = mx.nd.Dropout(x, p=0.5, mode="always").asnumpy()
    return [outside, predicting, also, sorted({float(v) for v in training.ravel()}), bool((training == 0).any()),
            sorted({float(v) for v in always.ravel()})]


def dropout_of_nothing(mx):
    x = mx.nd.ones((4, 5))
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.Dropout(x, p=0)
    y.backward()
    return [y, x.grad]


def dropout_gradient_uses_the_mask(mx):
    x = mx.nd.ones((10, 10))
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.Dropout(x, p=0.5)
    y.backward()
    return bool((y.asnumpy() == x.grad.asnumpy()).all())


def batchnorm_in_modes(mx):
    x = mx.nd.array([[1, 2], [3, 5], [6, 9]])
    gamma, beta = mx.nd.array([2, 3]), mx.nd.array([0.5, -1])
    mean, var = mx.nd.array([1, 1]), mx.nd.array([4, 9])
    outside = mx.nd.BatchNorm(x, gamma, beta, mean, var, fix_gamma=False, momentum=0.5)
    before = [mean.copy(), var.copy()]
    with mx.autograd.record():
        training = mx.nd.BatchNorm(x, gamma, beta, mean, var, fix_gamma=False, momentum=0.5)
    training.wait_to_read()
    return [outside, before, training, mean, var]


def batchnorm_gradient_in_predict_mode(mx):
    x = mx.nd.array([[1, 2], [3, 5], [6, 9]])
    x.attach_grad()
    gamma, beta = mx.nd.array([2, 3]), mx.nd.array([0.5, -1])
    mean, var = mx.nd.array([1, 1]), mx.nd.array([4, 9])
    with mx.autograd.record(train_mode=False):
        y = mx.nd.BatchNorm(x, gamma, beta, mean, var, fix_gamma=False, eps=1e-5)
    y.backward(train_mode=False)
    return [y, x.grad, mean]


def softmax_output_gradient_ignores_head(mx):
    x = mx.nd.array([[1, 2, 3], [1, 1, 1]])
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.SoftmaxOutput(x, mx.nd.array([2, 0]))
    y.backward()
    return [y, x.grad]


def random_in_record(mx):
    mx.random.seed(3)
    x = mx.nd.ones((3,))
    x.attach_grad()
    with mx.autograd.record():
        noise = mx.nd.random.uniform(shape=(3,))
        y = x * noise
    y.backward()
    return [noise, x.grad]
