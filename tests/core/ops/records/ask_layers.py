"""Operators of layers: every kind and option, dtypes, gradients, calls that do not fit."""

X, W, B = "r(2,3)", "r(4,3,seed=1)", "r(4,seed=2)"
IMAGE, KERNEL = "r(2,2,4,5)", "r(3,2,2,3,seed=1)"
NORMS = "r(4,3,2),r(3,seed=1),r(3,seed=2)"
MOVING = ",r(3,seed=3),r(3,low=.5,high=2,seed=4)"
LABEL = "nd.array([1,2])"
EXPRESSIONS = [
    *[f"nd.Activation({X},act_type='{kind}')" for kind in ("relu", "sigmoid", "tanh", "softrelu", "softsign", "gelu")],
    *[f"grad(lambda x:nd.Activation(x,act_type='{kind}'),{X})" for kind in ("relu", "softrelu", "softsign")],
    f"nd.Activation({X})",
    *[f"nd.LeakyReLU({X}{way})" for way in (
        "", ",act_type='leaky',slope=.1", ",act_type='elu',slope=.5", ",act_type='selu'", ",act_type='gelu'",
        ",r(3,seed=1),act_type='prelu'", ",r(1,seed=1),act_type='prelu'", ",act_type='soft'")],
    *[f"grad(lambda x:nd.LeakyReLU(x,act_type='{kind}'),{X})" for kind in ("leaky", "elu", "gelu")],
    f"grad(lambda x,g:nd.LeakyReLU(x,g,act_type='prelu'),{X},r(3,seed=1))",
    *[f"nd.FullyConnected({arguments})" for arguments in (
        f"{X},{W},{B},num_hidden=4", f"{X},{W},num_hidden=4,no_bias=True", f"r(2,3,1),{W},{B},num_hidden=4",
        f"r(2,5,3),{W},{B},num_hidden=4,flatten=False", f"{X},{W},{B},num_hidden=5", f"{X},{W},num_hidden=4",
        f"{X},{W},{B}", f"r(2,2),{W},{B},num_hidden=4",
        "r(2,3,dtype='float64'),r(4,3,dtype='float64'),num_hidden=4,no_bias=True")],
    f"grad(lambda x,w,b:nd.FullyConnected(x,w,b,num_hidden=4),{X},{W},{B})",
    *[f"nd.{name}({X}{way})" for name in ("softmax", "log_softmax", "softmin") for way in (
        "", ",axis=0", ",axis=-1,temperature=2", ",axis=2")],
    "nd.softmax(r(2,3),nd.array([2,1],dtype='int32'),use_length=True)", "nd.softmax(r(2,3,2),axis=1)",
    "nd.softmax(r(2,3,dtype='float16'))",
    *[f"grad(lambda x:nd.{name}(x),{X})" for name in ("softmax", "log_softmax", "softmin", "SoftmaxActivation")],
    f"nd.SoftmaxActivation({X})", "nd.SoftmaxActivation(r(1,2,3),mode='channel')",
    f"nd.softmax_cross_entropy({X},{LABEL})", f"nd.softmax_cross_entropy({X},nd.array([1]))",
    f"grad(lambda x:nd.softmax_cross_entropy(x,{LABEL}),{X})",
    *[f"nd.smooth_l1(r(2,3,low=-3,high=3){way})" for way in ("", ",scalar=2", ",scalar=0.5")],
    "grad(lambda x:nd.smooth_l1(x,scalar=2),r(2,3,low=-2,high=2))",
    *[f"grad(lambda x:nd.SoftmaxOutput(x,{LABEL}{way}),{X})" for way in (
        "", ",grad_scale=3", ",use_ignore=True,ignore_label=2", ",normalization='batch'", ",smooth_alpha=.1",
        ",use_ignore=True,ignore_label=1,normalization='valid'")],
    "grad(lambda x:nd.SoftmaxOutput(x,nd.array([[0,1],[2,0]]),multi_output=True),r(2,3,2))",
    f"nd.SoftmaxOutput({X},nd.array([1]))", f"nd.SoftmaxOutput({X},{LABEL},normalization='all')",
    *[f"grad(lambda x:nd.{name}(x,r(2,3,seed=1){way}),{X})" for name in (
        "LinearRegressionOutput", "MAERegressionOutput", "LogisticRegressionOutput") for way in ("", ",grad_scale=2")],
    f"nd.LinearRegressionOutput({X},r(3,2))",
    *[f"grad(lambda x:nd.SVMOutput(x,{LABEL}{way}),{X})" for way in (
        "", ",margin=.5", ",use_linear=True", ",regularization_coefficient=2")],
    *[f"grad(lambda x:nd.MakeLoss(x{way}),{X})" for way in (
        "", ",grad_scale=2", ",normalization='batch'", ",normalization='valid',valid_thresh=.2")],
    # convolutions
    *[f"nd.Convolution({arguments})" for arguments in (
        f"{IMAGE},{KERNEL},r(3),kernel=(2,3),num_filter=3", f"{IMAGE},{KERNEL},kernel=(2,3),num_filter=3,no_bias=True",
        f"{IMAGE},{KERNEL},r(3),kernel=(2,3),num_filter=3,stride=(2,1),pad=(1,1),dilate=(1,2)",
        f"{IMAGE},r(2,1,2,2),r(2),kernel=(2,2),num_filter=2,num_group=2", f"{IMAGE},{KERNEL},r(3),kernel=(2,3)",
        f"{IMAGE},{KERNEL},r(4),kernel=(2,3),num_filter=3", f"{IMAGE},{KERNEL},r(3),kernel=(9,3),num_filter=3",
        f"{IMAGE},{KERNEL},r(3),kernel=(2,3),num_filter=3,num_group=2",
        "r(2,2,6),r(3,2,2),r(3),kernel=(2,),num_filter=3",
        "r(1,1,3,3,3),r(2,1,2,2,2),r(2),kernel=(2,2,2),num_filter=2",
        f"r(2,4,5),{KERNEL},r(3),kernel=(2,3),num_filter=3")],
    f"grad(lambda x,w,b:nd.Convolution(x,w,b,kernel=(2,3),num_filter=3),r(1,2,3,4),{KERNEL},r(3))",
    "nd.im2col(r(1,2,3,4),kernel=(2,2))", "nd.im2col(r(1,2,3,4),kernel=(2,2),stride=(1,2),pad=(1,0),dilate=(1,1))",
    "nd.im2col(r(1,2,3,4),kernel=(5,5))", "nd.im2col(r(1,2,3,4))",
    "nd.col2im(r(1,8,6),output_size=(3,4),kernel=(2,2))", "nd.col2im(r(1,8,5),output_size=(3,4),kernel=(2,2))",
    "grad(lambda x:nd.im2col(x,kernel=(2,2)),r(1,1,3,3))",
    "grad(lambda x:nd.col2im(x,output_size=(3,3),kernel=(2,2)),r(1,4,4))",
    # normalization
    *[f"nd.BatchNorm({NORMS}{MOVING}{way})" for way in (
        "", ",fix_gamma=False", ",eps=.1,use_global_stats=True", ",axis=-2,fix_gamma=False", ",axis=7")],
    f"grad(lambda x,g,b:nd.BatchNorm(x,g,b{MOVING},fix_gamma=False),{NORMS})",
    f"grad(lambda x,g,b:nd.BatchNorm(x,g,b{MOVING},use_global_stats=True,fix_gamma=False),{NORMS})",
    "nd.LayerNorm(r(2,3),r(3),r(3,seed=1))", "nd.LayerNorm(r(2,3),r(2),r(2,seed=1),axis=0,eps=.1)",
    "nd.LayerNorm(r(2,3),r(2),r(2))", "nd.LayerNorm(r(2,3),r(3),r(3,seed=1),output_mean_var=True)",
    "grad(lambda x,g,b:nd.LayerNorm(x,g,b),r(2,3),r(3),r(3,seed=1))",
    "nd.GroupNorm(r(2,4,3),r(2),r(2,seed=1),num_groups=2)", "nd.GroupNorm(r(2,4,3),r(4),r(4),num_groups=3)",
    "grad(lambda x,g,b:nd.GroupNorm(x,g,b,num_groups=2),r(2,4,3),r(2),r(2,seed=1))",
    f"nd.InstanceNorm({NORMS})", f"nd.InstanceNorm({NORMS},eps=.1)", "nd.InstanceNorm(r(4,3,2),r(2),r(2))",
    f"grad(lambda x,g,b:nd.InstanceNorm(x,g,b),{NORMS})",
    *[f"nd.L2Normalization(r(2,3,2){way})" for way in ("", ",mode='channel'", ",mode='spatial'", ",mode='all'",
    ",eps=1")],
    "grad(lambda x:nd.L2Normalization(x),r(2,3))", "grad(lambda x:nd.L2Normalization(x,mode='channel'),r(2,3,2))",
    "nd.LRN(r(1,4,2,2),nsize=3)", "nd.LRN(r(1,4,2,2),nsize=3,alpha=.1,beta=.5,knorm=1)", "nd.LRN(r(1,4,2,2),nsize=2)",
    "nd.Dropout(r(2,3),p=.5)", "nd.Dropout(r(2,3),p=0,mode='always')", "nd.Dropout(r(2,3),p=2)",
    "with_seed(3,lambda:nd.Dropout(nd.ones((4,5)),p=.4,mode='always'))",
    "with_seed(3,lambda:nd.Dropout(nd.ones((4,5)),p=.4,mode='always',axes=(0,)))",
]  # fmt: skip
