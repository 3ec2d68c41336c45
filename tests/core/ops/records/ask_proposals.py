"""Correlation, position-sensitive pooling, and the proposals of a region network."""

CORRELATE, SENSITIVE = "nd.Correlation(", "nd.contrib.PSROIPooling("
REGIONS = "nd.array([[0,0,0,4,4],[0,1,1,3,3],[1,3,4,9,9],[0,-3,-3,-2,-2],[1,0.5,1.5,2.5,5]])"
PREDICTED = "r({0},6,3,4,low=0,high=1),r({0},12,3,4,seed=2),{1}"
ONE = PREDICTED.format(1, "nd.array([[48,64,1]])") + ",scales=(2,),ratios=(.5,1,2),rpn_min_size=4"
TWO = PREDICTED.format(2, "nd.array([[48,64,1],[40,50,2]])") + ",scales=(2,),ratios=(.5,1,2),rpn_min_size=4"
EXPRESSIONS = [
    *[CORRELATE + "r(1,2,6,7),r(1,2,6,7,seed=1)" + s + ")" for s in (
        "", ",kernel_size=3,max_displacement=2,pad_size=2", ",is_multiply=False", ",max_displacement=0",
        ",kernel_size=2",
        ",kernel_size=3,max_displacement=4,stride2=2,stride1=2,pad_size=4", ",max_displacement=9",
        ",max_displacement=3,stride2=2,pad_size=3,is_multiply=False")],
    f"grad(lambda a,b:{CORRELATE}a,b,kernel_size=3,max_displacement=2,stride2=2,pad_size=2),r(1,2,4,5),"
    "r(1,2,4,5,seed=1))",
    f"grad(lambda a,b:{CORRELATE}a,b,stride1=2,is_multiply=False),r(1,2,4,5),r(1,2,4,5,seed=1))",
    *[SENSITIVE + "r(2,8,6,7)," + REGIONS + s + ")" for s in (
        ",spatial_scale=1,output_dim=2,pooled_size=2", ",spatial_scale=.5,output_dim=2,pooled_size=3,group_size=2",
        ",spatial_scale=.5,output_dim=8,pooled_size=2,group_size=1", ",output_dim=2,pooled_size=2")],
    SENSITIVE + "r(8,6,7)," + REGIONS + ",spatial_scale=1,output_dim=2,pooled_size=2)",
    f"grad(lambda x:{SENSITIVE}x,{REGIONS},spatial_scale=1,output_dim=2,pooled_size=2),r(2,8,6,7))",
    *[f"nd.contrib.{name}({ONE},rpn_post_nms_top_n={s})" for name in ("Proposal", "MultiProposal") for s in (
        "5", "6,rpn_pre_nms_top_n=12", "12,threshold=.3", "5,iou_loss=True", "5,output_score=True",
        "4,feature_stride=24")],
    f"nd.contrib.MultiProposal({TWO},rpn_post_nms_top_n=6)",
    f"nd.contrib.MultiProposal({TWO},rpn_post_nms_top_n=6,output_score=True,threshold=.2)",
    f"nd.contrib.Proposal({TWO},rpn_post_nms_top_n=6)",
    f"nd.contrib.Proposal({PREDICTED.format(1, 'nd.array([[48,64,1]])')})",
]  # fmt: skip
