"""Layouts with channels behind space: pooling has them, convolutions on a CPU do not; and pooling by 'lp'."""

POOL = "nd.Pooling("
EXPRESSIONS = [
    *[POOL + x + ",pool_type='" + kind + "')" for kind in ("max", "avg", "sum") for x in (
        "r(2,5,4,3),kernel=(2,3),stride=(2,1),layout='NHWC'", "r(1,5,2),kernel=(2,),stride=(2,),layout='NWC'",
        "r(1,3,4,4,2),kernel=(2,3,2),layout='NDHWC'", "r(1,5,4,2),global_pool=True,layout='NHWC'")],
    POOL + "r(1,5,4,2),kernel=(2,3),stride=(2,1),pad=(1,1),pool_type='avg',layout='NHWC',pooling_convention='full',"
    "count_include_pad=False)",
    POOL + "r(1,4,4,2),kernel=(2,2),pool_type='lp',p_value=2,layout='NHWC')",
    POOL + "r(1,4,4,2),kernel=(2,2),pool_type='lp',p_value=3)",
    POOL + "r(1,4,4,2),kernel=(2,2),pool_type='lp',p_value=1)",
    POOL + "r(1,4,4,2),kernel=(2,2),pool_type='lp',p_value=4)",
    POOL + "r(1,4,4,2),kernel=(2,2),pool_type='lp')",
    *[f"grad(lambda x:{POOL}x,kernel=(2,2),pool_type='lp',p_value={p}),r(1,1,4,3))" for p in (1, 2, 3)],
    POOL + "r(1,5,4,2),kernel=(2,3),layout='NWC')",
    POOL + "r(1,5,4,2),kernel=(2,3),layout='HWCN')",
    *[f"grad(lambda x:{POOL}x,kernel=(2,3),pool_type='{kind}',layout='NHWC'),r(1,4,4,2))" for kind in (
        "max", "avg", "sum")],
    "nd.Convolution(r(1,4,4,2),r(3,3,3,2),kernel=(3,3),num_filter=3,layout='NHWC',no_bias=True)",
    "nd.Convolution(r(1,4,2),r(3,3,2),kernel=(3,),num_filter=3,layout='NWC',no_bias=True)",
    "nd.Convolution(r(1,4,4,4,2),r(3,3,3,3,2),kernel=(3,3,3),num_filter=3,layout='NDHWC',no_bias=True)",
    "nd.Convolution(r(1,2,4,4),r(3,2,3,3),kernel=(3,3),num_filter=3,layout='NCHW',no_bias=True)",
    "nd.Deconvolution(r(1,4,4,2),r(2,3,3,3),kernel=(3,3),num_filter=3,layout='NHWC',no_bias=True)",
]
