"""Where a server may listen: who can reach an address is judged by where it leads."""

import socket
from typing import Any

import pytest

from retinue.app.address import Address, find_address
from retinue.core.errors import NotStarted

PORT = 4747


def leads_to(*addresses: str) -> Any:
    """A directory in which every name has these addresses."""

    def look_up(host: str, port: int, **_: object) -> list[Any]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    return look_up


def named(*addresses: str) -> Address:
    return find_address("box", PORT, look_up=leads_to(*addresses))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "127.1", "localhost", "::1", "::ffff:127.0.0.1"])
def test_only_this_machine_reaches_it(host: str) -> None:
    assert find_address(host, PORT).loopback


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "0", "::", "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "::ffff:0.0.0.0"]
)
def test_others_reach_it(host: str) -> None:
    assert not find_address(host, PORT).loopback


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("127.0.1.1",), ("::1",), ("::1", "127.0.0.1")])
def test_a_name_that_leads_to_loopback_alone_is_loopback(addresses: tuple[str, ...]) -> None:
    assert named(*addresses).loopback


@pytest.mark.parametrize("addresses", [("192.0.2.1",), ("127.0.0.1", "192.0.2.1"), ("2001:db8::1", "127.0.0.1")])
def test_a_name_that_leads_elsewhere_too_is_not_loopback(addresses: tuple[str, ...]) -> None:
    assert not named(*addresses).loopback


def test_what_was_judged_is_what_is_listened_on() -> None:
    address = named("2001:db8::1", "192.0.2.1")
    assert (address.family, address.place) == (socket.AF_INET, ("192.0.2.1", PORT))


def test_a_name_without_an_address_has_a_sentence_of_its_own() -> None:
    def look_up(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(NotStarted, match="The host name 'nowhere' leads to no address"):
        find_address("nowhere", PORT, look_up=look_up)


@pytest.mark.parametrize("host", ["", "x" * 70, "x" * 10_000])
def test_what_is_no_name_at_all_has_the_same_sentence(host: str) -> None:
    with pytest.raises(NotStarted, match="leads to no address") as refused:
        find_address(host, PORT)
    assert len(refused.value.message) < 300


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9"),
        ("localhost", "http://localhost:9"),
        ("::1", "http://[::1]:9"),
        ("0.0.0.0", "http://127.0.0.1:9"),
        ("::", "http://[::1]:9"),
        ("192.0.2.1", "http://192.0.2.1:9"),
    ],
)
def test_the_url_is_one_that_can_be_called(host: str, url: str) -> None:
    assert find_address(host, 0).url(9) == url
