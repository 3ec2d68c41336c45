"""Asks a real MXNet 1.9.1 what optimizers, schedules, initializers, draws and operators of networks give.

Run by hand, with the Python of an environment where `mxnet` is installed:  python tests/oracle/record_training.py
The answers are small JSON files beside the tests that replay them; the tests need no MXNet.
"""

import hashlib
import json
import warnings
from pathlib import Path

import mxnet as mx
import numpy as np

TESTS = Path(__file__).resolve().parent.parent
warnings.simplefilter("ignore")

CLIPPED = {"wd": 0.1, "clip_gradient": 0.5, "rescale_grad": 0.25}
OPTIMIZERS = {
    "sgd": [{}, {"wd": 0.01}, {"momentum": 0.9}, {"momentum": 0.9, "wd": 0.01}, {"momentum": 0.9, **CLIPPED}, CLIPPED],
    "nag": [{}, {"wd": 0.01}, {"momentum": 0.9}, {"momentum": 0.9, **CLIPPED}],
    "adam": [{}, {"wd": 0.01}, {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-4, **CLIPPED}],
    "adagrad": [{}, {"eps": 1e-3, **CLIPPED}],
    "rmsprop": [
        {},
        {"wd": 0.01},
        {"gamma1": 0.8, "epsilon": 1e-3, "clip_weights": 0.7, **CLIPPED},
        {"centered": True},
        {"centered": True, "gamma1": 0.8, "gamma2": 0.7, "epsilon": 1e-3, "clip_weights": 0.7, **CLIPPED},
    ],
    "adadelta": [{}, {"rho": 0.8, "epsilon": 1e-3, **CLIPPED}],
    "adamax": [{}, {"beta1": 0.8, "beta2": 0.9, **CLIPPED}],
    "nadam": [{}, {"beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3, "schedule_decay": 0.01, **CLIPPED}],
    "ftrl": [{}, {"lamda1": 0.1, "beta": 0.5, **CLIPPED}],
    "ftml": [{}, {"beta1": 0.5, "beta2": 0.99, "epsilon": 1e-4, **CLIPPED}],
    "signum": [{}, {"momentum": 0.0}, {"momentum": 0.8, "wd_lh": 0.01, **CLIPPED}, {"momentum": 0.0, **CLIPPED}],
    "test": [{}, {"rescale_grad": 0.5}],
    "dcasgd": [{}, {"lamda": 0.5, **CLIPPED}],
    "lamb": [{}, {"wd": 0.01}, {"bias_correction": False}, {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3, **CLIPPED},
             {"lower_bound": 0.5, "upper_bound": 1.5}],
    "lars": [{}, {"momentum": 0.9}, {"momentum": 0.9, "eta": 0.1, "eps": 1e-3, "wd": 0.1, "clip_gradient": 0.5},
             {"eta": 0.05, "wd": 0.01, "momentum_correction": False}],
    "lbsgd": [{}, {"momentum": 0.9, "wd": 0.01}, {"batch_scale": 4, "warmup_strategy": "lars", "wd": 0.01},
              {"batch_scale": 3, "warmup_epochs": 2, "updates_per_epoch": 4, "momentum": 0.5, "clip_gradient": 0.5},
              {"batch_scale": 2, "warmup_strategy": "power2", "warmup_epochs": 1, "updates_per_epoch": 15},
              {"batch_scale": 2, "warmup_strategy": "sqrt", "warmup_epochs": 2, "begin_epoch": 1,
               "updates_per_epoch": 9}],
}

SCHEDULES = [
    ["FactorScheduler", {"step": 3, "factor": 0.5, "base_lr": 1.0}],
    ["FactorScheduler", {"step": 3, "factor": 0.5, "base_lr": 1.0, "stop_factor_lr": 0.2}],
    ["FactorScheduler", {"step": 3, "factor": 0.5, "base_lr": 1.0, "warmup_steps": 4, "warmup_begin_lr": 0.1}],
    ["FactorScheduler", {"step": 2, "factor": 0.5, "base_lr": 1.0, "warmup_steps": 4, "warmup_mode": "constant"}],
    ["MultiFactorScheduler", {"step": [2, 5, 9], "factor": 0.1, "base_lr": 1.0}],
    ["MultiFactorScheduler", {"step": [2, 5, 9], "factor": 0.1, "base_lr": 1.0, "warmup_steps": 3}],
    ["PolyScheduler", {"max_update": 10, "base_lr": 1.0}],
    ["PolyScheduler", {"max_update": 10, "base_lr": 1.0, "pwr": 1, "final_lr": 0.1, "warmup_steps": 3}],
    ["CosineScheduler", {"max_update": 10, "base_lr": 1.0}],
    ["CosineScheduler", {"max_update": 10, "base_lr": 1.0, "final_lr": 0.1, "warmup_steps": 3, "warmup_begin_lr": 0.2}],
]

INITIALIZERS = [
    ["Uniform", [], [2, 3]],
    ["Uniform", [1], [2, 3]],
    ["Normal", [], [2, 3]],
    ["Normal", [2], [2, 3]],
    ["Zero", [], [2]],
    ["One", [], [2]],
    ["Constant", [0.3], [2]],
    ["Xavier", [], [2, 3, 2, 2]],
    *[["Xavier", [kind, factor, 2.5], [2, 3]] for kind in ("uniform", "gaussian") for factor in ("avg", "in", "out")],
    ["MSRAPrelu", [], [2, 3]],
    ["MSRAPrelu", ["in", 0.1], [2, 3]],
    ["Orthogonal", [], [3, 4]],
    ["Bilinear", [], [1, 2, 3, 3]],
]

DRAWS = [  # of one seed, one after the other
    ["uniform", [0, 1], 1, "float32"],
    ["uniform", [0, 1], 63, "float32"],
    ["uniform", [-0.07, 0.07], 64, "float32"],
    ["uniform", [-0.3, 2.7], 65, "float32"],
    ["normal", [0, 1], 65, "float32"],
    ["normal", [0, 0.01], 1000, "float32"],
    ["uniform", [0, 1], 1000, "float32"],
    ["randint", [0, 10], 1000, "int32"],
    ["randint", [-5, 2**31 - 1], 1000, "int32"],
    ["randint", [-(2**62), 2**62 - 7], 1000, "int64"],
    ["uniform", [0, 1], 65536, "float32"],
    ["normal", [1, 2], 65537, "float32"],
    ["uniform", [-1, 1], 65537, "float32"],
    ["uniform", [-1, 1], 100000, "float64"],
    ["normal", [-1, 3], 100, "float64"],
    ["uniform", [-1, 1], 1000, "float16"],
    ["normal", [-1, 1], 100, "float16"],
    ["uniform", [0, 1], 100000, "float32"],
    ["uniform", [0, 1], 7, "float32"],
    ["randint", [0, 3], 7, "int64"],
]

# operator, shapes of arrays (or their values), parameters, positions of arrays without gradient
N5 = {"kernel": [2, 2], "stride": [2, 2]}
PAD = {"kernel": [3, 3], "stride": [2, 2], "pad": [1, 1]}
NN = [
    ["FullyConnected", [[3, 2, 2], [4, 4], [4]], {"num_hidden": 4}, []],
    ["FullyConnected", [[3, 2, 5], [4, 5]], {"num_hidden": 4, "no_bias": True, "flatten": False}, []],
    ["Convolution", [[2, 2, 5, 4], [4, 2, 3, 3], [4]], {"kernel": [3, 3], "num_filter": 4}, []],
    [
        "Convolution",
        [[2, 2, 5, 4], [4, 2, 3, 3], [4]],
        {"kernel": [3, 3], "num_filter": 4, "stride": [2, 1], "pad": [1, 2]},
        [],
    ],
    ["Convolution", [[2, 2, 5, 4], [4, 2, 2, 2], [4]], {"kernel": [2, 2], "num_filter": 4, "dilate": [2, 1]}, []],
    [
        "Convolution",
        [[2, 4, 4, 4], [4, 2, 3, 3]],
        {"kernel": [3, 3], "num_filter": 4, "num_group": 2, "no_bias": True},
        [],
    ],
    ["Convolution", [[2, 3, 6], [2, 3, 3], [2]], {"kernel": [3], "num_filter": 2, "stride": [2]}, []],
    ["Convolution", [[1, 2, 3, 3, 3], [2, 2, 2, 2, 2], [2]], {"kernel": [2, 2, 2], "num_filter": 2}, []],
    *[
        ["Pooling", [[1, 2, 5, 5]], {"pool_type": kind, **params}, []]
        for kind in ("max", "avg", "sum")
        for params in (
            {"kernel": [2, 2]},
            N5,
            PAD,
            {**N5, "pooling_convention": "full"},
            {**PAD, "pooling_convention": "full"},
            {"kernel": [4, 4], "stride": [3, 3], "pad": [1, 1], "pooling_convention": "full"},
            {"global_pool": True},
        )
    ],
    ["Pooling", [[1, 2, 5, 5]], {"pool_type": "avg", **PAD, "count_include_pad": False}, []],
    ["Pooling", [[1, 2, 6]], {"pool_type": "max", "kernel": [3], "stride": [2]}, []],
    ["Pooling", [[1, 1, 3, 4, 3]], {"pool_type": "avg", "kernel": [2, 2, 2]}, []],
    [
        "BatchNorm",
        [[4, 3, 2], [3], [3], {"values": [0.1, -0.2, 0.3]}, {"values": [0.5, 1.0, 1.5]}],
        {"fix_gamma": False},
        [3, 4],
    ],
    [
        "BatchNorm",
        [[4, 3], [3], [3], {"values": [0.1, -0.2, 0.3]}, {"values": [0.5, 1.0, 1.5]}],
        {"fix_gamma": False, "use_global_stats": True, "eps": 1e-5},
        [3, 4],
    ],
    [
        "BatchNorm",
        [[4, 2, 3], [3], [3], {"values": [0.1, -0.2, 0.3]}, {"values": [0.5, 1.0, 1.5]}],
        {"fix_gamma": False, "axis": 2, "momentum": 0.5},
        [3, 4],
    ],
    ["LayerNorm", [[4, 2, 5], [5], [5]], {}, []],
    ["LayerNorm", [[4, 3, 2], [3], [3]], {"axis": 1, "eps": 1e-3}, []],
    ["InstanceNorm", [[2, 3, 4], [3], [3]], {}, []],
    ["GroupNorm", [[2, 4, 3], [2], [2]], {"num_groups": 2}, []],
    *[["L2Normalization", [[2, 3, 4]], {"mode": mode}, []] for mode in ("instance", "channel", "spatial")],
    *[["Activation", [[3, 4]], {"act_type": kind}, []] for kind in ("relu", "sigmoid", "tanh", "softrelu", "softsign")],
    *[["LeakyReLU", [[3, 4]], {"act_type": kind, "slope": 0.3}, []] for kind in ("leaky", "elu", "gelu")],
    ["LeakyReLU", [[3, 4]], {"act_type": "selu"}, [0]],  # its gradient is wrong in MXNet (0.0028 for 0.0875 at -3)
    ["LeakyReLU", [[3, 4], [4]], {"act_type": "prelu"}, []],
    ["relu", [[3, 4]], {}, []],
    ["sigmoid", [[3, 4]], {}, []],
    ["softsign", [[3, 4]], {}, []],
    ["hard_sigmoid", [[3, 4]], {"alpha": 0.7}, []],
    ["erf", [[3, 4]], {}, []],
    ["softmax", [[3, 4]], {}, []],
    ["softmax", [[3, 4, 2]], {"axis": 1, "temperature": 2.0}, []],
    ["log_softmax", [[3, 4]], {}, []],
    ["log_softmax", [[3, 4]], {"axis": 0, "temperature": 0.5}, []],
    ["softmin", [[3, 4]], {}, []],
    ["SoftmaxActivation", [[2, 3, 2]], {"mode": "channel"}, []],
    ["SoftmaxActivation", [[2, 3]], {}, []],
    ["softmax_cross_entropy", [[4, 3], {"values": [0.0, 2.0, 1.0, 2.0]}], {}, [1]],
    *[
        ["SoftmaxOutput", [[4, 3], {"values": [0.0, 2.0, 1.0, 2.0]}], params, [1]]
        for params in (
            {},
            {"grad_scale": 2.0},
            {"normalization": "batch"},
            {"normalization": "valid"},
            {"use_ignore": True, "ignore_label": 2},
            {"use_ignore": True, "ignore_label": 2, "normalization": "valid"},
            {"smooth_alpha": 0.1},
        )
    ],
    *[
        ["SoftmaxOutput", [[2, 3, 2], {"values": [[0.0, 2.0], [1.0, 2.0]]}], {"multi_output": True, **params}, [1]]
        for params in (
            {},
            {"normalization": "batch"},
            {"normalization": "valid", "use_ignore": True, "ignore_label": 2},
        )
    ],
    ["smooth_l1", [[3, 4]], {"scalar": 1.5}, []],
    ["Embedding", [{"values": [[0.0, 2.0, 2.0], [7.0, -1.0, 1.7]]}, [3, 2]], {"input_dim": 3, "output_dim": 2}, [0]],
]


def arrays_of(specs):
    rng = np.random.RandomState(7)
    return [
        np.array(spec["values"], "f4") if isinstance(spec, dict) else rng.uniform(-2, 2, spec).astype("f4")
        for spec in specs
    ]


def floats(array):
    return array.asnumpy().astype("f8").ravel().tolist()


def optimizers():
    out = []
    for name, settings in OPTIMIZERS.items():
        for kwargs in settings:
            for lr in (None, 0.05):
                kwargs_ = {**kwargs, **({} if lr is None else {"learning_rate": lr})}
                rng = np.random.RandomState(3)
                weight, grads = mx.nd.array(rng.normal(size=6).astype("f4")), rng.normal(size=(20, 6)).astype("f4")
                updater = mx.optimizer.get_updater(mx.optimizer.create(name, **kwargs_))
                after = []
                for step in range(20):
                    updater(0, mx.nd.array(grads[step]), weight)
                    if step in (0, 1, 19):
                        after.append(floats(weight))
                out.append([name, kwargs_, after])
    return out


def schedules():
    return [
        [
            name,
            kwargs,
            [float(schedule(n)) for schedule in [getattr(mx.lr_scheduler, name)(**kwargs)] for n in range(14)],
        ]
        for name, kwargs in SCHEDULES
    ]


def initializers():
    out = []
    for name, args, shape in INITIALIZERS:
        for seed in (0, 5):
            mx.random.seed(seed)
            array = mx.nd.full(shape, 9.0)
            init = getattr(mx.init, name)(*args)
            init(mx.init.InitDesc("a_weight"), array)
            out.append([name, args, shape, seed, floats(array), init.dumps()])
    return out


def draws():
    out = []
    for seed in (0, 1, 42, 2**31, -1):
        mx.random.seed(seed)
        rows = []
        for kind, args, size, dtype in DRAWS:
            values = getattr(mx.nd.random, kind)(*args, shape=(size,), dtype=dtype).asnumpy()
            ends = [
                float(v) if values.dtype.kind == "f" else int(v) for v in (values[0], values[size // 2], values[-1])
            ]
            rows.append([kind, args, size, dtype, ends, hashlib.sha256(values.tobytes()).hexdigest()[:16]])
        out.append([seed, rows])
    return out


def networks():
    out = []
    for name, specs, params, constants in NN:
        arrays = [mx.nd.array(a) for a in arrays_of(specs)]
        for at, array in enumerate(arrays):
            if at not in constants:
                array.attach_grad()
        called = {k: tuple(v) if isinstance(v, list) else v for k, v in params.items()}
        with mx.autograd.record():
            result = getattr(mx.nd, name)(*arrays, **called)
        result = result[0] if isinstance(result, list) else result
        head = np.random.RandomState(8).uniform(-1, 1, result.shape).astype("f4")
        if len(constants) < len(arrays):
            result.backward(mx.nd.array(head))
        grads = [None if at in constants else floats(array.grad) for at, array in enumerate(arrays)]
        states = [floats(array) for at, array in enumerate(arrays) if name == "BatchNorm" and at in constants]
        out.append([name, specs, params, list(result.shape), floats(result), grads, states])
    return out


def write(path, data):
    with open(TESTS / path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(rounded(row)) for row in data) + "\n]\n")


def rounded(value):
    """Nine digits say a float32 exactly."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return value


if __name__ == "__main__":
    write("core/optimizer/records.json", optimizers())
    write("core/schedules.json", schedules())
    write("core/initializers.json", initializers())
    write("core/draws.json", draws())
    write("core/ops/nn/records.json", networks())
