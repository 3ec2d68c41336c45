"""Boxes of object detection: overlaps, suppression, matching, offsets."""

BOXES = "nd.sort(r({},low=0,high=1,seed={}),axis=-1)"


def rows(lead, n, seed):
    """[*lead, n, 6]: class, score, corners."""
    size = "".join(f"{length}," for length in (*lead, n))
    return (
        f"nd.concat(nd.floor(r({size}1,low=0,high=3,seed={seed})),nd.sort(r({size}5,low=0,high=1,seed={seed}),axis=-1),"
        "dim=-1)"
    )


IOU, NMS, MATCH = "nd.contrib.box_iou(", "nd.contrib.box_nms(", "nd.contrib.bipartite_matching("
ENCODE, DECODE = "nd.contrib.box_encode(", "nd.contrib.box_decode("
EXPRESSIONS = [
    # overlaps
    IOU + "r(3,4,low=0,high=1),r(2,4,low=0,high=1,seed=1),format='center')",
    IOU + "r(3,4),r(2,4,seed=1))",
    IOU + BOXES.format("2,3,4", 0) + "," + BOXES.format("2,4", 1) + ")",
    IOU + BOXES.format("2,4,dtype='float64'", 0) + "," + BOXES.format("1,2,4,dtype='float64'", 1) + ",format='corner')",
    IOU + "nd.array([[0,0,0,0]]),nd.array([[0,0,0,0]]))",
    IOU + "nd.array([[0,0,1,1]],dtype='float16'),nd.array([[0,.5,2,2]],dtype='float16'))",
    IOU + "nd.ones((2,4),dtype='int32'),nd.ones((2,4),dtype='int32'))",
    IOU + "nd.ones(4),nd.ones((2,4)))",
    IOU + "nd.ones((2,5)),nd.ones((2,4)))",
    IOU + "nd.ones((2,4)),nd.ones((2,4)),format='edges')",
    "grad(lambda x,y:nd.contrib.box_iou(x,y),r(3,4),r(2,4))",
    # suppression
    *[NMS + rows((), 9, 5) + s + ")" for s in (
        "", ",overlap_thresh=0.3", ",overlap_thresh=0.1,id_index=0", ",overlap_thresh=0.1,id_index=0,background_id=1",
        ",overlap_thresh=0.1,id_index=0,force_suppress=True", ",overlap_thresh=0.2,topk=4", ",valid_thresh=0.4",
        ",valid_thresh=2", ",overlap_thresh=0.1,in_format='center'", ",overlap_thresh=0.1,out_format='center'",
        ",overlap_thresh=0.1,in_format='center',out_format='center'", ",topk=0", ",topk=99,overlap_thresh=0.3",
        ",coord_start=3", ",score_index=3", ",score_index=6", ",score_index=-1", ",id_index=1", ",id_index=9",
        ",in_format='edges'",
    )],
    NMS + rows((2, 3), 7, 11) + ",overlap_thresh=0.2,id_index=0)",
    NMS + "r(2,8,5,low=0,high=1),coord_start=1,score_index=0,overlap_thresh=0.05)",
    NMS + "r(2,8,7,low=0,high=1),coord_start=0,score_index=4,overlap_thresh=0.05,valid_thresh=0.3)",
    NMS + "r(6,6,low=0,high=1,dtype='float64'))",
    NMS + "nd.ones((3,6)))",
    NMS + "nd.ones((3,4)))",
    NMS + "nd.ones((3,6),dtype='int32'))",
    NMS.replace("box_nms", "box_non_maximum_suppression") + rows((), 5, 3) + ",overlap_thresh=0.2)",
    "grad(lambda x:nd.contrib.box_nms(x,overlap_thresh=0.2,id_index=0)," + rows((2,), 6, 21) + ")",
    "grad(lambda x:nd.contrib.box_nms(x,overlap_thresh=0.2,out_format='center')," + rows((), 6, 21) + ")",
    # matching
    *[MATCH + x + ",threshold=" + s + ")" for x in ("r(4,5)", "r(2,5,3,seed=4)") for s in (
        "0.1", "-2", "0.1,is_ascend=True", "-2,topk=1", "-2,topk=2", "2")],
    MATCH + "nd.ones((3,3)),threshold=0.5)",
    MATCH + "r(2,1,3,2,dtype='float64'),threshold=-1)",
    MATCH + "r(4,5))",
    MATCH + "r(4),threshold=0.5)",
    MATCH + "nd.ones((3,3),dtype='int32'),threshold=0.5)",
    # offsets
    ENCODE + "nd.array([[1,0,-1],[1,1,0.4]]),nd.array([[0,1,1],[2,0,1]])," + BOXES.format("2,3,4", 1) + ","
    + BOXES.format("2,3,4", 2) + ",nd.array([0,0.1,0.2,0]),nd.array([.1,.1,.2,.2]))",
    ENCODE + "nd.ones((1,3)),nd.zeros((1,3))," + BOXES.format("1,3,4", 1) + "," + BOXES.format("1,2,4", 2)
    + ",nd.zeros(4),nd.ones(3))",
    *[DECODE + "r(2,3,4)," + BOXES.format("1,3,4", 1) + s + ")" for s in (
        "", ",format='corner'", ",0.1,0.1,0.2,0.2", ",std2=3,std3=3,clip=0.5", ",format='edges'", ",std0='x'")],
    DECODE + "r(2,3,4,dtype='float64'),r(1,3,4,dtype='float64'),std0=0.5)",
    DECODE + "r(2,3,4),r(2,3,4))",
    DECODE + "r(3,4),r(1,3,4))",
]  # fmt: skip
