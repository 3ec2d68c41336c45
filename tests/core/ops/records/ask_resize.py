"""contrib's AdaptiveAvgPooling2D and BilinearResize2D."""

A, B = "nd.contrib.AdaptiveAvgPooling2D(", "nd.contrib.BilinearResize2D("
EXPRESSIONS = [
    A + "r(2,3,4,5),output_size=(2,3))",
    A + "r(1,2,7,5),output_size=3)",
    A + "r(1,2,2,3),output_size=(5,4))",
    A + "r(1,2,4,5))",
    A + "r(1,2,4,5,dtype='float64'),output_size=(3,))",
    A + "r(1,4,5))",
    "grad(lambda x:nd.contrib.AdaptiveAvgPooling2D(x,output_size=(2,3)),r(2,3,4,5))",
    B + "r(1,2,2,3),height=5,width=4)",
    B + "r(1,2,7,5),height=3,width=2)",
    B + "r(1,2,3,3),height=1,width=1)",
    B + "r(1,2,2,3),height=5,width=4,align_corners=False)",
    B + "r(1,2,7,5),height=3,width=2,align_corners=False)",
    B + "r(1,2,3,5),scale_height=1.5,scale_width=0.7)",
    B + "r(1,2,3,5),r(1,1,6,4),mode='like')",
    B + "r(2,3,5),height=3,width=3)",
    "grad(lambda x:nd.contrib.BilinearResize2D(x,height=5,width=2),r(1,2,3,3))",
    "grad(lambda x:nd.contrib.BilinearResize2D(x,height=5,width=2,align_corners=False),r(1,2,3,3))",
    *[B + f"r(1,1,{size}),mode='{mode}')" for size in ("4,5", "3,3") for mode in (
        "to_even_down", "to_even_up", "to_odd_down", "to_odd_up")],
    B + "r(1,1,4,5),mode='odd_scale',scale_height=2,scale_width=1.5)",
    B + "r(1,1,5,5),mode='odd_scale',scale_height=.5,scale_width=3)",
    B + "r(1,1,5,5),mode='larger')",
]  # fmt: skip
