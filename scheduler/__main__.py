"""`python -m mxl.scheduler`: the process of the scheduler, by the settings of its environment (docs/settings.md)."""

from __future__ import annotations

import sys

from ..core.errors import MXLError
from ..kvstore import node
from ..kvstore.names import SCHEDULER
from ..kvstore.settings import Settings
from ..kvstore.transport.base import Transport
from .state import SchedulerState


def make(settings: Settings) -> tuple[SchedulerState, Transport]:
    """The machine and the transport that it is reached by."""
    if not settings.num_workers or not settings.num_servers:
        raise MXLError(
            f"the scheduler must know how many to wait for: MXL_NUM_WORKERS is {settings.num_workers}, MXL_NUM_SERVERS "
            f"{settings.num_servers}; mxl-launch -n N -s S sets them"
        )
    transport = node.transport(settings, node.scheduler_addresses(settings))
    return SchedulerState(settings), transport


if __name__ == "__main__":
    sys.exit(node.main(SCHEDULER, make))
