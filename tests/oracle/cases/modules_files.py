"""Files that are here already: gluon.utils.download, check_sha1, replace_file."""

import hashlib
import os

DATA = b"some bytes" * 100
URL = "http://nowhere.invalid/folder/data.bin"


def _put(name):
    with open(name, "wb") as file:
        file.write(DATA)


def what_is_here(mx):
    utils = mx.gluon.utils
    digest = hashlib.sha1(DATA).hexdigest()
    os.mkdir("folder")
    for name in ("data.bin", os.path.join("folder", "data.bin"), "other.bin"):
        _put(name)
    return [utils.download(URL), utils.download(URL, path="folder"), utils.download(URL, path="other.bin"),
            utils.download(URL, sha1_hash=digest), utils.check_sha1("data.bin", digest),
            utils.check_sha1("data.bin", "0" * 40), lambda: utils.check_sha1("none.bin", digest),
            lambda: utils.download("http://nowhere.invalid/"), lambda: utils.download(URL, retries=-1)]


def one_file_in_the_place_of_another(mx):
    _put("new.bin")
    with open("old.bin", "wb") as file:
        file.write(b"old")
    mx.gluon.utils.replace_file("new.bin", "old.bin")
    with open("old.bin", "rb") as file:
        same = file.read() == DATA
    return [same, os.path.exists("new.bin"), lambda: mx.gluon.utils.replace_file("none.bin", "old.bin")]
