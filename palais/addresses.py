"""Addresses, networks and host names as an operator writes them, and as a request brings them."""

import re
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_interface,
    ip_network,
)
from typing import Final

HOST_HEADER: Final = re.compile(
    r"(\[(?P<bracketed>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]*))(:[0-9]*)?", re.ASCII
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

IPV6_SITE: Final = 64
"""Bits that name one subscriber: whoever has an IPv6 address has 2^64 of them (RFC 6177)."""


def address(text: str) -> Address | None:
    """Return an IP address, an IPv4 one also where IPv6 wraps it; None where it is none.

    Without its zone (RFC 4007), which only says by which cable it came.
    """
    try:
        found = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def hop(text: str) -> Address | None:
    """Return the address of an entry of X-Forwarded-For, which may carry a port."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    return address(text)


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a comma-separated list; raise ValueError naming the first bad one."""
    return tuple(ip_network(one, strict=True) for one in items(text))


def items(text: str) -> list[str]:
    """Return what stands between commas, without the blanks."""
    return [one for part in text.split(",") if (one := part.strip())]


def inside(found: Address, trusted: tuple[Network, ...]) -> bool:
    """Whether an address is in one of these networks."""
    return any(found in network for network in trusted)


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine and nothing else can reach it."""
    found = address(host)
    return host == "localhost" if found is None else found.is_loopback


def is_wildcard(host: str) -> bool:
    """Whether a listen address stands for all addresses of the machine."""
    found = address(host)
    return found is not None and found.is_unspecified


def subscriber(text: str) -> str:
    """Return what counts as one caller: the IPv4 address, or the /64 network of an IPv6 one."""
    found = address(text)
    if isinstance(found, IPv6Address):
        return str(ip_interface(f"{found.exploded}/{IPV6_SITE}").network)
    return str(found) if found else text[:60]


def host_name(header: str) -> str:
    """Return a Host header's name, without its port, as ``canonical`` writes it.

    What is no name and no address (RFC 9110, section 7.2) is an empty one.
    """
    found = HOST_HEADER.fullmatch(header.strip().lower())
    return canonical(found["bracketed"] or found["name"]) if found else ""


def canonical(name: str) -> str:
    """Return the one spelling of a host: an address as RFC 5952, a name small, with no last dot."""
    found = address(name)
    return str(found) if found else name.lower().rstrip(".")
