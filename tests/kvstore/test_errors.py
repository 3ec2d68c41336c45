"""Errors of the distributed stores: what another node described is raised here as the same class."""

from __future__ import annotations

import pytest

from mxl.core.errors import MXLError
from mxl.kvstore.errors import KINDS, KVStoreError, NotInitialised, PartDtype, PartShape, from_wire


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_error_survives_its_way(kind: str) -> None:
    error = from_wire(kind, "server 0: it went wrong")
    assert type(error) is KINDS[kind]
    assert str(error) == "server 0: it went wrong"
    assert isinstance(error, MXLError)


@pytest.mark.parametrize("kind", ["", "SystemExit", "os.system", "MXLError", "kvstoreerror"])
def test_an_unknown_name_loads_nothing(kind: str) -> None:
    assert type(from_wire(kind, "text")) is KVStoreError


@pytest.mark.parametrize("kind, builtin", [(NotInitialised, KeyError), (PartShape, ValueError), (PartDtype, TypeError)])
def test_they_are_what_scripts_catch(kind: type[KVStoreError], builtin: type[Exception]) -> None:
    assert issubclass(kind, builtin)
