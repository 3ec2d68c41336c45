"""Multipart messages on a ZeroMQ socket, and the options that all of mxl's sockets have.

Knows: when a frame is worth sending without a copy, and how a message is read.  Never: who it is from or for.
"""

from __future__ import annotations

from collections.abc import Sequence

import zmq

from ..wire.limits import Limits
from .base import Frame

Socket = zmq.Socket[bytes]
Context = zmq.Context[Socket]

NOW = int(zmq.NOBLOCK)  # plain ints: the sum of two enum members costs a microsecond
NOW_AND_MORE = int(zmq.NOBLOCK | zmq.SNDMORE)
COPY_BELOW_BYTES = 65_536   # below it a copy costs less than keeping track of the sender's memory
HEARTBEAT_MS = 10_000
# A peer's answer to a heartbeat queues behind a frame that it is sending: it may be a whole key, on a slow link.
HEARTBEAT_TIMEOUT_MS = 60_000
HANDSHAKE_MS = 10_000
CONNECT_MS = 5_000


def open_socket(context: Context, kind: int, limits: Limits) -> Socket:
    """A socket that never blocks, never drops by itself, and keeps no process from ending."""
    socket = context.socket(kind)
    socket.set(zmq.LINGER, 0)
    socket.set(zmq.SNDHWM, 0)  # the bounds are the state machines' credits
    socket.set(zmq.RCVHWM, 0)
    socket.set(zmq.MAXMSGSIZE, limits.frame_bytes)
    socket.set(zmq.HANDSHAKE_IVL, HANDSHAKE_MS)
    socket.set(zmq.CONNECT_TIMEOUT, CONNECT_MS)
    socket.set(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
    socket.set(zmq.HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS)
    return socket


def send_frames(socket: Socket, frames: Sequence[Frame]) -> None:
    """Send one message; large frames are not copied.  zmq.ZMQError if it cannot be taken now: then none of it is."""
    *leading, last = frames
    for frame in leading:
        socket.send(frame, NOW_AND_MORE, copy=len(frame) < COPY_BELOW_BYTES)
    socket.send(last, NOW, copy=len(last) < COPY_BELOW_BYTES)


def receive_frames(socket: Socket, frames_max: int) -> list[memoryview] | None:
    """One message, each frame a read-only view of the memory that ZeroMQ received it in; None if there is none.

    Frames beyond `frames_max` are dropped: the message is refused anyway, for their number.
    """
    try:
        frame = socket.recv(NOW, copy=False)
    except zmq.Again:
        return None
    frames = [frame.buffer.toreadonly()]
    while frame.more:
        frame = socket.recv(NOW, copy=False)  # a message arrives whole
        if len(frames) < frames_max:
            frames.append(frame.buffer.toreadonly())
    return frames
