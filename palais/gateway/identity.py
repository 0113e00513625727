"""The device identity: an Ed25519 key that signs each connect. See PROTOCOL.md, section 1."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from palais.config import kept_secret
from palais.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Identity:
    """A device's private key; the gateway knows the device by the digest of the public one."""

    key: Ed25519PrivateKey

    @classmethod
    def from_seed(cls, seed: bytes) -> "Identity":
        """Return the identity of these 32 bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def device_id(self) -> str:
        """SHA-256 of the raw public key, in hex."""
        return hashlib.sha256(self.public_key).hexdigest()

    def sign(self, fields: tuple[str, ...]) -> str:
        """Sign the fields joined with ``|``; return base64url without padding."""
        return base64url(self.key.sign("|".join(fields).encode()))


def base64url(data: bytes) -> str:
    """Return base64url without padding, as the gateway writes keys and signatures."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def load_identity(path: Path) -> Identity:
    """Return the identity kept in this file (0600, 64 hex digits), making it on the first call.

    Raises ConfigError where the file cannot be written or does not hold a key.
    """
    text = kept_secret(path, lambda: secrets.token_hex(32))
    try:
        seed = bytes.fromhex(text)
    except ValueError:
        seed = b""
    if len(seed) != 32:
        raise ConfigError(
            f"{path} does not hold a device key. Restore it from a backup, or delete it and pair "
            "again: the gateway will see Palais as a new device."
        )
    return Identity.from_seed(seed)
