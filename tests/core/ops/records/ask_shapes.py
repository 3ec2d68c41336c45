"""Every function that moves elements about: shapes, axes, dtypes, gradients, calls that do not fit."""

X = "r(2,3,4)"
WAYS = {
    "reshape": [",shape=(4,6)", ",(-1,)", ",shape=(0,-1)", ",shape=(-2,)", ",shape=(-3,4)", ",shape=(-4,1,2,-2)",
                ",shape=(0,-1,0),reverse=True"],
    "Reshape": [",shape=(4,6)"],
    "transpose": ["", ",axes=(2,0,1)", ",axes=(0,1)", ",axes=(0,0,1)"],
    "expand_dims": [",axis=0", ",axis=-1", ",axis=3", ",axis=5", ""],
    "swapaxes": [",dim1=0,dim2=2", ",0,1", ",dim1=0,dim2=5"], "SwapAxis": [",dim1=0,dim2=2"],
    "slice": [",begin=(0,1),end=(1,3)", ",begin=(None,-2),end=(None,None)", ",begin=(1,),end=(0,),step=(-1,)",
              ",begin=(0,1),end=(2,)"],
    "crop": [",begin=(0,1),end=(1,3)"],
    "slice_axis": [",axis=1,begin=0,end=2", ",axis=-1,begin=-3,end=None", ",axis=4,begin=0,end=1", ",axis=1"],
    "tile": [",reps=(2,)", ",reps=(2,1,1,2)", ",reps=2", ""],
    "repeat": [",repeats=2", ",repeats=2,axis=1", ",repeats=2,axis=-1", ",repeats=2,axis=3", ""],
    "flip": [",axis=1", ",axis=(0,2)", ",axis=3", ""], "reverse": [",axis=1", ",axis=(0,1)"],
    "split": [",num_outputs=2,axis=2", ",num_outputs=3", ",num_outputs=3,axis=1,squeeze_axis=True",
              ",num_outputs=2,axis=1", ""],
    "SliceChannel": [",num_outputs=3", ",num_outputs=4,axis=-1"],
    "broadcast_to": [",shape=(2,3,4)", ",shape=(0,3,0)", ",shape=(2,6,4)", ",shape=(3,4)"],
    "diag": ["", ",k=1", ",axis1=0,axis2=2", ",k=-1,axis1=1,axis2=2", ",axis1=0,axis2=5"],
    "depth_to_space": ["", ",block_size=2"], "space_to_depth": [",block_size=2"],
    "Cast": [",dtype='int32'", ",dtype='float64'", ",dtype='nothing'"], "cast": [",dtype='uint8'", ""],
    "clip": [",a_min=-0.2,a_max=0.5", ",-0.1,0.1", ",a_min=0"],
    "squeeze": ["", ",axis=0"],
}
EXPRESSIONS = [f"nd.{name}({X}{way})" for name, ways in WAYS.items() for way in ways]
KINDS = [
    ("reshape", ",shape=(4,)"), ("transpose", ""), ("tile", ",reps=(1,2)"), ("flip", ",axis=0"),
    ("repeat", ",repeats=2"), ("slice_axis", ",axis=0,begin=1,end=2"), ("diag", ""), ("clip", ",a_min=2,a_max=3"),
    ("expand_dims", ",axis=1"),
]  # fmt: skip
SLOPES = [
    ("reshape", ",shape=(4,6)"), ("transpose", ",axes=(2,0,1)"), ("swapaxes", ",dim1=0,dim2=2"),
    ("tile", ",reps=(2,1,1)"), ("slice", ",begin=(0,1),end=(1,3)"), ("repeat", ",repeats=2,axis=1"),
    ("flip", ",axis=1"), ("clip", ",a_min=-.2,a_max=.5"), ("split", ",num_outputs=2,axis=2"),
    ("diag", ",axis1=1,axis2=2"), ("expand_dims", ",axis=1"),
]  # fmt: skip
EXPRESSIONS += [
    f"nd.{name}(nd.array([[1,2],[3,4]],dtype='{kind}'){way})" for kind in ("int32", "float16") for name, way in KINDS
]
EXPRESSIONS += [f"grad(lambda x:nd.{name}(x{way}),{X})" for name, way in SLOPES]
EXPRESSIONS += [
    "nd.squeeze(r(1,3,1))", "nd.squeeze(r(1,3,1),axis=2)", "nd.squeeze(r(1,3,1),axis=(0,2))", "nd.squeeze(r(1,1))",
    "nd.broadcast_to(r(1,3,1),shape=(2,3,4))", "nd.broadcast_to(r(1,3),shape=(2,0))",
    "nd.broadcast_axis(r(1,3,1),axis=(0,2),size=(2,4))", "nd.broadcast_axes(r(1,3),axis=0,size=2)",
    "nd.broadcast_axis(r(2,3),axis=0,size=4)", "nd.broadcast_like(r(1,3),r(2,3))", "nd.broadcast_like(r(2,3),r(4,3))",
    "nd.broadcast_like(r(1,3),r(4,2),lhs_axes=(0,),rhs_axes=(0,))",
    "grad(lambda x:nd.broadcast_to(x,shape=(2,3,4)),r(1,3,1))",
    "grad(lambda x:nd.broadcast_axis(x,axis=0,size=3),r(1,3))",
    "nd.reshape_like(r(2,6),r(3,4))", "nd.reshape_like(r(2,6),r(3,3))",
    "nd.reshape_like(r(30,7),r(15,2,4),lhs_begin=0,lhs_end=1,rhs_begin=0,rhs_end=2)",
    "nd.slice_like(r(3,4),r(2,2))", "nd.slice_like(r(3,4),r(2,2),axes=(1,))", "nd.slice_like(r(3,4),r(4,2))",
    *[f"nd.{name}({arrays}{way})" for name, arrays, way in (
        ("concat", "r(2,3),r(2,1)", ""), ("Concat", "r(2,3),r(2,1)", ",dim=1"), ("concat", "r(2,3),r(1,3)", ",dim=0"),
        ("concat", "r(2,3),r(1,2)", ",dim=0"), ("concat", "r(2,3),r(2,3)", ",dim=-1"), ("concat", "r(2,3)", ",dim=0"),
        ("concat", "r(2,3),r(2,3)", ",dim=2"), ("stack", "r(2,3),r(2,3,seed=1)", ""),
        ("stack", "r(2,3),r(2,3)", ",axis=-1"), ("stack", "r(2,3),r(2,2)", ""), ("stack", "r(2,3),r(2,3)", ",axis=3"))],
    "grad(lambda a,b:nd.concat(a,b,dim=0),r(2,3),r(1,3))", "grad(lambda a,b:nd.stack(a,b,axis=1),r(2,3),r(2,3))",
    *[f"nd.{name}({'r(1,1,3,3)'}{way})" for name in ("pad", "Pad") for way in (
        ",mode='constant',pad_width=(0,0,0,0,1,1,2,0),constant_value=3", ",mode='edge',pad_width=(0,0,0,0,1,2,0,1)",
        ",mode='reflect',pad_width=(0,0,0,0,1,2,2,1)", ",mode='wrap',pad_width=(0,0,0,0,1,1,1,1)",
        ",mode='edge',pad_width=(0,0,0,0,1)")],
    "grad(lambda x:nd.pad(x,mode='reflect',pad_width=(0,0,0,0,1,2,2,1)),r(1,1,3,3))",
    "nd.depth_to_space(r(1,8,2,3),block_size=2)", "nd.space_to_depth(r(1,2,4,6),block_size=2)",
    "nd.space_to_depth(r(1,2,3,6),block_size=2)", "nd.depth_to_space(r(1,6,2,3),2)",
    "grad(lambda x:nd.depth_to_space(x,block_size=2),r(1,4,2,2))",
    "nd.histogram(nd.array([1,2,2,5]),bins=4,range=(0,8))",
    "nd.histogram(nd.array([1,2,2,5]),bins=nd.array([0,2,4,6]))",
    "nd.onehot_encode(nd.array([1,0]),nd.zeros((2,3)))", "nd.moveaxis(r(2,3,4),0,2)",
    "nd.moveaxis(r(2,3,4),[0,1],[1,0])",
    "nd.moveaxis(r(2,3),0,5)", "nd.split_v2(r(5,2),(1,3))", "nd.split_v2(r(4,2),2,axis=0)", "nd.split_v2(r(5,2),2)",
    "nd.split_v2(r(2,3),3,axis=1,squeeze_axis=True)", "nd.concatenate([r(2,3),r(1,3)])",
    "nd.concatenate([r(2,3),r(2,1)],axis=1)", "nd.elemwise_sum",
]  # fmt: skip
EXPRESSIONS.pop()
