"""Small modules, stores, sparse arrays: what scripts seldom call, called."""

import os


def stores(mx):
    kv = mx.kv.create("local")
    kv.init(3, mx.nd.ones((2,)))
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.5, momentum=0.9))
    kv.push(3, mx.nd.ones((2,)))
    kv.save_optimizer_states("states")
    out = mx.nd.zeros((2,))
    kv.pull(3, out=out)
    again = mx.kv.create("local")
    again.init(3, out)
    again.set_optimizer(mx.optimizer.SGD(learning_rate=0.5, momentum=0.9))
    again.load_optimizer_states("states")
    again.push(3, mx.nd.ones((2,)))
    after = mx.nd.zeros((2,))
    again.pull(3, out=after)
    plain = mx.kv.create("device")
    return [out, after, kv.type, kv.rank, kv.num_workers, plain.type, os.path.exists("states"),
            lambda: plain.save_optimizer_states("x"), lambda: plain.load_optimizer_states("states")]  # fmt: skip


def optimizers(mx):
    lars = mx.optimizer.LARS(param_idx2name={0: "a_weight", 1: "b_bias", 2: "c_gamma"})
    lars.set_wd_mult({"a_weight": 3.0})
    sgd = mx.optimizer.SGD(param_idx2name={0: "a_weight", 1: "b_bias"})
    sgd.set_wd_mult({})
    updater = mx.optimizer.get_updater(mx.optimizer.SGD(momentum=0.9))
    state = mx.nd.ones((2,))
    moved = updater.sync_state_context((state, None, [state]), mx.cpu(1))
    return [[lars._get_wds([0, 1, 2])], [sgd._get_wds([0, 1])], str(moved[0].context), moved[1], len(moved[2])]


def metrics(mx):
    both = mx.metric.CompositeEvalMetric([mx.metric.Accuracy(), mx.metric.MAE()])
    config = both.get_config()
    r = mx.metric.PearsonCorrelation(average="micro")
    r.update([mx.nd.array([1, 2, 3])], [mx.nd.array([1.1, 1.9, 3.2])])
    before = r.get()
    r.reset_micro()
    r.update([mx.nd.array([3, 2, 1])], [mx.nd.array([1.0, 2, 3])])
    pcc = mx.metric.PCC()
    fresh = [str(pcc.sum_metric), str(pcc.global_sum_metric)]
    pcc.update([mx.nd.array([0, 1, 1])], [mx.nd.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])])
    return [sorted(config), config["metric"], before, r.get(), fresh, pcc.sum_metric, pcc.global_sum_metric, pcc.get()]


def callbacks_and_names(mx):
    param = mx.model.BatchEndParam(epoch=1, nbatch=2, eval_metric=None, locals=None)
    logger = mx.log.getLogger("some", level=mx.log.INFO)
    return [tuple(param), str(param), param._fields, logger.name, logger.level, len(logger.handlers),
            mx.log.getLogger("some") is logger]  # fmt: skip


def contexts(mx):
    return [lambda: mx.context.gpu_memory_info(0), lambda: mx.Context("gpu", 0).empty_cache()]


def sparse(mx):
    csr = mx.nd.sparse.csr_matrix(([1, 2], [0, 1], [0, 1, 2]), shape=(2, 2))
    rows = mx.nd.sparse.row_sparse_array(([[1, 2], [3, 4]], [0, 2]), shape=(4, 2))
    base = mx.nd.sparse.BaseSparseNDArray

    def made(*args):
        return mx.nd.sparse.csr_matrix(args, shape=(2, 2)).check_format()

    return [isinstance(csr, base), isinstance(rows, base), base.astype(csr, "float64"), base.asnumpy(rows),
            lambda: made([1, 2], [1, 9], [0, 1, 2]), lambda: made([1, 2], [1, 0], [0, 2, 2]), lambda: csr.size,
            lambda: csr.check_format(),
            lambda: rows.check_format(full_check=False), lambda: rows.asscipy()]  # fmt: skip


def dlpack(mx):
    x = mx.nd.array([1, 2, 3])
    y = mx.nd.from_dlpack(mx.nd.to_dlpack_for_write(x))
    y[0] = 9
    return [x, y]


def names_of_operators(mx):
    every = mx.operator.get_all_registered_operators()
    narg, words, kinds = mx.operator.get_operator_arguments("Pooling")
    found = mx.operator.OperatorArguments(narg, words[:1], kinds[:1])
    dense = mx.operator.get_operator_arguments("FullyConnected")
    return ["FullyConnected" in every, "Convolution" in every, tuple(found)[1:], dense._fields, dense.types[:3],
            dense.types[4:], mx.operator.get_operator_arguments("clip").names,
            lambda: mx.operator.get_operator_arguments("nobody").narg,
            lambda: list(mx.operator.get_operator_arguments("FullyConnected").names)[:3],
            lambda: mx.operator.get_operator_arguments("FullyConnected").narg]  # fmt: skip


def features(mx):
    feature = mx.runtime.Features()["CUDA"]
    return [feature.name, feature.enabled, str(feature)]


def helpers_of_tests(mx):
    t = mx.test_utils
    before = t.default_context()
    t.set_default_context(mx.cpu(1))
    now = str(t.default_context())
    t.set_default_context(before)
    import numpy as np

    return [now, lambda: np.dtype(t.effective_dtype(np.zeros(2, "float32"))).name,
            lambda: t.check_gluon_hybridize_consistency(3, [])]  # fmt: skip


def ranges_of_profiles(mx):
    domain = mx.profiler.Domain("here")
    marker = domain.new_marker("now")
    return [type(marker).__name__, str(domain)]


def records_opened_again(mx):
    file = mx.recordio.MXRecordIO("some.rec", "w")
    file.write(b"one")
    file.close()
    file.flag = "r"
    file.open()
    found = [file.read(), file.read()]
    file.close()
    keyed = mx.recordio.MXIndexedRecordIO("some.idx", "keyed.rec", "w")
    keyed.write_idx(3, b"three")
    keyed.close()
    keyed.flag = "r"
    keyed.open()
    return [[None if one is None else one.decode() for one in found], keyed.read_idx(3).decode(), keyed.keys]


def operators_of_one_s_own(mx):
    class Double(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            self.assign(out_data[0], req[0], in_data[0] * 2)

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], out_grad[0] * 2)

    @mx.operator.register("rest_double")
    class Prop(mx.operator.CustomOpProp):
        def create_operator(self, ctx, shapes, dtypes):
            return Double()

    prop = Prop()
    x = mx.nd.array([1, 2])
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.Custom(x, op_type="rest_double")
    y.backward()
    return [y, x.grad, prop.infer_storage_type(["default"]),
            prop.infer_storage_type_backward(["default"], ["default"], ["default"], ["default"], [])]  # fmt: skip
