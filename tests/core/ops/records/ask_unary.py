"""Every function of one array: dtypes, gradients, a missing and a wrong argument."""

REAL = (
    "abs sign ceil floor rint fix trunc round square cbrt exp expm1 sin cos tan arctan sinh cosh tanh arcsinh degrees "
    "radians relu sigmoid softsign erf negative identity BlockGrad stop_gradient zeros_like ones_like logical_not "
    "shape_array size_array hard_sigmoid flatten Flatten make_loss"
)
POSITIVE = "sqrt rsqrt rcbrt reciprocal log log10 log2 log1p gamma gammaln"
INNER = "arcsin arccos arctanh erfinv"
WHOLE = "abs sign ceil floor square negative relu zeros_like ones_like logical_not shape_array size_array identity"
RANGES = {**dict.fromkeys(REAL.split(), "low=-2,high=2"), **dict.fromkeys(POSITIVE.split(), "low=0.3,high=3"),
          **dict.fromkeys(INNER.split(), "low=-0.9,high=0.9"), "arccosh": "low=1.1,high=3"}  # fmt: skip
EXPRESSIONS = []
for NAME, RANGE in RANGES.items():
    # MXNet's constants of these have but float32's digits
    WIDE = "float16" if NAME in ("degrees", "radians", "hard_sigmoid") else "float64"
    EXPRESSIONS += [
        f"nd.{NAME}(r(2,3,{RANGE}))", f"nd.{NAME}(r(2,2,dtype='{WIDE}',{RANGE}))",
        f"nd.{NAME}(r(3,dtype='float16',{RANGE}))", f"nd.{NAME}(data=r(1,{RANGE}))", f"nd.{NAME}()",
        f"nd.{NAME}([1,2])",
    ]  # fmt: skip
    if NAME not in ("BlockGrad", "stop_gradient", "shape_array", "size_array", "make_loss"):
        EXPRESSIONS.append(f"grad(lambda x:nd.{NAME}(x),r(2,3,{RANGE}))")
EXPRESSIONS += [f"nd.{NAME}(nd.array([[-2,0,3]],dtype='{KIND}'))" for NAME in WHOLE.split() for KIND in ("int32",
    "uint8")]
EXPRESSIONS += [
    f"nd.{NAME}(nd.array([0,-0.0,1,-1,float('inf'),-float('inf'),float('nan')]))" for NAME in RANGES
    if NAME not in ("shape_array", "size_array", "flatten", "Flatten", "make_loss")
]  # fmt: skip
