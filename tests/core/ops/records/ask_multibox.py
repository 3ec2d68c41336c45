"""contrib's MultiBoxPrior, MultiBoxTarget and MultiBoxDetection."""

PRIOR, TARGET, FOUND = "nd.contrib.MultiBoxPrior(", "nd.contrib.MultiBoxTarget(", "nd.contrib.MultiBoxDetection("
ANCHORS = "nd.contrib.MultiBoxPrior(nd.zeros((1,1,2,3)),sizes=(0.4,0.7),ratios=(1,2,0.5))"
LABELS = (
    "nd.array([[[1,.1,.1,.4,.5],[0,.5,.2,.9,.8],[2,.05,.6,.3,.9]],[[2,.3,.3,.7,.7],[-1,-1,-1,-1,-1],[0,0,0,1,1]],"
    "[[-1]*5]*3])"
)
TARGETS = TARGET + ANCHORS + "," + LABELS + ",r(3,4,24,low=-2,high=2)"
FINDS = FOUND + "nd.softmax(r(2,4,24,low=-2,high=2),axis=1),r(2,96)," + ANCHORS
EXPRESSIONS = [
    # anchors
    *[PRIOR + x + s + ")" for x in ("nd.zeros((1,1,2,3))", "nd.zeros((2,3,3,1))") for s in (
        "", ",sizes=(0.4,0.7)", ",sizes=0.5,ratios=(2,1)", ",sizes=(0.2,0.9),ratios=(1,2,0.5),clip=True",
        ",steps=(0.25,0.5)", ",offsets=(0,0.25)")],
    PRIOR + "nd.zeros((2,2)))",
    PRIOR + "nd.zeros((1,1,2,2)),steps=(1,))",
    PRIOR + "nd.zeros((1,1,2,2)),sizes=())",
    # targets
    *[TARGETS + s + ")" for s in (
        "", ",overlap_threshold=0.3", ",overlap_threshold=0.9", ",ignore_label=-5,negative_mining_ratio=3",
        ",negative_mining_ratio=2,negative_mining_thresh=0.2", ",overlap_threshold=0", ",variances=(1,1,1,1)",
        ",negative_mining_ratio=1,minimum_negative_samples=12", ",negative_mining_ratio=1,negative_mining_thresh=0.01",
        ",negative_mining_ratio=100,negative_mining_thresh=0.9")],
    TARGET + ANCHORS + "," + LABELS + ",r(3,4,23))",
    TARGET + ANCHORS + ",nd.ones((3,4)),r(3,4,24))",
    TARGET + ANCHORS + ",nd.ones((3,2,4)),r(3,4,24))",
    # what was found
    *[FINDS + s + ")" for s in (
        "", ",clip=False", ",threshold=0.5", ",nms_threshold=0.2", ",nms_threshold=0.2,force_suppress=True",
        ",nms_topk=7", ",variances=(1,1,1,1)", ",nms_threshold=0", ",nms_threshold=-1", ",nms_threshold=1.5",
        ",threshold=0.5,nms_topk=3,nms_threshold=0.3", ",threshold=2")],
    FOUND + "nd.ones((2,4,24)),r(2,95)," + ANCHORS + ")",
    FOUND + "nd.ones((2,4)),r(2,96)," + ANCHORS + ")",
]  # fmt: skip
