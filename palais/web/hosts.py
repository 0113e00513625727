"""By which names Palais may be called: a page of another site must not reach it by its own name.

That is DNS rebinding: a name of the attacker's that suddenly means this machine. The browser still
sends that name as Host.
"""

from collections.abc import Callable

from palais import addresses
from palais.addresses import host_name
from palais.config import Settings


def allowance(settings: Settings) -> Callable[[str], bool]:
    """Return what tells whether a Host header is one of ours.

    Always: this machine's own names, and the listen address. One that stands for all addresses of
    the machine allows every IP address: rebinding needs a name. ``.example.org`` is that name and
    all below it.
    """
    names = {one for one in settings.allowed_hosts if not one.startswith(".")}
    names.add(addresses.canonical(settings.bind_host))
    parents = tuple(one for one in settings.allowed_hosts if one.startswith("."))
    any_address = addresses.is_wildcard(settings.bind_host)

    def allowed(header: str) -> bool:
        name = host_name(header)
        if name in names or addresses.is_loopback(name):
            return True
        if any_address and addresses.address(name) is not None:
            return True
        return bool(parents) and f".{name}".endswith(parents)

    return allowed
