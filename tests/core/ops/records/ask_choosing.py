"""Every function that chooses or orders elements: positions inside and out, axes, dtypes, gradients, bad calls."""

M, AT = "r(3,4)", "nd.array([0,3,1])"
EXPRESSIONS = [
    *[f"nd.take({M},nd.array({i}){way})" for i, way in (
        ([0, 2], ""), ([[0, 5], [-1, 1]], ""), ([0, 5, -1], ",mode='wrap'"), ([0, 3], ",axis=1"), ([1.9], ",axis=-1"),
        ([0], ",axis=2"), ([0, 5], ",mode='raise'"), ([0], ",mode='bend'"))],
    "grad(lambda x:nd.take(x,nd.array([0,2,0])),r(3,2))", "nd.take(r(3,2),nd.array([1,0],dtype='int32'))",
    *[f"nd.pick({M},{AT}{way})" for way in ("", ",axis=1", ",keepdims=True", ",mode='wrap'", ",axis=0", ",axis=2")],
    f"nd.pick({M},nd.array([0,9,-1]))", f"nd.pick({M},nd.array([0,1,2,0]),axis=0)", f"nd.pick({M},nd.array([1,2]))",
    f"grad(lambda x:nd.pick(x,{AT}),{M})",
    f"nd.batch_take({M},{AT}.astype('int32'))", f"nd.choose_element_0index({M},{AT})",
    f"nd.batch_take({M},nd.array([0,1],dtype='int32'))",
    *[f"nd.one_hot(nd.array([0,2,5,-1]){way})" for way in (
        ",3", ",depth=3,on_value=2,off_value=-1", ",3,dtype='int32'", "", ",depth=0")],
    "nd.one_hot(nd.array([[0,1],[2,0]]),depth=3)",
    "nd.gather_nd(r(2,3),nd.array([[0,1],[1,2]]))", "nd.gather_nd(r(2,3,2),nd.array([[0,1,1]]))",
    "nd.gather_nd(r(2,3),nd.array([[0,1],[1,2],[0,0]]))",
    "grad(lambda x:nd.gather_nd(x,nd.array([[0,0],[1,1]])),r(2,3))",
    "nd.scatter_nd(nd.array([5,6]),nd.array([[0,1],[1,2]]),shape=(2,3))",
    "nd.scatter_nd(r(2,2),nd.array([[1,0]]),shape=(3,2))",
    "nd.scatter_nd(nd.array([5,6]),nd.array([[0,1],[1,2]]))",
    "nd.where(nd.array([[1,0],[0,2]]),r(2,2),r(2,2,seed=1))", "nd.where(nd.array([1,0]),r(2,2),r(2,2,seed=1))",
    "nd.where(nd.array([1,0,1]),r(2,2),r(2,2,seed=1))", "nd.where(nd.array([[1,0]]),r(2,2),r(2,2))",
    "grad(lambda x,y:nd.where(nd.array([[1,0],[0,2]]),x,y),r(2,2),r(2,2,seed=1))",
    *[f"nd.sort({M}{way})" for way in ("", ",axis=0", ",axis=None", ",is_ascend=False", ",axis=2")],
    *[f"nd.argsort({M}{way})" for way in ("", ",axis=0", ",is_ascend=0", ",dtype='int32'", ",axis=None")],
    *[f"nd.topk({M}{way})" for way in (
        "", ",k=2", ",k=2,ret_typ='value'", ",k=2,ret_typ='both'", ",k=2,ret_typ='mask'", ",axis=0,k=2,is_ascend=True",
        ",k=2,dtype='int64'", ",k=9", ",k=0", ",axis=None,k=3", ",ret_typ='none'")],
    f"grad(lambda x:nd.topk(x,k=2,ret_typ='value'),{M})", "nd.sort(nd.array([[3,1,2]],dtype='int32'))",
    "nd.Embedding(nd.array([[0,1],[5,2]]),r(3,2),input_dim=3,output_dim=2)",
    "nd.Embedding(nd.array([0]),r(3,2),input_dim=4,output_dim=2)", "nd.Embedding(nd.array([0]),r(3,2))",
    "grad(lambda w:nd.Embedding(nd.array([0,2,0]),w,input_dim=3,output_dim=2),r(3,2))",
    "nd.khatri_rao(r(2,3),r(4,3))", "nd.khatri_rao(r(2,3),r(4,2))",
    "nd.ravel_multi_index(nd.array([[0,1],[2,0]]),shape=(2,3))",
    "nd.unravel_index(nd.array([2,3]),shape=(2,3))",
    *[f"nd.{name}({arrays})" for name, arrays in (
        ("dot", "r(2,3),r(3,2)"), ("dot", "r(2,3),r(2,2),transpose_a=True"), ("dot", "r(2,3),r(4,3),transpose_b=True"),
        ("dot", "r(3),r(3)"), ("dot", "r(2,3),r(3)"), ("dot", "r(2,3),r(2,3)"), ("dot", "r(2,2,3),r(3,2)"),
        ("batch_dot", "r(2,2,3),r(2,3,1)"), ("batch_dot", "r(2,3,2),r(2,3,1),transpose_a=True"),
        ("batch_dot", "r(2,2,3),r(1,3,1)"), ("batch_dot", "r(2,3),r(3,2)"))],
    "grad(lambda a,b:nd.dot(a,b),r(2,3),r(3,2))", "grad(lambda a,b:nd.batch_dot(a,b),r(2,2,3),r(2,3,1))",
]  # fmt: skip
