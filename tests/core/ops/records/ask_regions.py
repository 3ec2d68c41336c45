"""Pooling, alignment and correlation of regions."""

POOL, ALIGN, ROTATED = "nd.ROIPooling(", "nd.contrib.ROIAlign(", "nd.contrib.RROIAlign("
REGIONS = "nd.array([[0,0,0,4,4],[1,1,2,3,3],[0,3.5,3.5,1,1],[1,-2,-1,2,3],[0,3,2,9,9],[0,7,7,9,9]{}])"
ROIS, MORE = REGIONS.format(""), REGIONS.format(",[0,2,2,2,2],[1,.5,.5,2.5,3.5]")
WIDE = "nd.array([[0,0,0,4,4],[1,1,2,3,3],[0,-3,-3,2,2],[1,.5,.5,5.5,3.5]])"
TURNED = "nd.array([[0,3,3,2,2,30],[1,2,3,4,1,-75],[0,0,0,5,5,45],[0,3,3,3,3,0]])"
EXPRESSIONS = [
    *[POOL + "r(2,2,5,6)," + MORE + s + ")" for s in (
        ",(2,2),1.0", ",pooled_size=(3,2),spatial_scale=0.5", ",(1,4),0.7", ",(2,2),0", ",(2,2),2", ",(0,2),1.0",
        ",(2,),1.0", ",(2,2)")],
    POOL + "r(1,1,4,4),nd.array([[-1,0,0,3,3],[0,0,0,3,3]]),(2,2),1.0)",
    POOL + "r(2,2,5,6,dtype='float64')," + ROIS + ".astype('float64'),(2,2),1.0)",
    POOL + "nd.zeros((1,1,3,3)),nd.array([[0,0,0,3]]),(2,2),1.0)",
    POOL + "nd.zeros((1,3,3)),nd.array([[0,0,0,3,3]]),(2,2),1.0)",
    f"grad(lambda x:{POOL}x,{MORE},(2,3),1.0),r(2,2,5,6))",
    *[ALIGN + "r(2,4,5,6)," + MORE + s + ")" for s in (
        ",(2,2),1.0", ",pooled_size=(3,1),spatial_scale=0.5", ",(2,2),1.5", ",(2,2),1.0,sample_ratio=2",
        ",(2,2),1.0,position_sensitive=True", ",(1,3),1.0,position_sensitive=True", ",(2,),1.0", ",(2,2)")],
    ALIGN + "r(2,4,5,6)," + WIDE + ",(2,2),1.0,aligned=True)",
    ALIGN + "r(2,4,5,6)," + WIDE + ",(2,2),0.5,sample_ratio=3,aligned=True,position_sensitive=True)",
    ALIGN + "r(2,2,5,6,dtype='float64')," + ROIS + ".astype('float64'),(2,2),1.0)",
    ALIGN + "nd.zeros((1,1,3,3)),nd.array([[0,0,0,3]]),(2,2),1.0)",
    f"grad(lambda x:{ALIGN}x,{MORE},(2,3),1.0),r(2,2,5,6))",
    f"grad(lambda x:{ALIGN}x,{WIDE},(2,2),1.0,sample_ratio=2,position_sensitive=True,aligned=True),r(2,4,5,6))",
    *[ROTATED + "r(2,2,5,6)," + TURNED + s + ")" for s in (
        ",(2,2),1.0", ",pooled_size=(3,1),spatial_scale=0.5", ",(2,2),1.0,sampling_ratio=2", ",(2,2)")],
    ROTATED + "r(2,2,5,6)," + ROIS + ",(2,2),1.0)",
]  # fmt: skip
