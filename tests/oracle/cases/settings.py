"""Optimizers, schedules, initializers, random numbers, contexts: settings, and what they refuse by which error."""


def learning_rate_schedules(mx):
    s = mx.lr_scheduler
    return {
        n: lambda f=f: type(f()).__name__
        for n, f in {
            "factor step": lambda: s.FactorScheduler(0),
            "factor": lambda: s.FactorScheduler(3, 1.5),
            "multi order": lambda: s.MultiFactorScheduler([3, 2]),
            "multi zero": lambda: s.MultiFactorScheduler([0, 2]),
            "multi empty": lambda: s.MultiFactorScheduler([]),
            "multi no list": lambda: s.MultiFactorScheduler(3),
            "poly zero": lambda: s.PolyScheduler(0),
            "poly float": lambda: s.PolyScheduler(2.5),
            "cosine zero": lambda: s.CosineScheduler(0),
            "cosine float": lambda: s.CosineScheduler(2.5),
            "warmup negative": lambda: s.FactorScheduler(2, warmup_steps=-1),
            "warmup float": lambda: s.FactorScheduler(2, warmup_steps=1.5),
            "warmup mode": lambda: s.FactorScheduler(2, warmup_mode="x"),
            "warmup above": lambda: s.FactorScheduler(2, base_lr=0.1, warmup_steps=2, warmup_begin_lr=0.5),
            "factor without": lambda: s.FactorScheduler(),
        }.items()
    }


def learning_rates_of_schedules(mx):
    s = mx.lr_scheduler
    return {
        n: [schedule(t) for t in (0, 1, 2, 3, 5, 8, 10, 13)]
        for n, schedule in {
            "factor": s.FactorScheduler(2, 0.5, base_lr=1.0),
            "stop": s.FactorScheduler(2, 0.1, stop_factor_lr=0.05, base_lr=1.0),
            "multi": s.MultiFactorScheduler([2, 6], 0.5, base_lr=1.0),
            "poly": s.PolyScheduler(10, 1.0, 2),
            "cosine": s.CosineScheduler(10, 1.0, 0.1),
            "warm": s.PolyScheduler(10, 1.0, warmup_steps=4, warmup_begin_lr=0.2),
            "constant": s.CosineScheduler(10, 1.0, warmup_steps=4, warmup_begin_lr=0.2, warmup_mode="constant"),
        }.items()
    }


def learning_rate_past_the_end_of_a_schedule(mx):
    s = mx.lr_scheduler
    return [s.PolyScheduler(10, 1.0)(13), s.CosineScheduler(10, 1.0, 0.1)(13)]


def optimizers(mx):
    o = mx.optimizer
    return {
        n: lambda f=f: type(f()).__name__
        for n, f in {
            "unknown": lambda: o.create("nothing"),
            "argument": lambda: o.SGD(no_such=1),
            "case": lambda: o.create("SgD"),
            "positional": lambda: o.SGD(0.9),
            "registered": lambda: o.Optimizer.create_optimizer("adam"),
            "param_idx2name": lambda: o.SGD(param_idx2name=5),
            "lr with schedule": lambda: o.SGD(learning_rate=0.3, lr_scheduler=mx.lr_scheduler.FactorScheduler(2)),
            "own": lambda: o.Optimizer.register(type("MyOwn", (o.SGD,), {}))(),
        }.items()
    }


def optimizer_fields(mx):
    a, b = mx.optimizer.SGD(learning_rate=0.2, momentum=0.5, wd=0.1), mx.optimizer.Adam()
    a.set_learning_rate(0.7)
    scheduled = mx.optimizer.SGD(lr_scheduler=mx.lr_scheduler.FactorScheduler(2, base_lr=0.4), learning_rate=0.3)
    return [
        a.lr,
        a.learning_rate,
        a.momentum,
        a.wd,
        a.rescale_grad,
        a.clip_gradient,
        a.num_update,
        a.multi_precision,
        b.lr,
        b.beta1,
        b.beta2,
        b.epsilon,
        b.wd,
        scheduled.learning_rate,
        lambda: scheduled.set_learning_rate(1),
    ]


def optimizer_by_hand(mx):
    optimizer = mx.optimizer.SGD(learning_rate=0.1, momentum=0.9)
    weight, grad = mx.nd.ones((2,)), mx.nd.array([1, 2])
    state = optimizer.create_state(0, weight)
    for _ in range(2):
        optimizer.update(0, weight, grad, state)
    return [weight, state, optimizer.num_update, mx.optimizer.SGD().create_state(0, weight)]


