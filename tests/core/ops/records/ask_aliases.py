"""Operators by their second names: linalg_*, random_*, sample_*; and recurrent networks."""

A, SQUARE = "r(2,3)", "spd(3)"
DRAWN = {
    "random_uniform": "low=1,high=2,shape=(2,3)", "random_normal": "loc=1,scale=2,shape=(2,3)",
    "random_randint": "low=0,high=9,shape=(2,3)", "random_gamma": "alpha=2,beta=.5,shape=(2,3)",
    "random_exponential": "lam=2,shape=(2,3)", "random_poisson": "lam=3,shape=(2,3)",
    "random_negative_binomial": "k=3,p=.4,shape=(2,3)",
    "random_generalized_negative_binomial": "mu=2,alpha=.3,shape=(2,3)",
    "uniform": "low=0,high=3,shape=(4,)", "normal": "loc=0,scale=1,shape=(4,),dtype='float64'",
    "sample_uniform": "nd.array([0,2]),nd.array([1,5]),shape=(3,)",
    "sample_normal": "nd.array([0,2]),nd.array([1,5]),shape=(3,)",
    "sample_gamma": "nd.array([1,2]),nd.array([1,5]),shape=(3,)",
    "sample_exponential": "nd.array([1,2]),shape=(3,)", "sample_poisson": "nd.array([1,4]),shape=(3,)",
    "sample_negative_binomial": "nd.array([1,4]),nd.array([.5,.2]),shape=(3,)",
    "sample_generalized_negative_binomial": "nd.array([1,4]),nd.array([.5,.2]),shape=(3,)",
    "sample_multinomial": "nd.array([[.1,.9],[.6,.4]]),shape=(4,)",
}  # fmt: skip
SIZES = {"rnn_relu": 1, "rnn_tanh": 1, "gru": 3, "lstm": 4}
EXPRESSIONS = [
    f"nd.linalg_gemm({A},r(3,2),r(2,2),alpha=2,beta=.5)", f"nd.linalg_gemm({A},r(2,3),r(2,2))",
    f"nd.linalg_gemm2({A},r(2,3),transpose_b=True)", f"nd.linalg_syrk({A})",
    f"nd.linalg_syrk({A},transpose=True,alpha=2)",
    f"nd.linalg_potrf({SQUARE})", f"nd.linalg_potri(nd.linalg_potrf({SQUARE}))", f"nd.linalg_potrf({A})",
    f"nd.linalg_trmm(nd.linalg_potrf({SQUARE}),r(3,2))", f"nd.linalg_trsm(nd.linalg_potrf({SQUARE}),r(3,2))",
    f"nd.linalg_sumlogdiag({SQUARE})", f"nd.linalg_det({SQUARE})", f"nd.linalg_slogdet({SQUARE})",
    f"nd.linalg_inverse({SQUARE})", f"nd.linalg_inverse({A})", f"nd.linalg_extractdiag({SQUARE},offset=1)",
    "nd.linalg_makediag(r(2),offset=-1)", f"nd.linalg_extracttrian({SQUARE})", "nd.linalg_maketrian(r(6))",
    f"[x.abs() for x in nd.linalg_gelqf({A})]", "nd.elemwise_add(r(2),r(2,seed=1))",
    *[f"with_seed(5,lambda:nd.{name}({arguments}))" for name, arguments in DRAWN.items()],
    "nd.random_uniform(low='x',shape=(2,))", "nd.random_poisson(lam=-1,shape=(2,))",
    "sorted(with_seed(2,lambda:nd.shuffle(nd.arange(5))).asnumpy().tolist())",
    *[f"nd.RNN(r(3,2,4),r({(4 + 5 + 2) * 5 * n},seed=1,low=-.3,high=.3),r(1,2,5,seed=2)"
      f"{',r(1,2,5,seed=3)' if mode == 'lstm' else ''},state_size=5,num_layers=1,mode='{mode}',state_outputs=True)"
      for mode, n in SIZES.items()],
    "nd.RNN(r(3,2,4),r(55),r(1,2,5),state_size=5,num_layers=1,mode='rnn_tanh')",
    "nd.RNN(r(3,2,4),r(110,seed=1,low=-.3,high=.3),r(2,2,5),state_size=5,num_layers=1,mode='rnn_tanh',"
    "bidirectional=True)",
    "nd.RNN(r(3,2,4),r(54),r(1,2,5),state_size=5,num_layers=1,mode='rnn_tanh')",
    "nd.RNN(r(3,2,4),r(55),r(1,2,5),state_size=5,num_layers=1,mode='elman')",
    "nd.RNN(r(3,2,4),r(55),r(1,2,5),num_layers=1,mode='rnn_tanh')",
]  # fmt: skip
