"""Every function of two arrays: broadcasting, dtypes, gradients, shapes and dtypes that do not fit."""

SMOOTH = "add plus sub minus mul div hypot"
STEPS = "equal not_equal greater greater_equal lesser lesser_equal logical_and logical_or logical_xor"
OTHERS = "mod maximum minimum"
EXPRESSIONS = []
for NAME in [f"broadcast_{name}" for name in (*SMOOTH.split(), *STEPS.split(), *OTHERS.split(), "power")]:
    CALL = f"nd.{NAME}("
    LOW = ",low=0.5,high=2" if NAME.endswith(("power", "mod", "div")) else ""
    EXPRESSIONS += [
        f"{CALL}r(2,3{LOW}),r(2,3,seed=1{LOW}))", f"{CALL}r(2,1{LOW}),r(1,3,seed=1{LOW}))",
        f"{CALL}lhs=r(2,3,dtype='float64'{LOW}),rhs=r(1,1,seed=1,dtype='float64'{LOW}))",
        f"{CALL}nd.array([[1,2,3]],dtype='int32'),nd.array([[2],[3]],dtype='int32'))",
        f"{CALL}nd.array([[0,1,2,0]]),nd.array([[0,1,0,2]]))",
        f"{CALL}r(2,3),r(2,2))", f"{CALL}r(2,3))", f"{CALL}r(2,3),r(2,3,dtype='float64'))",
        f"grad(lambda a,b:nd.{NAME}(a,b),r(2,1{LOW}),r(2,3,seed=1{LOW}))",
    ]  # fmt: skip
for NAME in ("elemwise_add", "elemwise_sub", "elemwise_mul", "elemwise_div", "add_n", "ElementWiseSum"):
    EXPRESSIONS += [
        f"nd.{NAME}(r(2,3),r(2,3,seed=1))", f"nd.{NAME}(r(2,3,dtype='float16'),r(2,3,seed=1,dtype='float16'))",
        f"nd.{NAME}(r(2,3),r(1,3))", f"grad(lambda a,b:nd.{NAME}(a,b),r(2,3),r(2,3,seed=1))",
    ]  # fmt: skip
for NAME in ("add", "subtract", "multiply", "divide", "true_divide", "modulo", "power", "maximum", "minimum",
             "equal", "not_equal", "greater", "greater_equal", "lesser", "lesser_equal", "logical_and", "logical_or",
             "logical_xor"):  # fmt: skip
    LOW = ",low=0.5,high=2" if NAME in ("power", "modulo", "divide", "true_divide") else ""
    EXPRESSIONS += [
        f"nd.{NAME}(r(2,3{LOW}),r(2,1,seed=1{LOW}))", f"nd.{NAME}(r(2,3{LOW}),2)", f"nd.{NAME}(1.5,r(2,3{LOW}))",
        f"nd.{NAME}(r(2,3),r(3,2))", f"nd.{NAME}(r(2,3),'2')",
        f"nd.{NAME}(nd.array([3,4],dtype='int32'),nd.array([2,4],dtype='int32'))",
    ]  # fmt: skip
