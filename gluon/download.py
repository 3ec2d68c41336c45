"""Files of the network that are here already: `download` finds them and proves them; it opens no connection.

Knows names and hashes. Nothing is downloaded: what is missing is named with where it comes from, and where to put it.
"""

from __future__ import annotations

import hashlib
import os

from .errors import BadArgument, DataFileMissing, Incompatible

__all__ = ["check_sha1", "download", "replace_file"]


def check_sha1(filename: str | os.PathLike[str], sha1_hash: str) -> bool:
    """Whether the SHA-1 of a file is this one, in hexadecimal digits. Raises OSError where there is no such file."""
    with open(filename, "rb") as file:
        return hashlib.file_digest(file, "sha1").hexdigest() == sha1_hash


def replace_file(src: str | os.PathLike[str], dst: str | os.PathLike[str]) -> None:
    """Let src take the place of dst, at once or not at all. Raises OSError, and then there is no src any more."""
    try:
        os.replace(src, dst)
    except OSError:
        if os.path.isfile(src):
            os.remove(src)
        raise


def download(
    url: str, path: str | None = None, overwrite: bool = False, sha1_hash: str | None = None, retries: int = 5,
    verify_ssl: bool = True,
) -> str:
    """The path of the file that `url` names, where it is here already: in the current folder, or at `path`.

    path is a folder or a file. Raises FileNotFoundError, with where the file belongs, for one that is missing or, with
    sha1_hash, another one: nothing is downloaded, and so `retries` and `verify_ssl` have nothing to do. ValueError for
    overwrite=True, which would have to be a download. MXNet: `gluon.utils.download`.
    """
    name = url.split("/")[-1]
    if retries < 0:
        raise Incompatible(f"download: retries is {retries}; it must be 0 or more")
    if path is None:
        if not name:
            raise Incompatible(f"download: {url!r} has no name of a file at its end: give path=")
        place = name
    else:
        path = os.path.expanduser(path)
        place = os.path.join(path, name) if os.path.isdir(path) else path
    if overwrite:
        raise BadArgument(f"download: overwrite=True would fetch {url} again, and nothing is downloaded; leave it out")
    if not os.path.exists(place):
        raise DataFileMissing(f"there is no {os.path.abspath(place)}: put {url} there; nothing is downloaded")
    if sha1_hash and not check_sha1(place, sha1_hash):
        raise DataFileMissing(
            f"{os.path.abspath(place)} is another file than the one wanted: its SHA-1 is not {sha1_hash}; put {url} "
            "there; nothing is downloaded"
        )
    return place
