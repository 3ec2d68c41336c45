"""Names of MXNet that mxl does not have, by pattern, and why.  The first pattern that fits gives the reason."""

INT8 = "integers of 8 bits for inference on Intel's and NVIDIA's libraries"
GRAPHS = "sampling of graphs, of DGL's own"
LATER = "of the executors and iterators before Gluon"
BUILD = "about MXNet's own build and its test machines"
DOWNLOADS = "fetches a file; mxl fetches nothing"
INNER = "of MXNet's own inside, that no script calls"

NO_CPU = "MXNet has it for a GPU alone; here it is checked numerically"

LEFT_OUT = {
    "nd.contrib.quantize*": INT8,
    "nd.contrib.dequantize": INT8,
    "nd.contrib.requantize": INT8,
    "nd.contrib.calibrate_entropy": INT8,
    "nd.contrib.dgl_*": GRAPHS,
    "nd.contrib.backward_*": INNER,
    "nd.contrib.BatchNormWithReLU": "two layers in one, for MXNet's own rewriting of graphs; both are there",
    "nd.contrib.fft": NO_CPU,
    "nd.contrib.ifft": NO_CPU,
    "nd.contrib.count_sketch": NO_CPU,
    "nd.IdentityAttachKLSparseReg": NO_CPU,
    "nd.sparse.RowSparseNDArray.retain": "raises AttributeError in MXNet; mx.nd.sparse.retain is replayed",
    "nd.sparse.BaseSparseNDArray": "a base that nobody makes; its methods are replayed",
    "nd.imdecode": "MXNet's older form of mx.image.imdecode",
    "nd.sparse.gs_retain": INNER,
    "optimizer.NDabs": INNER,
    "optimizer.Optimizer.set_lr_scale": "MXNet refuses it; here it is set_lr_mult, with a warning",
    "metric.PCC.*sum_metric": "an attribute of each metric here, where MXNet has a property; its values are replayed",
    "metric.PearsonCorrelation.update_*": INNER,
    "gluon.data.DataLoader.clean": "of `auto_reload`, which is not there",
    "gluon.data.DataLoader.refresh": "of `auto_reload`, which is not there",
    "gluon.rnn.SequentialRNNCell.hybrid_forward": INNER,
    "gluon.Block.save": "writes graphs that no load of another class reads; save_parameters and export are replayed",
    "gluon.Block.load": "as gluon.Block.save",
    "util.use_np*": "mx.np is not there: they say so",
    "nd.get_indexing_dispatch_code": INNER,
    "nd.get_oshape_of_gather_nd_op": INNER,
    "nd.indexing_key_expand_implicit_axes": INNER,
    "nd.NDArray.as_np_ndarray": "mx.np is not there",
    "gluon.HybridBlock.optimize_for": "there are no backends that rewrite graphs",
    "init.FusedRNN": "of the cells before Gluon",
    "kv.KVStoreServer*": "a server is its own program: python -m mxl.server",
    "model.FeedForward*": LATER,
    "operator.NDArrayOp*": LATER,
    "operator.NumpyOp*": LATER,
    "operator.PythonOp*": LATER,
    "profiler.set_kvstore_handle": INNER,
    "test_utils.download*": DOWNLOADS,
    "test_utils.get_*": DOWNLOADS,
    "test_utils.DummyIter*": LATER,
    "test_utils.check_consistency": "compares devices, of which there is one",
    "test_utils.check_speed": LATER,
    "test_utils.numeric_grad": LATER,
    "test_utils.checkShapes": INNER,
    "test_utils.locationError": INNER,
    "test_utils.has_tvm_ops": BUILD,
    "test_utils.is_*": BUILD,
    "util.np_ufunc_legal_option": "mx.np is not there",
    "util.wrap_np_*": "mx.np is not there",
}
