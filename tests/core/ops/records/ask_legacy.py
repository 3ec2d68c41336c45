"""MXNet's older names: first versions of operators, aliases, and small functions of contrib."""

CONV, POOL, CROP = "nd.Convolution_v1(", "nd.Pooling_v1(", "nd.Crop("
FILL, SYNC = "nd.fill_element_0index(", "nd.contrib.SyncBatchNorm("
CSR = "nd.array([[0,2,0],[1,0,3]]).tostype('csr')"
STATS = "nd.ones(3)*2,r(3,seed=5),r(3,seed=6),nd.ones(3)*1.5"
EXPRESSIONS = [
    CONV + "r(1,2,4,5),r(3,2,3,2),r(3),kernel=(3,2),num_filter=3)",
    CONV + "r(2,4,5,5),r(2,2,3,3),kernel=(3,3),num_filter=2,num_group=2,no_bias=True,pad=(1,1),stride=(2,2))",
    CONV + "r(1,2,4),r(3,2,3),r(3),kernel=(3,),num_filter=3)",
    CONV + "r(1,2,4,4,4),r(3,2,3,3,3),r(3),kernel=(3,3,3),num_filter=3)",
    CONV + "r(1,2,4,4),r(3,1,3,3),r(3),kernel=(3,3),num_filter=3)",
    f"grad(lambda x,w,b:{CONV}x,w,b,kernel=(2,2),num_filter=2),r(1,2,3,4),r(2,2,2,2),r(2))",
    *[POOL + "r(2,2,5,4)," + s + ")" for s in (
        "kernel=(2,2)", "kernel=(3,2),stride=(2,2),pool_type='avg',pad=(1,1)", "kernel=(3,3),pool_type='sum'",
        "kernel=(3,3),stride=(2,2),pool_type='avg',pooling_convention='full'", "global_pool=True,kernel=(1,1)",
        "global_pool=True,kernel=(1,1),pool_type='avg'", "kernel=(2,2),pool_type='lp'", "kernel=(9,9)")],
    POOL + "r(1,2,4),kernel=(3,))",
    POOL + "r(1,2,4,4,4),kernel=(3,3,3))",
    f"grad(lambda x:{POOL}x,kernel=(2,2)),r(1,2,3,4))",
    f"grad(lambda x:{POOL}x,kernel=(2,2),pool_type='avg',stride=(2,2),pad=(1,1)),r(1,2,3,4))",
    *[CROP + "r(1,2,4,5)," + s + ")" for s in (
        "h_w=(2,3)", "h_w=(2,3),offset=(1,2)", "h_w=(2,2),center_crop=True", "r(1,1,3,2)", "r(1,1,3,2),offset=(1,1)",
        "r(2,3,2,3),center_crop=True", "h_w=(5,5)", "h_w=(3,3),offset=(2,2)", "offset=(1,1)")],
    CROP + "r(4,5),h_w=(2,2))",
    f"grad(lambda x:{CROP}x,h_w=(2,3),offset=(1,1)),r(1,2,4,5))",
    FILL + "r(2,3),nd.array([5,6]),nd.array([1,2]))",
    FILL + "lhs=r(3,2),mhs=nd.array([5,6,7]),rhs=nd.array([-1,1.9,2]))",
    FILL + "r(2,3),nd.array([5,6,7]),nd.array([1,2,0]))",
    "grad(lambda x:nd.Softmax(x,nd.array([1,2]),grad_scale=2),r(2,3))",
    "nd.Softmax(r(2,3))",
    "nd.contrib.SparseEmbedding(nd.array([[0,1],[5,2]]),r(3,2),input_dim=3,output_dim=2)",
    "nd.contrib.SparseEmbedding(nd.array([0]),r(3,2),input_dim=3,output_dim=4)",
    SYNC + "r(2,3,2)," + STATS + ",key='a')",
    SYNC + "r(2,3,2)," + STATS + ",key='a',fix_gamma=False,eps=0.1)",
    SYNC + "r(2,3,2)," + STATS + ")",
    f"grad(lambda x:{SYNC}x,{STATS},key='a',fix_gamma=False),r(4,3,2))",
    f"grad(lambda x:{SYNC}x,{STATS},key='a',fix_gamma=False,output_mean_var=True),r(4,3,2))",
    "with_seed(3,lambda:nd.contrib.uniform(0,2,shape=(2,3)))",
    f"nd.contrib.getnnz({CSR})",
    f"nd.contrib.getnnz({CSR},axis=1)",
    f"nd.contrib.getnnz({CSR},axis=0)",
    "nd.contrib.getnnz(nd.ones((2,2)))",
    f"nd.contrib.edge_id({CSR},nd.array([0,0,1,1]),nd.array([1,0,0,2]))",
    f"nd.contrib.edge_id({CSR},nd.array([0]),nd.array([1,0]))",
    "nd.op.broadcast_add(r(2,1),r(1,2))",
    "nd.op.Convolution(r(1,1,3,3),r(1,1,2,2),kernel=(2,2),num_filter=1,no_bias=True)",
    "nd.ndarray.array([1,2]).slice_assign(nd.array([5]),(1,),(2,),())",
    "nd.zeros((3,4)).slice_assign(nd.ones((2,2)),(0,None),(3,None),(2,2))",
    "nd.zeros((3,4)).slice_assign(nd.ones((2,3)),(0,None),(3,None),(2,2))",
    "nd.zeros((3,4)).slice_assign_scalar(7,(0,1),(2,None),(1,2))",
]  # fmt: skip
