"""Draws of mx.nd.random with a seed."""


def seeded(seed, what):
    return f"with_seed({seed},lambda:{what})"


R = "nd.random."
SCALARS = [
    "exponential(2,shape={s},dtype={d!r})", "gamma(2.5,1.5,shape={s},dtype={d!r})",
    "gamma(0.4,3,shape={s},dtype={d!r})",
    "poisson(1.5,shape={s},dtype={d!r})", "poisson(30.5,shape={s},dtype={d!r})",
    "negative_binomial(3,0.4,shape={s},dtype={d!r})",
    "generalized_negative_binomial(3,0.4,shape={s},dtype={d!r})",
    "generalized_negative_binomial(20,0.1,shape={s},dtype={d!r})",
]  # fmt: skip
BOTH = "nd.array([1,2]),nd.array([.5,3])"
EXPRESSIONS = [
    *[seeded(seed, R + call.format(s=s, d=d)) for call in SCALARS
      for seed, s, d in [(7, (50,), "float32"), (0, (3, 65), "float32"), (5, (40,), "float64"), (5, (20,), "float16")]],
    seeded(1, f"[{R}gamma(2,1,shape=70),{R}poisson(2,shape=3),{R}uniform(shape=70)][2]"),
    seeded(1, f"[{R}poisson(40,shape=70),{R}normal(shape=3)][1]"),
    seeded(1, R + "exponential()"),
    seeded(1, R + "poisson()"),
    seeded(1, R + "negative_binomial()"),
    seeded(1, R + "gamma(out=nd.zeros((3,)))"),
    seeded(1, R + "poisson(0,shape=3)"),
    seeded(1, R + "generalized_negative_binomial(2,0,shape=9)"),
    *[seeded(3, R + f"{name}({BOTH},shape={s})") for name in (
        "uniform", "normal", "gamma", "generalized_negative_binomial") for s in ("(40,)", "(2,1)", "()")],
    seeded(3, R + "negative_binomial(nd.array([1,4]),nd.array([.5,.3]),shape=40)"),
    seeded(3, R + "exponential(nd.array([[1,2]]),shape=3)"),
    seeded(3, R + "exponential(nd.array([1,2]),dtype='float64')"),
    seeded(3, R + "poisson(nd.array([1,20]),shape=(40,))"),
    seeded(3, R + "randn(2,loc=nd.array([1,2]),scale=nd.array([1,2]))"),
    seeded(3, "nd.random_exponential(lam=4,shape=2)"),
    seeded(3, "nd.random_gamma(alpha=4,beta=2,shape=2)"),
    seeded(3, "nd.random_poisson(lam=4,shape=2)"),
    seeded(3, "nd.random_negative_binomial(k=4,p=.2,shape=2)"),
    seeded(3, "nd.random_generalized_negative_binomial(mu=4,alpha=.2,shape=2)"),
    seeded(3, "nd.sample_uniform(nd.array([0,1]),nd.array([1,2]),shape=2)"),
    seeded(3, "nd.sample_normal(mu=nd.array([0,1]),sigma=nd.array([1,2]),shape=2)"),
    seeded(3, "nd.sample_exponential(nd.array([1,4]),shape=2)"),
    seeded(3, "nd.sample_poisson(lam=nd.array([1,4]),shape=(2,),dtype='float64')"),
    *[seeded(3, R + f"{name}_like(nd.ones((2,3)))") for name in (
        "uniform", "normal", "exponential", "gamma", "poisson", "negative_binomial", "generalized_negative_binomial")],
    seeded(3, R + "uniform_like(nd.ones((2,),dtype='float64'),1,2)"),
    seeded(3, R + "gamma_like(nd.ones((2,)),alpha=4)"),
    seeded(7, R + "multinomial(nd.array([.1,.2,.3,.4]),shape=300)"),
    seeded(7, R + "multinomial(nd.array([[.1,.2,.3,.4],[.4,.3,.2,.1]]))"),
    seeded(7, R + "multinomial(nd.array([.1,.2,.3,.4],dtype='float64'),shape=(5,20))"),
    seeded(7, R + "multinomial(nd.array([.1,.9]),shape=8,dtype='float32')"),
    seeded(7, R + "multinomial(nd.array([[[.1,.9]]]))"),
    seeded(7, R + "multinomial(nd.array([[.1,.2,.3,.4],[.4,.3,.2,.1]]),shape=2,get_prob=True)"),
    seeded(7, "grad(lambda x:nd.random.multinomial(x,shape=4,get_prob=True)[1],nd.array([[.1,.9],[.4,.6]]))"),
    seeded(7, "nd.sample_multinomial(nd.array([.5,.5]),shape=(2,),dtype='uint8')"),
    seeded(7, R + "shuffle(nd.arange(50))"),
    seeded(7, R + "shuffle(nd.arange(24,dtype='int32').reshape((8,3)))"),
    seeded(7, f"[{R}multinomial(nd.array([.5,.5])),{R}shuffle(nd.arange(9)),{R}shuffle(nd.arange(9))]"),
    seeded(7, f"[{R}uniform(shape=3),{R}shuffle(nd.arange(9)),{R}uniform(shape=3)]"),
    "nd.shuffle(nd.array([3]))",
    R + "exponential(-1)", R + "exponential('a')", R + "exponential(1,shape=2,dtype='int32')", R + "poisson(-1)",
    R + "gamma(0,1)", R + "gamma(nd.array([1,2]),3)", R + "gamma(nd.array([1,2]),nd.array([1,2,3]))",
    R + "generalized_negative_binomial(-1,.5)", R + "generalized_negative_binomial(2,-1)",
    R + "multinomial(nd.array([.5,.5]),dtype='int64')", R + "multinomial(nd.array([.5,.5]),out=nd.zeros((1,)))",
    R + "shuffle(3)", R + "uniform_like(3)", R + "uniform_like(nd.ones((2,),dtype='int32'))",
    R + "exponential(nd.array([1]),out=nd.zeros((2,)))",
]  # fmt: skip
