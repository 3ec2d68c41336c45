"""The errors that models raise; each is an `MXLError`, and also the Python kind that scripts catch.

    MXLError
      DeferredInitializationError    a parameter's shape is not known before the first forward
      NotInitialized                 a parameter has no value (yet, or in this context)
      Incompatible     (AssertionError)   a shape, name or attribute contradicts what is already there
      BadArgument      (ValueError)       an argument no layer, sampler or loader can work with
      NotInferable     (Incompatible, BadArgument)   a layer cannot learn its sizes from its first input
      BadChild         (ValueError)       a block that cannot stand where it was put
      AttributeChange  (TypeError)        a child or parameter replaced by something else
      StaleGradient    (UserWarning)      a step without a backward before it
      OtherStorage     (MXLError)         a dense parameter where a row_sparse one is wanted, or the other way round
      BadRowIds        (TypeError, AttributeError)   something that is no array of row numbers
      NotExportable    (MXLError)         a block whose graph has not been recorded
      BadSampler       (TypeError)        something that is no Sampler
      BadImage         (TypeError)        an image of a dtype that a transform cannot take
      LoaderStalled    (TimeoutError)     a batch that was not ready in time

This file knows names only. Invariant: every class here derives from MXLError.
"""

from __future__ import annotations

from ..core.errors import MXLError


class DeferredInitializationError(MXLError):
    """The parameter's shape is not known yet: run one batch through the network, or give in_units, in_channels, …"""


class NotInitialized(MXLError):
    """The parameter has no value: call `initialize()`, or ask for a context that it was initialised on."""


class Incompatible(MXLError, AssertionError):
    """A shape, name or attribute contradicts what is already there."""


class BadArgument(MXLError, ValueError):
    """An argument that cannot be worked with; the message names it and what was expected."""


class NotInferable(Incompatible, BadArgument):
    """A layer's shapes do not follow from the first input it was given.  (MXNet: ValueError)"""


class BadChild(MXLError, ValueError):
    """A block that cannot stand where it was put, such as a plain Block inside a HybridBlock."""


class AttributeChange(MXLError, TypeError):
    """A child block or a parameter would be replaced by something of another kind."""


class StaleGradient(MXLError, UserWarning):
    """A gradient was not computed since the last step; `step(..., ignore_stale_grad=True)` skips such parameters."""


class OtherStorage(MXLError):
    """A call for dense parameters on a row_sparse one, or the other way round.  (MXNet: RuntimeError)"""


class NotExportable(MXLError):
    """A block whose graph has not been recorded: it must be hybridized and called before it is exported."""


class BadRowIds(MXLError, TypeError, AttributeError):
    """Something else where an NDArray of row numbers is wanted.  (MXNet: AttributeError or TypeError)"""


class BadSampler(MXLError, TypeError):
    """Something that is no Sampler where one is needed."""


class BadImage(MXLError, TypeError):
    """An image of a dtype that a transform cannot take."""


class LoaderStalled(MXLError, TimeoutError):
    """A batch was not ready in time."""


class DataFileMissing(MXLError, FileNotFoundError):
    """A data set's file is not where it is looked for, and nothing is downloaded."""
