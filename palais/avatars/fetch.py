"""Fetches a picture that a gateway names: by ``data:`` or ``https:`` alone, never from inside."""

import base64
import binascii
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from urllib.parse import SplitResult, unquote_to_bytes, urljoin, urlsplit

from palais.avatars.picture import MAX_BYTES
from palais.errors import PictureError

TIMEOUT_SECONDS: Final = 8.0
REDIRECTS: Final = 3
CHUNK: Final = 64 * 1024
_UNICAST: Final = ipaddress.ip_network("2000::/3")
_DATA: Final = re.compile(r"data:image/(?:png|jpeg|webp|gif)((?:;[^,;]*)*),(.*)", re.ASCII | re.S)

Allowed = Callable[[str], bool]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet: no private, loopback or such."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 6 and (ip not in _UNICAST or ip.sixtofour or ip.teredo):
        return False  # what carries an IPv4 address in it could lead anywhere
    return ip.is_global and not ip.is_multicast


def fetched(url: str, allowed: Allowed = is_public, context: ssl.SSLContext | None = None) -> bytes:
    """Return the bytes of a picture, at most MAX_BYTES of them, within TIMEOUT_SECONDS.

    Every address is resolved once, checked, and that very one connected to, redirects included.
    Raises PictureError where it cannot be had, and says why.
    """
    if url.startswith("data:"):
        return _inline(url)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    for _ in range(REDIRECTS + 1):
        parts = _parts(url)
        try:
            answer = _asked(parts, _address(parts, allowed), deadline, context)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise PictureError(f"{parts.hostname} gives no picture: {error}.") from None
        if isinstance(answer, bytes):
            return answer
        url = urljoin(url, answer)
    raise PictureError(f"The picture is behind more than {REDIRECTS} redirects.")


def _inline(url: str) -> bytes:
    match = _DATA.fullmatch(url)
    if match is None:
        raise PictureError("The data URI holds no PNG, JPEG, WebP or GIF.")
    if len(match[2]) > MAX_BYTES * 3:
        raise PictureError(f"The picture is larger than {MAX_BYTES // 2**20} MB.")
    if not match[1].endswith(";base64"):
        return unquote_to_bytes(match[2])
    try:
        return base64.b64decode(match[2], validate=True)
    except (binascii.Error, ValueError):
        raise PictureError("The data URI is no base64.") from None


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        good = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.username or parts.password:
        raise PictureError("A picture is fetched by https: or data: alone.")
    return parts


def _address(parts: SplitResult, allowed: Allowed) -> str:
    found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    for address in addresses:
        if not allowed(address):
            raise PictureError(f"{parts.hostname} is at {address}, which is no public address.")
    return addresses[0]


class _Connection(http.client.HTTPSConnection):
    """HTTPS to a host at the one address that was checked, until a deadline."""

    def __init__(
        self, parts: SplitResult, address: str, deadline: float, context: ssl.SSLContext
    ) -> None:
        timeout = _left(deadline)
        super().__init__(parts.hostname or "", parts.port, timeout=timeout, context=context)
        self._address = address
        self._deadline = deadline
        self._tls = context
        self._twin: socket.socket | None = None
        self._alarm: threading.Timer | None = None

    def connect(self) -> None:
        raw = socket.create_connection((self._address, self.port), self.timeout)
        self._twin = raw.dup()
        # A timeout counts from byte to byte: who sends one now and then would never be left.
        self._alarm = threading.Timer(_left(self._deadline), self._hang_up, [self._twin])
        self._alarm.daemon = True
        self._alarm.start()
        self.sock = self._tls.wrap_socket(raw, server_hostname=self.host)

    def leave(self) -> None:
        """Close it for good; ``close`` is also called once the last answer has begun."""
        self.close()
        if self._alarm is not None:
            self._alarm.cancel()
        if self._twin is not None:
            self._twin.close()

    @staticmethod
    def _hang_up(twin: socket.socket) -> None:
        # By a duplicate: whatever is being done on the other one ends.
        with suppress(OSError):
            twin.shutdown(socket.SHUT_RDWR)


def _asked(
    parts: SplitResult, address: str, deadline: float, context: ssl.SSLContext | None
) -> bytes | str:
    """Return the picture, or the address that the host leads on to."""
    connection = _Connection(parts, address, deadline, context or ssl.create_default_context())
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"Accept": "image/*", "User-Agent": "Palais"})
        response = connection.getresponse()
        location = response.getheader("Location")
        if response.status in {301, 302, 303, 307, 308} and location:
            return location
        if response.status != 200:
            raise PictureError(f"{parts.hostname} answered {response.status}.")
        if not (response.getheader("Content-Type") or "").startswith("image/"):
            raise PictureError(f"{parts.hostname} did not send a picture.")
        return _body(connection, response, deadline)
    finally:
        connection.leave()


def _body(connection: _Connection, response: http.client.HTTPResponse, deadline: float) -> bytes:
    body = bytearray()
    while len(body) <= MAX_BYTES:
        if connection.sock is not None:
            connection.sock.settimeout(_left(deadline))
        chunk = response.read1(CHUNK)
        if not chunk:
            _left(deadline)  # else it was cut off at the deadline
            return bytes(body)
        body += chunk
    raise PictureError(f"The picture is larger than {MAX_BYTES // 2**20} MB.")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise PictureError(f"The picture did not come within {TIMEOUT_SECONDS:.0f} seconds.")
    return left
