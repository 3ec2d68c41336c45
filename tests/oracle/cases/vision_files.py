"""Image files decoded, files of records and folders of images: the bytes of both ways."""

import base64
import os

import numpy as np

# made by Pillow: 17 x 12 pixels in several kinds; the last says that it is to be turned, which MXNet does not do
FILES = {
    "colours.png":
        "iVBORw0KGgoAAAANSUhEUgAAABEAAAAMCAIAAAALR8HoAAAAQ0lEQVR42pXLuQ0AIAwEsAv/U9Cw/6x0CBEIQXJrAtA+OXQA9GUeo7ceq7Qd"
        "p8GPfzqeILudKBBOupFPPnqewmlO3QwbEwU+h8sCHQAAAABJRU5ErkJggg==",
    "grey.png":
        "iVBORw0KGgoAAAANSUhEUgAAABEAAAAMCAAAAAChTgljAAAASElEQVR42lWKSQ4AMQjDplLsS/n/e+cAnYUIJ0SsK/y1KhA+yIaOx1J0HpBu"
        "npvz845kO+kwhZ2OpXCO8Wk+ylaUhkhK8Vn0BtHxBILrJmVFAAAAAElFTkSuQmCC",
    "clear.png":
        "iVBORw0KGgoAAAANSUhEUgAAABEAAAAMCAYAAACEJVa/AAAASUlEQVR42qXMKRLAIBAAwSGQcIkY/v9WLEVx7IJo2wbgh3TDUQDMlSZ5jnWJ"
        "PTJInNokeVUWySe2SbyIIAlbwiQuKZI0pUzyUAULPwXeVPyjoQAAAABJRU5ErkJggg==",
    "palette.png":
        "iVBORw0KGgoAAAANSUhEUgAAABEAAAAMBAMAAAB2C0uMAAAAGFBMVEW0vnK0eEg1viE1eBW0PCS0CgY1PAs1CgJ/WYWIAAAAOUlEQVR42m3M"
        "sQ3AIBBD0Ud0GzFcts0KRw8SNEQ0uLL8bZcXH/rjVyQS42THlboX80YjYTbCfnHrLR1TCyS8otDgAAAAAElFTkSuQmCC",
    "deep.png":
        "iVBORw0KGgoAAAANSUhEUgAAABEAAAAMEAAAAADx3tUgAAAAIElEQVR4nGNkYODewbODZweEhNHIPCYGRkJwVAktlQAAy9ANDmuaVX0AAAAA"
        "SUVORK5CYII=",
    "colours.jpg":
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8X"
        "GBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAAR"
        "CAAMABEDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEG"
        "E1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWG"
        "h4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEB"
        "AQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYk"
        "NOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0"
        "tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD5F8JfBDds/wBH/wDHa9o8JfAjds/0f9K9"
        "y8F+E9NPl/ua958GeD9MPl/uPSvxnD5rUzD4+px+H/iBi4cm58n/APCg/wDp3/8AHaK+9P8AhDdL/wCeH8qK9P6rE/p7/iIuM8z/2Q==",
    "grey.jpg":
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8X"
        "GBYUGBIUFRT/wAALCAAMABEBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQR"
        "BRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4"
        "eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEB"
        "AAA/APkXwl8EN2z/AEf/AMdr2jwl8CN2z/R/0ru/+FB/9O//AI7Xb+C/Cemny/3Ne8+DPB+mHy/3HpXon/CG6X/zw/lX/9k=",
    "turned.jpg":
        "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExIS"
        "EyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09P"
        "T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAMABEDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcI"
        "CQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6"
        "Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW"
        "19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC"
        "AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0"
        "dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oA"
        "DAMBAAIRAxEAPwDlLXSeny1sWuj9PlratLaLj5a3LS1i4+WvJjWdTcjLcymrHL/2N/s0V3H2WH+7RWnIfRf2pM//2Q==",
}


def _content(name):
    return base64.b64decode(FILES[name])


def _written(folder, *names):
    os.makedirs(folder)
    for name in names:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(_content(name) if name in FILES else b"nothing")


def decoded(mx):
    return [mx.image.imdecode(_content(name)) for name in FILES if name.endswith(".png")]


def decoded_jpeg(mx):
    return [mx.image.imdecode(_content(name)) for name in FILES if name.endswith(".jpg")]


def decoded_in_other_ways(mx):
    one = _content("colours.png")
    out = mx.nd.zeros((12, 17, 3), dtype="uint8")
    mx.image.imdecode(one, out=out)
    return [mx.image.imdecode(one, to_rgb=0)[3:6, 2:4], mx.image.imdecode(one, 1, False)[3:6, 2:4],
            mx.image.imdecode(_content("grey.png"), flag=0)[3:6], mx.image.imdecode(_content("grey.jpg"), 0)[3:6],
            mx.image.imdecode(_content("colours.jpg"), flag=0)[3:6],
            mx.image.imdecode(bytearray(one))[3:4], mx.image.imdecode(np.frombuffer(one, np.uint8))[3:4],
            mx.image.imdecode(mx.nd.array(np.frombuffer(one, np.uint8), dtype="uint8"))[3:4], out[3:4],
            mx.img.imdecode(one).shape]


def not_decoded(mx):
    return [lambda: mx.image.imdecode(b"nonsense"), lambda: mx.image.imdecode(b""), lambda: mx.image.imdecode("text"),
            lambda: mx.image.imdecode(_content("colours.png"), flag=-1), lambda: mx.image.imread("no such file.png"),
            lambda: mx.image.imdecode(_content("colours.png")[:60])]