def optimizer_multipliers_by_name(mx):
    optimizer = mx.optimizer.SGD(learning_rate=0.1, wd=0.1, param_idx2name={0: "a_weight", 1: "a_bias"})
    optimizer.set_lr_mult({"a_weight": 3})
    updater = mx.optimizer.get_updater(optimizer)
    weights = [mx.nd.ones((1,)) for _ in range(2)]
    for i, weight in enumerate(weights):
        updater(i, mx.nd.ones((1,)), weight)
    return weights


def own_optimizer(mx):
    @mx.optimizer.Optimizer.register
    class Halving(mx.optimizer.Optimizer):
        def create_state(self, index, weight):
            return mx.nd.zeros(weight.shape)

        def update(self, index, weight, grad, state):
            self._update_count(index)
            state[:] += 1
            weight[:] = weight / 2 - self._get_lr(index) * grad * self.rescale_grad

    net = mx.gluon.nn.Dense(1, in_units=2, use_bias=False)
    net.initialize("ones")
    trainer = mx.gluon.Trainer(net.collect_params(), "halving", {"learning_rate": 0.1})
    for _ in range(2):
        with mx.autograd.record():
            loss = net(mx.nd.array([[1, 2]]))
        loss.backward()
        trainer.step(2)
    return [net.weight.data(), trainer.optimizer.num_update]


def initializers(mx):
    i = mx.init
    return {
        n: lambda f=f: f()
        for n, f in {
            "unknown pattern": lambda: i.Xavier()(i.InitDesc("foo"), mx.nd.zeros((2, 2))),
            "vector": lambda: i.Xavier()(i.InitDesc("a_weight"), mx.nd.zeros((2,))),
            "kind": lambda: i.Xavier(rnd_type="x")(i.InitDesc("a_weight"), mx.nd.zeros((2, 2))),
            "factor": lambda: i.Xavier(factor_type="x")(i.InitDesc("a_weight"), mx.nd.zeros((2, 2))),
        }.items()
    }


def initializers_by_pattern(mx):
    def filled(name):
        array = mx.nd.full((2, 2), 9)
        mx.init.One()(mx.init.InitDesc(name), array)
        return array

    names = (
        "fc_weight",
        "fc_bias",
        "bn_gamma",
        "bn_beta",
        "bn_running_mean",
        "bn_running_var",
        "bn_moving_mean",
        "bn_moving_var",
    )
    return {name: lambda name=name: filled(name) for name in names}


def initializer_in_a_layer(mx):
    net = mx.gluon.nn.Dense(2, in_units=3, weight_initializer="zeros", bias_initializer="ones")
    net.initialize(mx.init.Constant(7))
    other = mx.gluon.nn.Dense(2, in_units=3, bias_initializer=mx.init.Constant(4))
    other.initialize(mx.init.Constant(7))
    return [net.weight.data(), net.bias.data(), other.weight.data(), other.bias.data()]


def random_numbers(mx):
    r = mx.nd.random
    return {
        n: lambda f=f: f().asnumpy()
        for n, f in {
            "uniform order": lambda: r.uniform(2, 1, shape=(2,)),
            "normal scale": lambda: r.normal(0, -1, shape=(2,)),
            "randint order": lambda: r.randint(6, 5, shape=(2,)),
            "dtype": lambda: r.uniform(shape=(2,), dtype="int32"),
            "low type": lambda: r.uniform("a", 1, shape=(2,)),
            "shape": lambda: r.uniform(shape="x"),
        }.items()
    }


def seeds_that_are_none(mx):
    return [lambda: mx.random.seed("a"), lambda: mx.random.seed(1.5), lambda: mx.random.seed()]


def contexts(mx):
    return [
        lambda: mx.Context("tpu"),
        lambda: str(mx.Context(mx.cpu(2))),
        lambda: mx.Context(),
        lambda: mx.nd.zeros((1,), ctx="cpu"),
        lambda: mx.cpu("a").device_id,
    ]


def metrics(mx):
    m = mx.metric
    acc = m.Accuracy()
    return [
        lambda: acc.update(mx.nd.array([1, 2]), mx.nd.array([[1, 0]])),
        lambda: m.F1().update([mx.nd.array([2])], [mx.nd.array([[0.2, 0.8]])]),
        lambda: m.CrossEntropy().update([mx.nd.array([0, 1])], [mx.nd.array([[0.2, 0.8]])]),
        lambda: m.Perplexity(),
    ]


def datasets(mx):
    d = mx.gluon.data
    return [
        lambda: d.ArrayDataset(),
        lambda: d.ArrayDataset([1, 2], [1]),
        lambda: d.SimpleDataset([1])[3],
        lambda: d.BatchSampler(d.SequentialSampler(3), 2),
        lambda: d.RandomSampler("x"),
        lambda: len(d.SequentialSampler(3)),
    ]
