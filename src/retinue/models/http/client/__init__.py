"""Requests over HTTP/1.1: connections that are kept, TLS, proxies, and answers that come as fast as they are read.

No redirects, no cookies, no compression: what a provider is asked for needs none, and each could leak or explode.
"""

from retinue.models.http.client.address import Address, address_of
from retinue.models.http.client.client import Client
from retinue.models.http.client.errors import (
    AnswerTimeout,
    CertificateRefused,
    ConnectionLost,
    ConnectionRefused,
    ConnectTimeout,
    HTTPError,
    InvalidAddress,
    InvalidAnswer,
    NoSuchHost,
    NotConnected,
    NotSecure,
    ProxyRefused,
)
from retinue.models.http.client.request import Request, request_of
from retinue.models.http.client.response import Response

__all__ = [
    "Address",
    "AnswerTimeout",
    "CertificateRefused",
    "Client",
    "ConnectTimeout",
    "ConnectionLost",
    "ConnectionRefused",
    "HTTPError",
    "InvalidAddress",
    "InvalidAnswer",
    "NoSuchHost",
    "NotConnected",
    "NotSecure",
    "ProxyRefused",
    "Request",
    "Response",
    "address_of",
    "request_of",
]
