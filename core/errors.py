"""The errors of mxl: one tree, whose root is MXNet's `MXNetError`.

    MXLError (RuntimeError)           MXNetError is this class
      ShapeError (ValueError)         shapes that do not fit each other, or an operator
      DtypeError (TypeError)          dtypes that do not fit, or that mxl does not have
        NoSuchDtype (KeyError)        a dtype of numpy that arrays cannot have
      ArgumentError (TypeError)       a missing, unknown or wrongly typed argument
        NotAnArray (AssertionError)   something else where an NDArray is wanted
        BadCall (AssertionError)      a call that lacks, repeats or miscounts what it needs
      UnknownName (KeyError)          a word that is none of those known
      InvalidSetting (ValueError)     a setting that an optimizer, a schedule, an initializer or a metric cannot take
        RefusedSetting (AssertionError)   the same, where MXNet asserts: a name that is not registered, a useless number
      Mismatch (ShapeError, AssertionError)   shapes that do not fit each other, where MXNet asserts
        Unjoinable (DtypeError)       arrays that concatenate cannot put together
      StatesFileError (ValueError)    bytes that are no optimizer states of mxl (in optimizer/states.py)
      OutOfBounds (IndexError)        an index outside its axis
      IndexingError (ValueError)      a key that cannot index an array
      ContextError                    a device that this machine, or mxl, does not have
      FileAccessError (OSError)       a file that cannot be opened, read or written
        FileMissing (FileNotFoundError)
      ArrayFileError (ValueError)     bytes that hold no arrays, or not whole
      NotSavable (TypeError, ValueError)  something else where arrays to save are wanted
      GraphError                      autograd: no graph, a freed graph, a write into a recorded array
      NoGradient (GraphError)         an operator without a declared gradient

Each message says what was expected, what came, where, and what to do.  Other packages hang their own errors under
`MXLError`, beside what they are about; this file knows only those that `core` raises.
"""

from __future__ import annotations


class MXLError(RuntimeError):
    """Any failure that mxl reports.  MXNet's name for it is `MXNetError`."""


MXNetError = MXLError


class ShapeError(MXLError, ValueError):
    """Shapes that do not fit each other or an operator."""


class DtypeError(MXLError, TypeError):
    """Dtypes that do not fit each other, or a dtype that mxl does not have."""


class NoSuchDtype(DtypeError, KeyError):
    """A dtype of numpy that arrays cannot have, such as complex64.  (MXNet: KeyError)"""

    def __str__(self) -> str:  # KeyError would print the repr of the sentence
        return str(self.args[0]) if self.args else ""


class ArgumentError(MXLError, TypeError):
    """A missing, unknown or wrongly typed argument of an operator."""


class NotAnArray(ArgumentError, AssertionError):
    """Something else where an operator wants an NDArray."""


class BadCall(ArgumentError, AssertionError):
    """A call that lacks, repeats or miscounts what it needs.  (MXNet: AssertionError)"""


class UnknownName(MXLError, KeyError):
    """A word that is none of those known: a device, a grad_req, a parameter.  (MXNet: KeyError)"""

    def __str__(self) -> str:  # KeyError would print the repr of the sentence
        return str(self.args[0]) if self.args else ""


class InvalidSetting(MXLError, ValueError):
    """A name, an argument or a number that an optimizer, a schedule, an initializer or a metric cannot take."""


class RefusedSetting(InvalidSetting, AssertionError):
    """A name that is not registered, or a number that makes no sense.  (MXNet: AssertionError)"""


class Mismatch(ShapeError, AssertionError):
    """Shapes that do not fit each other.  (MXNet: AssertionError)"""


class Unjoinable(Mismatch, DtypeError):
    """Arrays of unlike dtypes or shapes, which cannot become one.  (MXNet: AssertionError)"""


class OutOfBounds(MXLError, IndexError):
    """An index outside its axis."""


class IndexingError(MXLError, ValueError):
    """A key that cannot index an array."""


class ContextError(MXLError):
    """A device that does not exist here."""


class FileAccessError(MXLError, OSError):
    """A file that cannot be opened, read or written; the message has the system's reason."""


class FileMissing(FileAccessError, FileNotFoundError):
    """There is no such file, or no folder to put it in."""


class ArrayFileError(MXLError, ValueError):
    """Bytes that hold no arrays, or not whole: foreign, truncated or damaged."""


class NotSavable(ArgumentError, ValueError):
    """Something else where an array, a list of arrays or a dict of names and arrays is to be saved."""


class GraphError(MXLError):
    """autograd was asked for something that its graph cannot give."""


class NoGradient(GraphError):
    """An operator on the way to a variable has no declared gradient."""
