"""The device key: kept, private, and complained about when it is none."""

import base64
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from palais.errors import ConfigError
from palais.gateway.identity import Identity, load_identity


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "device_key"


def test_the_first_call_makes_a_key_that_only_its_owner_can_read(path: Path) -> None:
    identity = load_identity(path)
    assert mode(path) == 0o600
    assert bytes.fromhex(path.read_text().strip()) != b""
    assert len(identity.public_key) == 32
    assert list(path.parent.iterdir()) == [path]


def test_the_gateway_knows_palais_again_after_a_restart(path: Path) -> None:
    assert load_identity(path).device_id == load_identity(path).device_id


def test_two_installations_are_two_devices(tmp_path: Path) -> None:
    one, other = load_identity(tmp_path / "one"), load_identity(tmp_path / "other")
    assert one.device_id != other.device_id


def test_a_key_that_others_could_read_is_closed_to_them(path: Path) -> None:
    device_id = load_identity(path).device_id
    path.chmod(0o644)
    assert load_identity(path).device_id == device_id
    assert mode(path) == 0o600


def test_a_stricter_permission_is_left_alone(path: Path) -> None:
    load_identity(path)
    path.chmod(0o400)
    load_identity(path)
    assert mode(path) == 0o400


def test_an_empty_file_is_named_and_left_as_it_is(path: Path) -> None:
    path.touch()
    with pytest.raises(ConfigError, match=r"is empty\. Delete it"):
        load_identity(path)
    assert path.read_text() == ""


@pytest.mark.parametrize("text", ["not hex", "ab" * 31, "ab" * 33, "zz" * 32, "é" * 64])
def test_a_file_that_holds_no_key_is_named_and_left_as_it_is(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError, match="does not hold a device key") as caught:
        load_identity(path)
    assert str(path) in str(caught.value)
    assert path.read_text() == text


def test_a_file_that_is_no_text_is_a_configuration_error(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be kept"):
        load_identity(path)


def test_a_folder_that_is_not_there_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Make its folder writable"):
        load_identity(tmp_path / "nowhere" / "device_key")


def test_a_complaint_never_shows_the_key(path: Path) -> None:
    path.write_text("5ec7e7" * 9)
    with pytest.raises(ConfigError) as caught:
        load_identity(path)
    assert "5ec7e7" not in str(caught.value)


def test_a_signature_is_of_the_fields_joined_and_verifies_with_the_public_key() -> None:
    identity = Identity.from_seed(bytes(32))
    signature = identity.sign(("v3", "device", ""))
    assert len(signature) == 86
    key = Ed25519PublicKey.from_public_bytes(identity.public_key)
    key.verify(base64.urlsafe_b64decode(signature + "=="), b"v3|device|")


def test_a_known_seed_gives_the_known_public_key_of_rfc_8032() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public_key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert Identity.from_seed(seed).public_key.hex() == public_key
