"""DLPack capsules between NDArrays."""


def shared_memory(mx):
    x = mx.nd.ones((2, 3))
    y = mx.nd.from_dlpack(mx.nd.to_dlpack_for_read(x))
    y[0] = 5
    first = x.copy()
    z = mx.nd.from_dlpack(x.to_dlpack_for_write())
    z += 1
    return [first, x, y, z, mx.nd.from_dlpack(x.astype("int32").to_dlpack_for_read())]


def taken_once(mx):
    capsule = mx.nd.ones(3).to_dlpack_for_read()
    mx.nd.from_dlpack(capsule)
    return [lambda: mx.nd.from_dlpack(capsule), lambda: mx.nd.from_dlpack(3), type(capsule).__name__]
