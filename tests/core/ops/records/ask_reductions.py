"""Every reduction: axes, keepdims, exclude, dtypes, gradients, axes that do not exist."""

SUMS = "sum sum_axis mean prod nansum nanprod max max_axis min min_axis"
WAYS = ("", ",axis=1", ",axis=-1,keepdims=True", ",axis=(0,2)", ",axis=(0,2),exclude=True", ",axis=()", ",axis=5",
        ",axis=(0,0)")  # fmt: skip
EXPRESSIONS = []
for NAME in SUMS.split():
    EXPRESSIONS += [f"nd.{NAME}(r(2,3,2){way})" for way in WAYS]
    EXPRESSIONS += [
        f"nd.{NAME}(r(2,3,dtype='{kind}',low=-3,high=3),axis=0)" for kind in ("float64", "float16", "int32", "int64")
    ]
    EXPRESSIONS += [
        f"grad(lambda x:nd.{NAME}(x,axis=1),r(2,3,2))", f"grad(lambda x:nd.{NAME}(x),r(2,3))",
        f"nd.{NAME}(nd.array([[1,float('nan')],[2,3]]),axis=1)",
    ]  # fmt: skip
for NAME in ("argmax", "argmin"):
    EXPRESSIONS += [f"nd.{NAME}(r(2,3,2){way})" for way in ("", ",axis=1", ",axis=-1,keepdims=True", ",axis=3")]
    EXPRESSIONS += [f"nd.{NAME}(nd.array([[1,3,3],[2,1,1]]),axis=1)",
    f"nd.{NAME}(nd.array([[1,3]],dtype='int32'),axis=1)"]
EXPRESSIONS += [
    "nd.argmax_channel(r(2,3))", "nd.argmax_channel(r(2,3,2))",
    *[f"nd.norm(r(2,3,2){way})" for way in ("", ",ord=1", ",axis=1", ",ord=1,axis=(0,2)", ",axis=1,keepdims=True",
                                            ",ord=3", ",axis=(0,1,2)")],
    "grad(lambda x:nd.norm(x,axis=1),r(2,3))", "grad(lambda x:nd.norm(x,ord=1),r(2,3))",
    *[f"nd.moments(r(2,3,2){way})" for way in (",axes=(0,)", ",axes=(0,2)", ",axes=(1,),keepdims=True")],
    *[f"nd.cumsum(r(2,3,2){way})" for way in ("", ",axis=1", ",axis=0,dtype='float64'", ",axis=4")],
    "nd.cumsum(nd.array([[1,2],[3,4]],dtype='int32'),axis=0)", "grad(lambda x:nd.cumsum(x,axis=1),r(2,3))",
]  # fmt: skip
