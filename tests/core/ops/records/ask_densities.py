"""random_pdf_*: values, logarithms, gradients, shapes and dtypes."""

P, Q, COUNTS = "r(2,low=0.5,high=2,seed={})", "r(2,low=0.2,high=0.8,seed={})", "nd.array([[0,1,4],[2,3,0]])"
REAL, POSITIVE = "r(2,3,low=-1,high=3)", "r(2,3,low=0.1,high=3)"
CALLS = {                                            # sample, parameters
    "uniform": (REAL, ["r(2,seed=1)", P.format(2) + "+2"]),
    "normal": (REAL, ["r(2,seed=1)", P.format(2)]),
    "exponential": (POSITIVE, [P.format(1)]),
    "gamma": (POSITIVE, [P.format(1), P.format(2)]),
    "poisson": (COUNTS, [P.format(1)]),
    "negative_binomial": (COUNTS, [P.format(1), Q.format(2)]),
    "generalized_negative_binomial": (COUNTS, [P.format(1), Q.format(2)]),
    "dirichlet": ("nd.softmax(r(2,3,4),axis=-1)", ["r(2,4,low=0.5,high=2,seed=1)"]),
}  # fmt: skip
EXPRESSIONS = []
for NAME, (SAMPLE, PARAMETERS) in CALLS.items():
    ARRAYS = ",".join([SAMPLE, *PARAMETERS])
    CALL = f"nd.random_pdf_{NAME}("
    KIND = "float16" if NAME in ("normal", "dirichlet") else "float64"  # of these MXNet has but float32's digits
    WIDE = ",".join(f"({x}).astype('{KIND}')" for x in [SAMPLE, *PARAMETERS])
    EXPRESSIONS += [
        f"{CALL}{ARRAYS})", f"{CALL}{ARRAYS},is_log=True)", f"{CALL}{WIDE})", f"{CALL}{SAMPLE})",
        f"{CALL}{SAMPLE},{','.join('nd.ones(3)' for _ in PARAMETERS)})",
        f"grad(lambda *a:{CALL}*a),{ARRAYS})", f"grad(lambda *a:{CALL}*a,is_log=True),{ARRAYS})",
    ]  # fmt: skip
EXPRESSIONS += [
    "nd.random_pdf_normal(r(2),r(2,seed=1),r(2,low=1,high=2))",
    "nd.random_pdf_normal(r(2,3,2),r(2,3,seed=1),r(2,3,low=1,high=2),is_log=True)",
    "nd.random_pdf_gamma(sample=nd.array([[-1,0,1]]),alpha=nd.array([2]),beta=nd.array([3]))",
    "nd.random_pdf_poisson(nd.ones((1,2),dtype='int32'),nd.ones(1))",
    "nd.random_pdf_dirichlet(nd.array([[.3,.7]]),nd.array([[1,2]]))",
]
