"""What can be wrong with a message, as bytes or before it becomes bytes.

    MXLError
      WireError     not a message of this protocol, or one beyond its limits
"""

from __future__ import annotations

from ...core.errors import MXLError


class WireError(MXLError):
    """Bytes that are no message of this protocol, or a message that cannot be sent; the sentence says what is wrong."""
