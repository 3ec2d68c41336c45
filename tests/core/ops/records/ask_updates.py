"""Optimizers' steps as operators: the new weight, and the states that they leave behind."""

W, G = "r(3,4)", "r(3,4,seed=1,low=-3,high=3)"
STATE = [f"r(3,4,seed={i},low=0.1,high=0.9)" for i in range(2, 5)]
H = "dtype='float16'"


def stepped(name, states, rest):
    """The weight that a step gives and the states that it changed."""
    names = [f"s{i}" for i in range(len(states))]
    arrays = ",".join(["w", "g", *names])
    call = f"(lambda {arrays}:[nd.{name}({arrays},{rest}),{','.join(names)}])"
    return f"{call}({','.join([W, G, *states])})"


COMMON = ["lr=0.1", "lr=0.1,wd=0.2,rescale_grad=0.5,clip_gradient=0.7"]
KINDS = {
    "sgd_update": (0, [""]), "sgd_mom_update": (1, ["", ",momentum=0.9"]),
    "nag_mom_update": (1, [",momentum=0.9,out=w"]),
    "adam_update": (2, ["", ",beta1=0.8,beta2=0.99,epsilon=1e-3"]), "ftrl_update": (2, ["", ",lamda1=0.2,beta=0.5"]),
    "rmsprop_update": (1, ["", ",gamma1=0.8,clip_weights=0.3"]), "signsgd_update": (0, [""]),
    "rmspropalex_update": (3, ["", ",gamma1=0.3,gamma2=0.8,epsilon=1.0,clip_weights=0.3"]),
    "signum_update": (1, [",momentum=0.9", ",momentum=0.9,wd_lh=0.1"]),
}  # fmt: skip
EXPRESSIONS = [
    *[stepped(name, STATE[:n], c + more) for name, (n, rest) in KINDS.items() for c in COMMON for more in rest],
    stepped("ftml_update", STATE, "lr=0.1,t=3"),
    stepped("ftml_update", STATE, "lr=0.1,t=1,wd=0.2,rescale_grad=0.5,clip_grad=0.7,beta1=0.5"),
    f"(lambda w,g,m:[nd.mp_sgd_update(w,g,m,lr=0.1,wd=0.2),m])(r(3,{H}),r(3,seed=1,{H}),r(3))",
    *[f"(lambda w,g,v,m:[nd.mp_{kind}_mom_update(w,g,v,m,lr=0.1,momentum=0.9),v,m])"
      f"(r(3,{H}),r(3,seed=1,{H}),r(3,seed=2),r(3))" for kind in ("sgd", "nag")],
    "(lambda w:[nd.sgd_update(w,r(3,seed=1),lr=0.1,out=w),w])(r(3))",
    "nd.sgd_update(r(3,dtype='float64'),r(3,seed=1,dtype='float64'),lr=0.1)",
    "nd.sgd_update(r(3),r(3))",
    "nd.sgd_update(r(3),r(4),lr=0.1)",
    "nd.sgd_update(r(3),r(3,dtype='float64'),lr=0.1)",
    "nd.sgd_update(r(3),r(3),lr='a')",
    "nd.adam_update(r(3),r(3),lr=0.1)",
]  # fmt: skip
