"""What MXNet does with OpenCV and SciPy: records of images, csr matrices of SciPy, chi-square tests of generators."""

import base64

import numpy as np

# made by Pillow, 3 x 2 pixels: colours with opacity; shades of 16 bits
CLEAR = (
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAFklEQVR4nGNk4BKR04ACxoqmnmkwDgA3BQTbR51WigAAAABJRU5E"
    "rkJggg=="
)
DEEP = (
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACEAAAAADoj+WFAAAAFklEQVR4nGNkYFDWUNZgzKxQ1lDWAAAL7wIQJQ3apQAAAABJRU5E"
    "rkJggg=="
)


def _pixels(*shape):
    return (np.arange(np.prod(shape)) * 7 % 256).astype(np.uint8).reshape(shape)


def _header(mx):
    return mx.recordio.IRHeader(0, 3.0, 7, 0)


def records_without_loss(mx):
    r = mx.recordio
    colours = _pixels(4, 5, 3)
    found = []
    for img_fmt, quality in ((".png", 9), (".PNG", 0), (".bmp", 95), (".webp", 95), (".tiff", 95), (".ppm", 95)):
        header, back = r.unpack_img(r.pack_img(_header(mx), colours, quality, img_fmt))
        found.append([header.label, header.id, back.dtype.name, bool((back == colours).all())])
    return [found, r.unpack_img(r.pack_img(r.IRHeader(0, [1, 2], 7, 0), colours, 9, ".png"))[0].label,
            r.pack_img(_header(mx), colours, quality=3, img_fmt=".png")[:32].hex()]  # fmt: skip


def records_of_other_arrays(mx):
    r = mx.recordio

    def there_and_back(img, iscolor=-1):
        return lambda: r.unpack_img(r.pack_img(_header(mx), img, 3, ".png"), iscolor)[1]

    colours, shades, clear = _pixels(2, 3, 3), _pixels(2, 3), _pixels(2, 3, 4)
    halves = colours * np.float32(1.5) - 0.5
    arrays = (colours, shades, clear, shades[..., None])
    return [there_and_back(img, iscolor) for img in arrays for iscolor in (-1, 1)] + [
        there_and_back(shades, 0), there_and_back(shades.astype("uint16") * 256), there_and_back(halves),
        there_and_back(halves.astype("float64")), there_and_back(colours.astype("int32") - 9),
        there_and_back(colours[:, ::-1]), there_and_back(colours.astype(bool)), there_and_back(_pixels(2, 3, 2)),
        there_and_back(_pixels(0, 3, 3)), there_and_back(_pixels(1, 2, 3, 3)), there_and_back(colours.tolist()),
        there_and_back(mx.nd.array(colours)), lambda: r.pack_img(_header(mx), colours, 95, ".odd"),
    ]  # fmt: skip


