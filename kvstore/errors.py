"""Errors of stores, in one tree, and how one that arose on another node is raised here.

    InvalidKey (ArgumentError, AssertionError)     a key that is no key, or a call that mixes ints and strs
    InvalidValue (ArgumentError, AssertionError)   values that are no arrays, or not as many as keys
    KVStoreError (MXLError)
      UnknownStore (ValueError)   a name that no kind of store and no registered class has
      InvalidStaleness (ValueError)         a staleness that the kind does not allow
      NotDefined (NotImplementedError)      something that a plugged-in class does not have
      UnknownCapability (ValueError)        a capability that no store has
      KeyInitialised              a key that gets a first value a second time
      NoOptimizer (AssertionError)          updates or states asked of a store without an optimizer
      NotInitialised (KeyError)   a key that no rank has initialised
      PartShape (ValueError)      a value of another shape than the key's
      PartDtype (TypeError)       a value of another dtype than the key's
      Unsupported (ValueError)    something that servers do not take: a codec, a step over a piece of a whole
      Disagreement                ranks that say different things where all must say the same
      OutOfPlace                  a message that does not belong here: an older life, a rank that left, a stranger
      PeerLost                    a node that is gone or silent
      JobFailed                   the scheduler ended the job
      StoreClosed                 a call on a store that has failed or been left

Those from NotInitialised on may come from another node.  A node refuses with the class's name and a sentence;
`from_wire` makes the same error of them.  An unknown name becomes a KVStoreError with the same sentence: no class is
ever loaded by a name from the network.
"""

from __future__ import annotations

from ..core.errors import ArgumentError, MXLError


class InvalidKey(ArgumentError, AssertionError):
    """A key that is neither an int of 64 bits nor a str, or a call that mixes both.  (MXNet: AssertionError)"""


class InvalidValue(ArgumentError, AssertionError):
    """Values that are no arrays, or not as many as there are keys.  (MXNet: AssertionError or TypeError)"""


class KVStoreError(MXLError):
    """Any failure of a store."""


class UnknownStore(KVStoreError, ValueError):
    """A name that no kind of store and no registered class has."""


class InvalidStaleness(KVStoreError, ValueError):
    """A staleness that the kind does not allow."""


class NotDefined(KVStoreError, NotImplementedError):
    """A store class does not have what was asked of it."""


class UnknownCapability(KVStoreError, ValueError):
    """`is_capable` was asked for a capability that no store has."""


class KeyInitialised(KVStoreError):
    """A key that gets a first value a second time."""


class NoOptimizer(KVStoreError, AssertionError):
    """Asynchronous pushes, or optimizer states, without an optimizer.  (MXNet: AssertionError)"""


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
