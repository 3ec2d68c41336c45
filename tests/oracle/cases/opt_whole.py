"""Optimizers that need whole keys or rows, or draw noise; their states, settings and names."""


def _steps(mx, opt, weights, count=4):
    """The weights after steps with seeded gradients, by MXNet's Updater."""
    updater = mx.optimizer.get_updater(opt)
    for _ in range(count):
        for index, weight in enumerate(weights):
            updater(index, mx.nd.random.uniform(-1, 1, shape=weight.shape), weight)
    return weights


def _weights(mx):
    return [mx.nd.random.uniform(-1, 1, shape=shape) for shape in ((3, 2), (4, 1))]


def lamb(mx):
    create = mx.optimizer.create
    return [_steps(mx, create("lamb", learning_rate=0.1, **settings), _weights(mx)) for settings in (
        {}, {"wd": 0.1}, {"bias_correction": False}, {"lower_bound": 0.1, "upper_bound": 0.5}, {"clip_gradient": 0.3})]


def lars(mx):
    create = mx.optimizer.create
    return [_steps(mx, create("lars", learning_rate=0.1, **settings), _weights(mx)) for settings in (
        {}, {"momentum": 0.9, "wd": 0.1}, {"eta": 0.1, "eps": 1e-3}, {"rescale_grad": 0.25, "wd": 0.01})]


def lars_by_names(mx):
    names = {0: "conv_weight", 1: "bn_gamma"}
    opt = mx.optimizer.create("lars", learning_rate=0.1, wd=0.1, param_idx2name=names)
    return [_steps(mx, opt, _weights(mx)), sorted(opt.wd_mult.items())]


def lars_of_one_key_with_a_schedule(mx):
    schedule = mx.lr_scheduler.FactorScheduler(2, 0.5, base_lr=0.5)
    opt = mx.optimizer.create("lars", learning_rate=0.5, momentum=0.9, eta=0.1, lr_scheduler=schedule)
    return _steps(mx, opt, _weights(mx)[:1], 7)


def lbsgd(mx):
    create = mx.optimizer.create
    return [_steps(mx, create("lbsgd", learning_rate=0.1, **settings), _weights(mx), 6) for settings in (
        {}, {"momentum": 0.9}, {"batch_scale": 2}, {"batch_scale": 3, "warmup_strategy": "lars", "momentum": 0.5})]


def dcasgd(mx):
    create = mx.optimizer.create
    return [_steps(mx, create("dcasgd", learning_rate=0.1, **settings), _weights(mx)) for settings in (
        {}, {"lamda": 0.5, "wd": 0.1}, {"rescale_grad": 0.5, "clip_gradient": 0.3})]


def sgld(mx):
    return [_steps(mx, mx.optimizer.create("sgld", learning_rate=0.01, wd=wd), _weights(mx)) for wd in (0, 0.1)]


def group_adagrad(mx):
    opt = mx.optimizer.contrib.GroupAdaGrad(learning_rate=0.1)
    return [_steps(mx, opt, _weights(mx)), opt.create_state(0, mx.nd.ones((3, 2))),
            lambda: opt.create_state(0, mx.nd.ones((3,))), mx.optimizer.create("groupadagrad").float_stable_eps,
            lambda: _steps(mx, mx.optimizer.create("groupadagrad", wd=0.1), _weights(mx))]


def states(mx):
    w = mx.nd.array([[1, 2]])
    create = mx.optimizer.create
    return [create("lamb").create_state(0, w), create("lars").create_state(0, w),
            create("lars", momentum=0.9).create_state(0, w), create("dcasgd").create_state(0, w),
            create("sgld").create_state(0, w), create("lbsgd").create_state(0, w),
            create("lbsgd", momentum=0.9).create_state(0, w)]


def multi_precision(mx):
    w = mx.nd.array([[1, -2, 0.5]], dtype="float16")
    results = []
    for name, settings in (("lamb", {}), ("lars", {"momentum": 0.9}), ("lars", {})):
        weight = w.copy()
        opt = mx.optimizer.create(name, learning_rate=0.1, multi_precision=True, **settings)
        updater = mx.optimizer.get_updater(opt)
        for _ in range(3):
            updater(0, mx.nd.array([[0.1, 0.2, -0.3]], dtype="float16"), weight)
        results.append([weight, opt.create_state_multi_precision(0, w)])
    return results


def names_and_defaults(mx):
    found = []
    for name in ("lamb", "lars", "lbsgd", "dcasgd", "sgld", "groupadagrad"):
        opt = mx.optimizer.create(name)
        found.append([type(opt).__name__, opt.lr, opt.wd, isinstance(opt, mx.optimizer.Optimizer)])
    lamb = mx.optimizer.LAMB()
    return [found, lamb.beta1, lamb.beta2, lamb.epsilon, lamb.lower_bound, lamb.bias_correction,
            mx.optimizer.LARS().eta, mx.optimizer.DCASGD().lamda, mx.optimizer.LBSGD().warmup_strategy]


def with_a_trainer(mx):
    results = []
    for name in ("lamb", "lars", "dcasgd", "sgld", "lbsgd"):
        mx.random.seed(1)
        net = mx.gluon.nn.Dense(2, in_units=3)
        net.initialize()
        trainer = mx.gluon.Trainer(net.collect_params(), name, {"learning_rate": 0.1})
        for _ in range(2):
            with mx.autograd.record():
                loss = (net(mx.nd.array([[1, 2, 3], [4, 5, 6]])) ** 2).sum()
            loss.backward()
            trainer.step(2)
        results.append([net.weight.data(), net.bias.data()])
    return results