def records_of_jpeg(mx):
    r = mx.recordio
    smooth = np.add.outer(np.arange(32) * 3, np.arange(24) * 4).astype(np.uint8)
    smooth = np.stack([smooth, 255 - smooth, smooth // 2], axis=2)
    found = []
    for quality in (95, 30, 100):
        record = r.pack_img(_header(mx), smooth, quality=quality, img_fmt=".jpg")
        header, back = r.unpack_img(record)
        near = np.abs(back.astype(int) - smooth).max()
        found.append([header.id, list(back.shape), bool(near <= {95: 12, 30: 40, 100: 12}[quality]), bool(near > 0)])
    record = r.pack_img(_header(mx), smooth)
    grey = r.unpack_img(record, iscolor=0)[1]
    light = smooth @ np.array([0.114, 0.587, 0.299])
    sizes = [len(r.pack_img(_header(mx), smooth, quality)) for quality in (10, 50, 95)]
    return [found, list(grey.shape), bool(np.abs(grey - light).max() < 4), sorted(sizes) == sizes,
            r.unpack_img(record, 1)[1].shape, r.unpack_img(r.pack_img(_header(mx), smooth[..., 0]), 1)[1].shape,
            r.unpack_img(r.pack_img(_header(mx), smooth[..., 0]))[1].shape]  # fmt: skip


def records_that_hold_no_image(mx):
    r = mx.recordio
    return [r.unpack_img(r.pack(_header(mx), b"no image"))[1], lambda: r.unpack_img(r.pack(_header(mx), b"")),
            lambda: r.unpack_img(b"short")]


def records_of_other_files(mx):
    r = mx.recordio
    records = [r.pack(_header(mx), base64.b64decode(text)) for text in (CLEAR, DEEP)]
    return [r.unpack_img(record, iscolor)[1] for record in records for iscolor in (-1, 0, 1)]


def matrices_of_scipy(mx):
    dense = np.array([[0, 1, 0], [2, 0, 3], [0, 0, 0]])
    found = []
    for dtype in ("float32", "float64", "int32"):
        matrix = mx.nd.sparse.csr_matrix(dense, dtype=dtype).asscipy()
        found.append([type(matrix), matrix.dtype, list(matrix.shape), matrix.nnz, matrix.toarray(), matrix.data,
                      matrix.indices.tolist(), matrix.indptr.tolist()])  # fmt: skip
    empty = mx.nd.sparse.zeros("csr", (2, 3)).asscipy()
    return [found, empty.nnz, empty.toarray(), mx.nd.sparse.csr_matrix(empty).shape,
            mx.nd.sparse.csr_matrix(mx.nd.sparse.csr_matrix(dense).asscipy() * 2), lambda: mx.nd.ones(2).asscipy()]


def chi_square(mx):
    t = mx.test_utils
    buckets = [(0.0, 0.25), (0.25, 0.5), (0.5, 1.0)]
    values = [0.1] * 30 + [0.3] * 22 + [0.5] * 5 + [0.9] * 43

    def checked(samples, buckets, probs):
        def ask():
            p, observed, expected = t.chi_square_check(lambda n: samples, buckets, probs, nsamples=len(values))
            return [float(p), observed.tolist(), expected.tolist()]

        return ask

    half = [0.25, 0.25, 0.5]
    whole = np.array([0, 1, 2, 1, 1, 2, 2, 2, 0, 3] * 10)
    return [checked(values, buckets, half), checked(np.array(values), buckets, half),
            checked(values, buckets, [0.2, 0.2, 0.6]),
            checked(whole, [0, 1, 2, 3], [0.2, 0.3, 0.4, 0.1]), checked(whole, [0, 1, 2, 3], [0.25] * 4),
            checked(whole.tolist(), [0, 1, 2, 3], (0.1, 0.1, 0.1, 0.7)),
            checked(mx.nd.array(values), buckets, half), checked(values, tuple(buckets), half),
            checked(values, buckets, half[:2]), checked(values, [(0.5, 1.0), (0.0, 0.5)], [0.5, 0.5]),
            checked(values, [(0.5, 0.0), (0.5, 1.0)], [0.5, 0.5]), checked(values, [(0.0, 1.0)], [1.0]),
            checked(values, [(0, 0.5), (0.5, 1.0)], [1.0, 0.0])]  # fmt: skip


def chi_square_of_rounded_counts(mx):
    thirds = [(0.0, 1 / 3), (1 / 3, 2 / 3), (2 / 3, 1.0)]
    found = mx.test_utils.chi_square_check(lambda n: np.linspace(0, 1, n, endpoint=False), thirds, [1 / 3] * 3, 100)
    return [float(found[0]), found[1].tolist(), found[2].tolist()]


def generators_verified(mx):
    t = mx.test_utils
    buckets, probs = t.gen_buckets_probs_with_ppf(lambda q: q, 5)

    def right(n):
        return np.random.uniform(0, 1, n)

    def wrong(n):
        return right(n) ** 2

    return [[float(p) for p in t.verify_generator(right, buckets, probs, nsamples=1000, nrepeat=3)],
            lambda: t.verify_generator(wrong, buckets, probs, nsamples=1000, nrepeat=3),
            [float(p) for p in t.verify_generator(wrong, buckets, probs, 1000, 2, success_rate=0.0)],
            lambda: [float(p) for p in t.verify_generator(right, buckets, probs, 1000, 2, 1.0, alpha=1.0)]]


def shuffled_columns(mx):
    dense = np.arange(1, 25).reshape(3, 8) * (np.arange(24).reshape(3, 8) % 4 > 0)
    matrix = mx.nd.sparse.csr_matrix(dense.astype("float32")).asscipy()
    mx.test_utils.shuffle_csr_column_indices(matrix)
    return [matrix.indices.tolist(), matrix.indptr.tolist(), matrix.data]


def shuffled_columns_of_arrays(mx):
    matrix = mx.nd.sparse.csr_matrix(np.ones((2, 4), "float32"))
    mx.test_utils.shuffle_csr_column_indices(matrix)
    return [sorted(row) for row in matrix.indices.asnumpy().reshape(2, 4).tolist()]
