"""The transport between processes: a ROUTER where a node is bound, a DEALER for each connection that it opens.

Knows: which socket has something, and whose it is.  Never: what the frames mean.  Everything here happens in the thread
that owns the transport, but for `wake`.  Invariant: no call blocks, but `receive` for as long as it is told to; after
`close` no descriptor, thread or socket file is left.

Each transport has a ZeroMQ context of its own: closing it frees all that it held, and ZAP, which is answered once in a
context, guards this node's sockets only.  Over ipc the folder is the guard; over tcp the job's keys (`curve.py`).

What is open when the process ends is closed then, without waiting for what is queued: libzmq's thread would go on
reading frames whose memory Python has given back, and abort the process.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Sequence

import zmq

# It gives back the memory of lent frames at exit; what is registered after it is called before it.
import zmq.utils.garbage  # pyright: ignore[reportUnusedImport]

from ..wire.limits import DEFAULT, Limits
from .base import STRANGER, Event, Frame, Received, Transport
from .curve import Doorkeeper, JobKeys
from .zmq_bind import bind_all, unlink_ipc
from .zmq_frames import NOW_AND_MORE, Context, Socket, open_socket, receive_frames, send_frames
from .zmq_link import RECEIVE_AT_ONCE, Link
from .zmq_watch import Turned, Watch

EXIT_WAIT_S = 1.0
LONGEST_S = 86_400.0  # a wait may end before its time, as by a wake
Handler = Callable[[list[Event]], None]


class ZmqTransport(Transport):
    """A node on ZeroMQ sockets.

    `bind`: `ipc://PATH` in a folder of mode 0700, `tcp://HOST:PORT` (`*` for any free port, or `FIRST-LAST`).  With
    `keys` tcp is CurveZMQ, bound and connected; without, tcp is bound to loopback addresses only, unless `is_open`.
    `advertise` is the host name by which peers reach tcp addresses.  `linger_s` is how long `close` may wait for what
    was sent last.  BindError, with the reason, if an address cannot be bound.
    """

    def __init__(
        self, bind: Sequence[str] = (), *, keys: JobKeys | None = None, advertise: str = "", is_open: bool = False,
        linger_s: float = 0.0, limits: Limits = DEFAULT,
    ) -> None:  # fmt: skip
        self._context = Context()
        self._context.set(zmq.BLOCKY, False)  # sockets that are not closed keep no process from ending
        self._keys, self._limits, self._linger_s = keys, limits, linger_s
        self._poller = zmq.Poller()
        self._handlers: dict[Socket, Handler] = {}
        self._links: dict[str, Link] = {}
        self._router: Socket | None = None
        self._watch_door: Watch | None = None
        self._doorkeeper: Doorkeeper | None = None
        self._addresses: tuple[str, ...] = ()
        self._bell = _Bell()
        self._owner = threading.current_thread()
        self._is_exiting = False
        self._has_closed = threading.Event()
        _open_ones.add(self)
        self._poller.register(self._bell.handle, zmq.POLLIN)
        try:
            if bind:
                self._open_router(bind, advertise, is_open)
        except BaseException:
            self.close()
            raise

    def _open_router(self, bind: Sequence[str], advertise: str, is_open: bool) -> None:
        self._router = open_socket(self._context, zmq.ROUTER, self._limits)
        self._router.set(zmq.ROUTER_MANDATORY, 1)
        self._router.set(zmq.ROUTER_HANDOVER, 1)
        if self._keys is not None:  # the doorkeeper stands before the door opens
            turned = Turned()
            why = "it does not have the job's client key"
            self._doorkeeper = Doorkeeper(self._context, self._keys, lambda address: turned.away(address, why))
            self._watch_door = Watch(self._router, turned)
            doorkeeper, watch = self._doorkeeper, self._watch_door
            self._watch(doorkeeper.socket, lambda _: doorkeeper.answer_all())
            self._watch(watch.socket, lambda _: watch.hear_all())
        self._watch(self._router, self._receive)
        self._addresses = tuple(bind_all(self._router, bind, self._keys, advertise, is_open))

    @property
    def addresses(self) -> tuple[str, ...]:
        return self._addresses

    def connect(self, peer: str, addresses: Sequence[str], identity: str, proof: str) -> None:
        """As the interface has it.  An address that leads nowhere is no error: it is tried again, the log names it."""
        self.disconnect(peer)
        if self._bell.is_closed:
            return
        link = self._links[peer] = Link(
            self._context, peer, addresses, identity, proof, self._keys, self._limits, self._watch, self._unwatch)
        link.look_after(time.monotonic())

    def disconnect(self, peer: str) -> None:
        link = self._links.pop(peer, None)
        if link is not None:
            link.close()

    def send(self, peer: str, frames: Sequence[Frame]) -> bool:
        frames = frames or [b""]  # ZeroMQ knows no message without a frame
        if (link := self._links.get(peer)) is not None:
            return link.send(frames)
        if self._router is None or not peer:
            return False
        try:
            self._router.send(peer.encode("latin-1"), NOW_AND_MORE)
        except (zmq.ZMQError, UnicodeEncodeError):
            return False
        send_frames(self._router, frames)
        return True

    def receive(self, timeout_s: float | None) -> list[Event]:
        events: list[Event] = []
        self._owner = threading.current_thread()
        deadline = None if timeout_s is None else time.monotonic() + min(timeout_s, LONGEST_S)
        while not self._bell.is_closed:
            ready = self._poller.poll(self._wait_ms(deadline))
            has_rung = False
            for socket, _ in ready:
                if socket == self._bell.handle:
                    self._bell.hush()
                    has_rung = True
                elif (handler := self._handlers.get(socket)) is not None:  # it may just have been closed
                    handler(events)
            if self._is_exiting:
                self.close()
                raise SystemExit  # ends this thread, and says nothing
            if events or has_rung or (deadline is not None and time.monotonic() >= deadline):
                break
        return events

    def wake(self) -> None:
        self._bell.ring()

    def close(self) -> None:
        if self._bell.is_closed:
            return
        self._bell.close()
        for peer in list(self._links):
            self._links.pop(peer).close(self._linger_s)
        if self._watch_door is not None:
            self._watch_door.close()
        if self._doorkeeper is not None:
            self._doorkeeper.close()
        if self._router is not None:
            self._router.close(linger=round(self._linger_s * 1000))
        self._context.term()
        unlink_ipc(self._addresses)
        _open_ones.discard(self)
        self._has_closed.set()

    def close_at_exit(self) -> None:
        """Close it here, or have the thread that is using it close it: sockets are no two threads'."""
        self._linger_s = 0.0
        if self._owner is threading.current_thread() or not self._owner.is_alive():
            self.close()
            return
        self._is_exiting = True
        self.wake()
        self._has_closed.wait(EXIT_WAIT_S)

    # ----- within -----

    def _watch(self, socket: Socket, handler: Handler) -> None:
        self._handlers[socket] = handler
        self._poller.register(socket, zmq.POLLIN)

    def _unwatch(self, socket: Socket) -> None:
        del self._handlers[socket]
        self._poller.unregister(socket)

    def _wait_ms(self, deadline: float | None) -> int | None:
        """How long to poll.  Looks after the connections that do not stand: what is due of them now, and what next."""
        now = time.monotonic()
        dues = [link.look_after(now) for link in self._links.values() if not link.is_up]
        if deadline is not None:
            dues.append(deadline)
        return max(0, -int((now - min(dues)) * 1000 // 1)) if dues else None  # upwards: not to wake a moment too early

    def _receive(self, events: list[Event]) -> None:
        """What has come from those who connected to this node; ZeroMQ takes turns between them."""
        assert self._router is not None
        for _ in range(RECEIVE_AT_ONCE):
            frames = receive_frames(self._router, self._limits.parts + 2)
            if frames is None:
                return
            name = str(frames[0], "latin-1")
            if name in self._links:  # this node's own name for whom it has connected to: somebody else uses it
                name = STRANGER + name
            events.append(Received(name, frames[1:]))


_open_ones: weakref.WeakSet[ZmqTransport] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for transport in list(_open_ones):
        transport.close_at_exit()


class _Bell:
    """Wakes a poll from another thread.  However often it is rung before the poll looks, it is one ring."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._has_rung = False
        self.is_closed = False
        if sys.platform == "linux":
            self.handle = self._write_end = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        else:
            self.handle, self._write_end = os.pipe()

    def ring(self) -> None:
        with self._lock:
            if not self._has_rung and not self.is_closed:
                self._has_rung = True
                os.write(self._write_end, (1).to_bytes(8, sys.byteorder))

    def hush(self) -> None:
        with self._lock:
            if self._has_rung:
                self._has_rung = False
                os.read(self.handle, 8)

    def close(self) -> None:
        with self._lock:
            self.is_closed = True
            for handle in {self.handle, self._write_end}:
                os.close(handle)