def read_from_a_file(mx):
    _written("here", "colours.png", "grey.png")
    return [mx.image.imread("here/colours.png")[2:4], mx.image.imread("here/colours.png", to_rgb=0)[2:4],
            mx.image.imread("here/grey.png", 0).shape, mx.image.imread("here/grey.png", flag=1).shape]


def folder_of_images(mx):
    V = mx.gluon.data.vision
    _written("all/dog", "colours.png", "grey.png", "notes.txt")
    _written("all/cat", "grey.jpg")
    open("all/stray.png", "w").close()
    data = V.ImageFolderDataset("all")
    grey = V.ImageFolderDataset("all", flag=0, transform=lambda image, label: (image.astype("float32"), label * 10))
    return [len(data), data.synsets, data.items, data[0][0].shape, data[0][1], data[1][0][2:3], data[2][1],
            grey[1][0].shape, grey[1][1], grey[1][0].dtype, lambda: V.ImageFolderDataset("no such folder")]


def _bytes_of(path):
    with open(path, "rb") as file:
        return file.read().hex()


MAGIC = b"\x0a\x23\xd7\xce"
RECORDS = [b"", b"a", b"abcd", b"abcdefgh" * 3, MAGIC, b"abcd" + MAGIC + b"ef", b"abc" + MAGIC + b"d",
           MAGIC + MAGIC, b"abcd" + MAGIC + b"efgh" + MAGIC, MAGIC[:3]]


def records_in_order(mx):
    file = mx.recordio.MXRecordIO("some.rec", "w")
    for record in RECORDS:
        file.write(record)
    file.close()
    again = mx.recordio.MXRecordIO("some.rec", "r")
    found = [again.read().hex() for _ in RECORDS]
    end = again.read()
    again.reset()
    first = [again.read().hex(), again.read().hex()]
    again.close()
    again.close()
    return [_bytes_of("some.rec"), found, end, first, again.is_open, again.flag, again.writable]


def records_by_key(mx):
    file = mx.recordio.MXIndexedRecordIO("some.idx", "some.rec", "w")
    places = [file.tell()]
    for i, record in enumerate(RECORDS):
        file.write_idx(i * 3, record)
        places.append(file.tell())
    keys = list(file.keys)
    file.close()
    again = mx.recordio.MXIndexedRecordIO("some.idx", "some.rec", "r")
    found = [again.read_idx(i * 3).hex() for i in (5, 0, 3, 8)]
    again.seek(6)
    return [places, keys, open("some.idx").read(), _bytes_of("some.rec"), found, again.read().hex(),
            again.read().hex(), list(again.keys), again.idx[9], lambda: again.read_idx(1)]


def records_with_other_keys(mx):
    file = mx.recordio.MXIndexedRecordIO("some.idx", "some.rec", "w", key_type=str)
    file.write_idx("one", b"1")
    file.write_idx("two", b"22")
    file.close()
    again = mx.recordio.MXIndexedRecordIO("some.idx", "some.rec", "r", key_type=str)
    return [again.keys, again.read_idx("two").decode(), again.read_idx("one").decode()]


def refused_records(mx):
    R = mx.recordio
    file = R.MXRecordIO("some.rec", "w")
    file.write(b"abc")
    wrong = [lambda: file.read(), lambda: file.write("text")]
    result = [lambda: R.MXRecordIO("other.rec", "a"), lambda: R.MXRecordIO("no such file.rec", "r"),
              lambda: R.MXRecordIO("no/such/folder.rec", "w"),
              lambda: R.MXIndexedRecordIO("no such.idx", "some.rec", "r")]
    return result + wrong


def damaged_records(mx):
    with open("some.rec", "wb") as file:
        file.write(b"no record at all")
    file = mx.recordio.MXRecordIO("some.rec", "r")
    return [lambda: file.read()]


def packed(mx):
    R = mx.recordio
    records = [R.pack(R.IRHeader(0, 4, 2574, 0), b"abc"), R.pack((5, 1.5, 1, 2), b""),
               R.pack(R.IRHeader(0, [1, 2, 3], 7, 0), b"abc"), R.pack(R.IRHeader(0, np.array([0.5]), 7, 1), b"abc"),
               R.pack(R.IRHeader(9, np.float32(2.5), 7, 1), b"xyz"),
               R.pack(R.IRHeader(0, np.arange(4).reshape(2, 2), 7, 1), b"q")]
    back = [R.unpack(record) for record in records]
    return [[record.hex() for record in records],
            [[header.flag, np.asarray(header.label), header.id, header.id2, rest.decode()] for header, rest in back],
            str(back[0][0]), str(R.IRHeader(1, 2, 3, 4)), lambda: R.pack((1, 2, 3), b""), lambda: R.unpack(b"short")]


def records_of_images(mx):
    R, V = mx.recordio, mx.gluon.data.vision
    file = R.MXIndexedRecordIO("some.idx", "some.rec", "w")
    for i, name in enumerate(("colours.png", "grey.png", "colours.jpg")):
        file.write_idx(i, R.pack(R.IRHeader(0, i * 1.5 if i < 2 else [1, 2], i, 0), _content(name)))
    file.close()
    data, raw = V.ImageRecordDataset("some.rec"), mx.gluon.data.RecordFileDataset("some.rec")
    grey = V.ImageRecordDataset("some.rec", flag=0, transform=lambda image, label: (image.shape, label + 1))
    return [len(data), data[0][0][2:4], data[0][1], data[1][0].shape, data[1][1], data[2][1], grey[1], len(raw),
            raw[0][:40].hex(), raw.idx_file, lambda: V.ImageRecordDataset("no such file.rec")]
