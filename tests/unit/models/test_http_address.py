"""URLs and heads of requests: what is sent says what was meant, and nothing can be smuggled into it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.models.http.client.address import Address, address_of
from retinue.models.http.client.errors import InvalidAddress
from retinue.models.http.client.request import request_of


@pytest.mark.parametrize(
    ("url", "origin", "host", "target"),
    [
        ("http://acme", ("http", "acme", 80), "acme", "/"),
        ("https://Acme.Example/v1/models", ("https", "acme.example", 443), "acme.example", "/v1/models"),
        ("http://acme:443/v1", ("http", "acme", 443), "acme:443", "/v1"),
        ("https://acme:443/v1", ("https", "acme", 443), "acme", "/v1"),
        ("http://[::1]:8080/v1?a=b&c=%20", ("http", "::1", 8080), "[::1]:8080", "/v1?a=b&c=%20"),
        ("http://[::1]/", ("http", "::1", 80), "[::1]", "/"),
        ("https://bücher.example/v1", ("https", "xn--bcher-kva.example", 443), "xn--bcher-kva.example", "/v1"),
        ("http://my_box.local./a b/ü#part", ("http", "my_box.local.", 80), "my_box.local.", "/a%20b/%C3%BC"),
        ("http://acme/my%2Fmodel", ("http", "acme", 80), "acme", "/my%2Fmodel"),
    ],
)
def test_a_url_says_where_a_request_goes(url: str, origin: tuple[str, str, int], host: str, target: str) -> None:
    address = address_of(url)
    assert (address.origin, address.host_header, address.target) == (origin, host, target)


@pytest.mark.parametrize(
    "url",
    [
        *("", "nonsense", "localhost:11434/v1", "ftp://host/v1", "http://", "http://[", "http://[::1", "http:///v1"),
        *("http://host:0", "http://host:99999", "http://host:x", "http://a b/", "http://a..b/", "http://a\0b/"),
        *("http://a%0d%0ab/", "http://a,b/", f"http://{'a' * 64}.example/", "http://[gg::1]/"),
    ],
)
def test_what_is_no_address_of_http_is_refused(url: str) -> None:
    with pytest.raises(InvalidAddress):
        address_of(url)


def lines_of(head: bytes) -> list[str]:
    assert head.endswith(b"\r\n\r\n")
    return head.decode()[:-4].split("\r\n")


def head(url: str = "http://acme/v1", *, proxy: Address | None = None, **headers: str) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return request_of("POST", url, named, proxy=proxy).head_before(b"12345")


def test_a_head_is_the_request_the_host_the_headers_and_the_bodys_length() -> None:
    assert lines_of(head(Accept="*/*")) == ["POST /v1 HTTP/1.1", "Host: acme", "Accept: */*", "Content-Length: 5"]


def test_a_request_without_a_body_tells_no_length() -> None:
    assert lines_of(request_of("GET", "http://acme").head_before(None)) == [
        "GET / HTTP/1.1",
        "Host: acme",
    ]


def test_headers_of_the_caller_go_before_ours() -> None:
    assert lines_of(head("http://me:secret@acme/v1", Host="other", authorization="Bearer x"))[1:3] == [
        "Host: other",
        "authorization: Bearer x",
    ]


def test_a_user_in_the_address_is_told_by_a_header() -> None:
    assert "Authorization: Basic bWU6cGFzcyB3b3Jk" in lines_of(head("http://me:pass%20word@acme/v1"))


def test_a_proxy_that_reads_the_request_gets_the_whole_address_and_its_own_login() -> None:
    proxy = address_of("http://me:secret@proxy:3128")
    assert lines_of(head("http://acme:8080/v1?x=1", proxy=proxy))[:3] == [
        "POST http://acme:8080/v1?x=1 HTTP/1.1",
        "Host: acme:8080",
        "Proxy-Authorization: Basic bWU6c2VjcmV0",
    ]
    assert b"Proxy-Authorization" not in head("https://acme/v1", proxy=proxy)


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nX: y", "a\rb", "a\0b"])
def test_a_value_that_could_end_its_header_is_not_sent(value: str) -> None:
    with pytest.raises(ValueError, match="'Authorization' holds a line break") as caught:
        head(Authorization=value)
    assert value not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nX", "Content-Length", "transfer-encoding", "grün"])
def test_a_name_that_is_none_or_that_changes_the_bodys_length_is_not_sent(name: str) -> None:
    with pytest.raises(ValueError, match="there can be no header"):
        request_of("POST", "http://acme", {name: "1"})


@given(path=st.text(max_size=20), query=st.text(max_size=20))
def test_nothing_in_an_address_ends_the_request_line(path: str, query: str) -> None:
    try:
        request = request_of("GET", f"http://acme/{path}?{query}")
    except InvalidAddress:
        return
    first, *rest = lines_of(request.head_before(None))
    assert first.count(" ") == 2
    assert first.isascii()
    assert first.isprintable()
    assert rest == ["Host: acme"]


def test_a_zone_means_something_on_this_machine_alone() -> None:
    address = address_of("http://[fe80::1%eth0]:8000/v1")
    assert (address.host, address.told_host) == ("fe80::1%eth0", "fe80::1")
    assert address.host_header == address.authority == "[fe80::1]:8000"
