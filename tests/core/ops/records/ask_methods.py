"""Operators as methods of an array, by position and by name, and what methods say of other arguments."""

NAMES = (
    "abs sign round rint fix floor ceil trunc square sqrt rsqrt cbrt rcbrt reciprocal exp expm1 log log10 log2 "
    "log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arctanh degrees radians relu sigmoid softmax "
    "log_softmax softmin zeros_like ones_like sum nansum mean prod nanprod max min norm argmax argmin "
    "argmax_channel topk sort argsort transpose shape_array size_array flatten diag squeeze copy asnumpy "
    "as_nd_ndarray detach"
)
X, IMAGE = "r(2,3,low=.1,high=.9)", "r(1,4,2,2)"
CALLS = [
    "sum(0)", "sum(axis=1,keepdims=True)", "mean(1)", "prod(axis=0)", "max(axis=1)", "min(0,True)", "norm(2,1)",
    "nansum(1)", "argmax(axis=1)", "argmin(0)", "topk(axis=0,k=1)", "sort(axis=0)", "argsort(axis=0,is_ascend=False)",
    "sum(axis=4)", "clip(.2,.5)", "clip(a_min=.2,a_max=.5)", "reshape(3,2)", "reshape((3,2))", "reshape(shape=(-1,))",
    "reshape(-1,2)", "reshape((0,-1,1))", "reshape((4,2))", "reshape((3,2),reverse=True)", "reshape()",
    "reshape((3,2),order='C')", "reshape_like(r(3,2))", "transpose((1,0))", "transpose(1,0)", "transpose(axes=(1,0))",
    "swapaxes(0,1)", "swapaxes(dim1=0,dim2=1)", "expand_dims(0)", "expand_dims(axis=-1)",
    "expand_dims(1,inplace=True)", "flatten()", "squeeze()", "broadcast_to((2,3))", "broadcast_to((4,2,3))",
    "broadcast_to((2,4))", "broadcast_axes(axis=0,size=3)", "broadcast_like(r(2,3))", "slice((0,1),(2,3))",
    "slice(begin=(0,),end=(1,))", "slice_axis(1,0,2)", "slice_axis(axis=0,begin=0,end=1)", "slice_like(r(1,2))",
    "split(3)", "split(num_outputs=3,axis=1)", "split_v2(3,axis=1)", "tile((1,2))", "tile(reps=2)", "repeat(2)",
    "repeat(repeats=2,axis=1)", "flip(1)", "flip(axis=0)", "take(nd.array([1,0]))", "take(nd.array([0]),axis=1)",
    "pick(nd.array([0,2]))", "pick(nd.array([0,2]),1)", "one_hot(3)", "one_hot(depth=2,on_value=5)", "diag(1)",
    "round()", "softmax(axis=0)", "log_softmax(0)", "astype('int32')", "astype(np.float64)",
    "astype('float16',copy=False)", "astype('complex')", "as_in_context(mx.cpu())", "as_in_context('cpu')",
    "copyto(nd.zeros((2,3)))", "copyto(mx.cpu())", "copyto(nd.zeros((3,3)))", "asscalar()", "tostype('default')",
    "tostype('csr').tostype('default')", "tostype('dense')", "wait_to_read()", "backward()", "attach_grad()",
    "attach_grad('sub')", "grad", "T", "shape", "size", "ndim", "dtype", "stype", "context", "ctx", "writable",
    "__len__()", "__bool__()", "item()", "sum().asscalar()", "nothing()", "space_to_depth(2)", "depth_to_space(2)",
    "linspace(2)", "slice_assign_scalar(1,(0,0),(1,2),(1,1))",
]  # fmt: skip
EXPRESSIONS = [f"{X}.{name}()" for name in NAMES.split()]
EXPRESSIONS += [f"{X}.{call}" for call in CALLS]
EXPRESSIONS += [
    "r(1,low=1.5,high=2).arccosh()", f"{IMAGE}.depth_to_space(2)", "r(1,1,2,4).space_to_depth(block_size=2)",
    f"{IMAGE}.pad(mode='constant',pad_width=(0,0,0,0,1,0,0,1),constant_value=1)", "r(1,1,1).squeeze(axis=(0,2))",
    "nd.array([3]).asscalar()", "nd.array([[3]]).item()", "nd.array([]).shape", "nd.ones((2,2)).split_v2((1,),axis=0)",
    "nd.array([1,2,3]).argmax()", "nd.array([0]).__bool__()", "nd.array([2]).__bool__()",
    "nd.array([2],dtype='int32').__index__()", "[x for x in nd.array([[1,2],[3,4]])]",
]
