"""contrib.DeformablePSROIPooling: moves, parts, classes, samples, gradients, arrays that do not fit."""

POOL = "nd.contrib.DeformablePSROIPooling("
REGIONS = "nd.array([[0,0,0,4,4],[0,1,1,3,3],[1,3,4,9,9],[1,0.5,1.5,2.5,5]])"
X, TRANS = "r(2,8,6,7)", "r(4,2,2,2,seed=1)"
SIZES = ",spatial_scale=1,output_dim=2,group_size=2,pooled_size=2"
EXPRESSIONS = [
    f"{POOL}{X},{REGIONS},{TRANS}{SIZES},trans_std=.3,sample_per_part=3)",
    f"{POOL}{X},{REGIONS},{TRANS}{SIZES},trans_std=.1,sample_per_part=2)",
    f"{POOL}{X},{REGIONS},r(4,4,3,3,seed=1),spatial_scale=.5,output_dim=2,group_size=2,pooled_size=3,part_size=3,"
    "sample_per_part=2,trans_std=.2)",
    f"{POOL}{X},{REGIONS}{SIZES},no_trans=True,sample_per_part=2)",
    f"{POOL}{X},{REGIONS},{TRANS}{SIZES})",
    f"{POOL}{X},{REGIONS},{TRANS},spatial_scale=1,output_dim=2,group_size=2)",
    f"grad(lambda x,t:{POOL}x,{REGIONS},t{SIZES},trans_std=.3,sample_per_part=3),{X},{TRANS})",
    f"grad(lambda x:{POOL}x,{REGIONS}{SIZES},no_trans=True,sample_per_part=2),{X})",
]
