"""`python -m mxl.server`: the process of one server, by the settings of its environment (docs/settings.md)."""

from __future__ import annotations

import sys

from ..kvstore import node
from ..kvstore.names import SERVER
from ..kvstore.settings import Settings
from ..kvstore.transport.base import Transport
from .state import ServerState


def make(settings: Settings) -> tuple[ServerState, Transport]:
    """The machine and the transport that it is reached by."""
    transport = node.transport(settings, node.server_addresses(settings))
    return ServerState(node.me(settings, transport.addresses), settings), transport


if __name__ == "__main__":
    sys.exit(node.main(SERVER, make))
