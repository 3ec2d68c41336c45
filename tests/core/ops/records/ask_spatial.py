"""Grids, samplers, spatial transformers and deformable convolutions."""

GRID, SAMPLE, TRANSFORM = "nd.GridGenerator(", "nd.BilinearSampler(", "nd.SpatialTransformer("
AFFINE = ",transform_type='affine',target_shape="
BOTH = ",transform_type='affine',sampler_type='bilinear'"
DEFORM, MODULATE = "nd.contrib.DeformableConvolution(", "nd.contrib.ModulatedDeformableConvolution("
EXPRESSIONS = [
    # grids
    GRID + "r(2,6)" + AFFINE + "(3,4))",
    GRID + "r(1,6)" + AFFINE + "(2,2))",
    GRID + "data=r(2,2,3,4),transform_type='warp')",
    GRID + "r(2,2,2,5,low=-3,high=3),'warp')",
    GRID + "r(2,6))",
    GRID + "r(2,6),transform_type='affine')",
    GRID + "r(2,5)" + AFFINE + "(3,4))",
    GRID + "r(2,3,3,4),transform_type='warp')",
    GRID + "r(2,6),transform_type='projective')",
    f"grad(lambda x:{GRID}x{AFFINE}(3,4)),r(2,6))",
    f"grad(lambda x:{GRID}x,transform_type='warp'),r(2,2,3,4))",
    # samples
    SAMPLE + "r(2,3,4,5),r(2,2,3,3,seed=1,low=-1.5,high=1.5))",
    SAMPLE + "r(1,1,2,2),nd.array([[[[-1,1,0,1.0001]],[[-1,1,0,1]]]]))",
    SAMPLE + "r(1,1,3,3),r(1,2,2,2,seed=1),cudnn_off=True)",
    SAMPLE + "r(2,3,4,5),r(1,2,3,3))",
    SAMPLE + "r(2,3,4,5),r(2,3,3,3))",
    SAMPLE + "r(3,4,5),r(3,2,3,3))",
    f"grad(lambda x,g:{SAMPLE}x,g),r(2,3,4,5),r(2,2,3,3,seed=1,low=-1.5,high=1.5))",
    # transformers
    TRANSFORM + "r(2,2,4,5),r(2,6,seed=1)" + BOTH + ",target_shape=(3,4))",
    TRANSFORM + "r(1,2,4,4),nd.array([[1,0,0,0,1,0]])" + BOTH + ",target_shape=(4,4))",
    TRANSFORM + "r(1,2,4,4),nd.array([[1,0,0,0,1,0]]),target_shape=(4,4))",
    TRANSFORM + "r(1,2,4,4),r(1,5)" + BOTH + ",target_shape=(4,4))",
    f"grad(lambda x,g:{TRANSFORM}x,g{BOTH},target_shape=(3,4)),r(2,2,4,5),r(2,6,seed=1))",
    # deformable convolutions
    DEFORM + "r(2,2,4,5),r(2,18,2,3,seed=1,low=-2,high=2),r(3,2,3,3,seed=2),r(3),kernel=(3,3),num_filter=3)",
    DEFORM + "r(1,4,5,5),r(1,16,5,5,seed=1,low=-2,high=2),r(2,2,2,2,seed=2),kernel=(2,2),num_filter=2,num_group=2,"
    "num_deformable_group=2,pad=(1,1),dilate=(2,2),no_bias=True)",
    DEFORM + "r(1,2,5,5),r(1,8,2,2,seed=1,low=-6,high=6),r(1,2,2,2,seed=2),kernel=(2,2),num_filter=1,stride=(2,2),"
    "no_bias=True)",
    DEFORM + "r(1,2,5,5),r(1,8,2,3,seed=1),r(1,2,2,2,seed=2),kernel=(2,2),num_filter=1,stride=(2,2),no_bias=True)",
    DEFORM + "r(1,2,5,5),r(1,8,4,4,seed=1),r(1,2,2,2,seed=2),kernel=(2,2),num_filter=1)",
    DEFORM + "r(1,3,5,5),r(1,8,4,4,seed=1),r(2,2,2,2,seed=2),kernel=(2,2),num_filter=2,num_group=2,no_bias=True)",
    DEFORM + "r(2,5,5),r(2,8,4,4),r(1,2,2,2),kernel=(2,2),num_filter=1,no_bias=True)",
    f"grad(lambda x,o,w,b:{DEFORM}x,o,w,b,kernel=(3,3),num_filter=3,pad=(1,1)),r(2,2,3,4),"
    "r(2,18,3,4,seed=1,low=-2,high=2),r(3,2,3,3,seed=2),r(3))",
    f"grad(lambda x,o,w:{DEFORM}x,o,w,kernel=(2,2),num_filter=2,num_group=2,num_deformable_group=2,stride=(2,2),"
    "no_bias=True),r(1,4,5,5),r(1,16,2,2,seed=1,low=-2,high=2),r(2,2,2,2,seed=2))",
    MODULATE + "r(2,2,4,5),r(2,18,2,3,seed=1,low=-2,high=2),r(2,9,2,3,seed=3,low=0,high=1),r(3,2,3,3,seed=2),r(3),"
    "kernel=(3,3),num_filter=3)",
    MODULATE + "r(1,4,5,5),r(1,16,5,5,seed=1,low=-2,high=2),r(1,8,5,5,seed=3),r(2,2,2,2,seed=2),kernel=(2,2),"
    "num_filter=2,num_group=2,num_deformable_group=2,pad=(1,1),dilate=(2,2),no_bias=True)",
    MODULATE + "r(3,2,4,5),r(3,8,3,4),r(3,4,3,4),r(1,2,2,2),r(1),kernel=(2,2),num_filter=1,im2col_step=2)",
    MODULATE + "r(2,2,4,5),r(2,8,3,4),r(2,3,3,4),r(1,2,2,2),r(1),kernel=(2,2),num_filter=1)",
]
