"""Deconvolution, UpSampling, LRN, CTCLoss, and outputs with a gradient of their own."""

DEC = "nd.Deconvolution(r(2,2,3,4),r(2,3,3,2,seed=1),"
D = "r(5,2,4,low=-2,high=2)"
CTC = f"nd.CTCLoss({D},nd.array("
UP = "nd.UpSampling(r(1,2,2,3),"
X, Y, ROWS = "r(2,3)", "r(2,3,seed=1)", "nd.array([[1,2,3],[.5,.2,.1]])"
EXPRESSIONS = [
    DEC + "kernel=(3,2),num_filter=3)",
    DEC + "r(3,seed=2),kernel=(3,2),num_filter=3,no_bias=False,stride=(2,3),pad=(1,0),adj=(1,2))",
    DEC + "kernel=(3,2),num_filter=3,dilate=(2,1))",
    "nd.Deconvolution(r(1,2,2,2),r(2,1,3,3,seed=1),kernel=(3,3),num_filter=2,num_group=2,stride=(2,2))",
    "nd.Deconvolution(r(2,2,3),r(2,1,3,seed=1),kernel=(3,),num_filter=1,stride=(2,))",
    "nd.Deconvolution(r(1,2,2,2,2),r(2,1,2,2,2,seed=1),kernel=(2,2,2),num_filter=1)",
    "grad(lambda x,w,b:nd.Deconvolution(x,w,b,kernel=(3,2),num_filter=3,no_bias=False,stride=(2,1),pad=(1,1)),"
    "r(2,2,3,4),r(2,3,3,2,seed=1),r(3,seed=2))",
    DEC + "kernel=(3,2),num_filter=4)",
    DEC + "kernel=(3,2),num_filter=3,adj=(1,1))",
    DEC + "kernel=(3,2),num_filter=3,target_shape=(9,9))",
    DEC + "r(3),kernel=(3,2),num_filter=3)",
    DEC + "num_filter=3)",
    UP + "scale=2,sample_type='nearest')",
    UP + "r(1,1,4,6),scale=2,sample_type='nearest',num_args=2)",
    UP + "scale=3,sample_type='nearest')",
    UP + "r(1,2,4,6,seed=1),scale=2,sample_type='nearest',num_args=2,multi_input_mode='sum')",
    UP + "r(2,1,4,4,seed=1),scale=2,sample_type='bilinear',num_filter=2,num_args=2)",
    UP + "r(2,1,5,5,seed=1),scale=3,sample_type='bilinear',num_filter=2,num_args=2)",
    UP + "scale=2,sample_type='foo')",
    UP + "sample_type='nearest')",
    "nd.UpSampling(r(2,3),scale=2,sample_type='nearest')",
    "grad(lambda x,y:nd.UpSampling(x,y,scale=2,sample_type='nearest',num_args=2),r(1,2,2,3),r(1,1,4,6))",
    "nd.LRN(r(1,4,1,2),nsize=3)",
    "nd.LRN(r(2,7,2,3,low=0,high=5),nsize=5,alpha=1,beta=.5,knorm=1)",
    "nd.LRN(r(1,3,1,2),nsize=1,alpha=2)",
    "nd.LRN(r(1,3,1,2))",
    "grad(lambda x:nd.LRN(x,nsize=3,alpha=1,beta=.5,knorm=1),r(1,4,2,2))",
    CTC + "[[1,2,0],[3,1,1]]))",
    CTC + "[[1,2,0],[3,2,1]],dtype='int32'))",
    CTC + "[[0,2,-1],[1,2,1]]),blank_label='last')",
    CTC + "[[1,2,0],[3,1,2]]),nd.array([5,4]),use_data_lengths=True)",
    CTC + "[[1,2,2],[3,1,2]]),nd.array([5,4]),nd.array([2,1]),use_data_lengths=True,use_label_lengths=True)",
    CTC + "[[1,2,2],[3,1,2]]),nd.array([2,1]),use_label_lengths=True)",
    CTC + "[[1,2,2],[3,1,2]]),label_lengths=nd.array([2,1]),use_label_lengths=True)",
    CTC + "[[0,0,0],[3,1,2]]))",
    CTC + "[[1,1,1],[3,3,3]]))",
    "nd.ctc_loss(r(20,1,6),nd.array([[5,4,4,1,2,2,1]]))",
    CTC + "[[1,2,3,1,2,3],[1,0,0,0,0,0]]))",
    CTC + "[[1,2],[1,0],[1,2]]))",
    CTC + "[[1,2],[1,0]]),blank_label='x')",
    f"grad(lambda x:nd.CTCLoss(x,nd.array([[1,2,0],[3,1,1]])),{D})",
    f"grad(lambda x:nd.CTCLoss(x,nd.array([[1,2,0],[2,0,2]]),nd.array([3,4]),use_data_lengths=True,"
    f"blank_label='last'),{D})",
    *[f"grad(lambda x:nd.{kind}RegressionOutput(x,{Y},grad_scale=2),{X})" for kind in ("Linear", "Logistic", "MAE")],
    *[f"grad(lambda x:nd.{kind}RegressionOutput(x,nd.array([1,0])),r(2,1))" for kind in ("Linear", "Logistic", "MAE")],
    f"grad(lambda x,y:nd.LinearRegressionOutput(x,y),{X},{Y})",
    f"nd.LinearRegressionOutput({X},nd.zeros((2,)))",
    f"grad(lambda x:nd.SVMOutput(x,nd.array([0,2])),{ROWS})",
    f"grad(lambda x:nd.SVMOutput(x,nd.array([0,2]),use_linear=True,margin=.5,regularization_coefficient=.3),{ROWS})",
    f"grad(lambda x:nd.SVMOutput(x,nd.array([0,2]),margin=.5,regularization_coefficient=.3),{ROWS})",
    *[f"grad(lambda x:nd.MakeLoss(x,grad_scale=3,normalization='{n}',valid_thresh=0.5),{ROWS})"
      for n in ("null", "batch", "valid")],
    f"nd.MakeLoss({X},normalization='foo')",
]  # fmt: skip
