"""Errors of the distributed stores, and how one that arose on another node is raised here.

    KVStoreError (MXLError)
      NotInitialised (KeyError)   a key that no rank has initialised
      PartShape (ValueError)      a value of another shape than the key's
      PartDtype (TypeError)       a value of another dtype than the key's
      Unsupported (ValueError)    something that servers do not take: a codec, an optimizer that is not elementwise
      Disagreement                ranks that say different things where all must say the same
      OutOfPlace                  a message that does not belong here: an older life, a rank that left, a stranger
      PeerLost                    a node that is gone or silent
      JobFailed                   the scheduler ended the job
      StoreClosed                 a call on a store that has failed or been left

A node refuses with the class's name and a sentence; `from_wire` makes the same error of them.  An unknown name
becomes a KVStoreError with the same sentence: no class is ever loaded by a name from the network.
"""

from __future__ import annotations

from ..core.errors import MXLError


class KVStoreError(MXLError):
    """Any failure of a distributed store."""


class NotInitialised(KVStoreError, KeyError):
    """A key that no rank has initialised."""

    def __str__(self) -> str:  # KeyError would print the repr of the sentence
        return str(self.args[0]) if self.args else ""


class PartShape(KVStoreError, ValueError):
    """A value of another shape than the key's."""


class PartDtype(KVStoreError, TypeError):
    """A value of another dtype than the key's."""


class Unsupported(KVStoreError, ValueError):
    """Something that servers do not take."""


class Disagreement(KVStoreError):
    """Ranks that say different things where all must say the same."""


class OutOfPlace(KVStoreError):
    """A message that does not belong where it came."""


class PeerLost(KVStoreError):
    """A node that is gone, or has been silent for too long."""


class JobFailed(KVStoreError):
    """The scheduler ended the job."""


class StoreClosed(KVStoreError):
    """A call on a store that has failed, or has been left."""


KINDS: dict[str, type[KVStoreError]] = {
    kind.__name__: kind
    for kind in (
        KVStoreError, NotInitialised, PartShape, PartDtype, Unsupported, Disagreement, OutOfPlace, PeerLost, JobFailed,
        StoreClosed,
    )
}  # fmt: skip


def from_wire(kind: str, text: str) -> KVStoreError:
    """The error that another node described."""
    return KINDS.get(kind, KVStoreError)(text)
