"""Addresses as people and proxies write them."""

import pytest

from palais.addresses import host_name, is_loopback, is_wildcard, subscriber


@pytest.mark.parametrize(
    ("host", "loopback", "wildcard"),
    [
        *(("127.0.0.1", True, False), ("127.1.2.3", True, False), ("::1", True, False)),
        *(("::ffff:127.0.0.1", True, False), ("localhost", True, False)),
        *(("0.0.0.0", False, True), ("::", False, True), ("192.0.2.1", False, False)),
        *(("palais.example", False, False), ("localhost.example", False, False)),
    ],
)
def test_who_can_reach_an_address(host: str, loopback: bool, wildcard: bool) -> None:
    assert (is_loopback(host), is_wildcard(host)) == (loopback, wildcard)


@pytest.mark.parametrize(
    ("address", "one"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_what_counts_as_one_caller(address: str, one: str) -> None:
    assert subscriber(address) == one


@pytest.mark.parametrize(
    ("header", "name"),
    [
        *(("Palais.Example:443", "palais.example"), ("a.example.", "a.example")),
        *(("[2001:DB8:0:0::1]:3300", "2001:db8::1"), ("[::ffff:127.0.0.1]", "127.0.0.1")),
        *(("[::1]:3300", "::1"), ("[::1]", "::1"), ("127.0.0.1:80", "127.0.0.1"), ("", "")),
    ],
)
def test_the_name_in_a_host_header(header: str, name: str) -> None:
    assert host_name(header) == name
