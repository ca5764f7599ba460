"""What can go wrong between a request and its answer.

HTTPError
├── InvalidAddress            no address of http or https
├── NotConnected              no connection came about
│   ├── NoSuchHost            its name has no address, for good or for now
│   ├── ConnectionRefused     nothing listens there
│   ├── ConnectTimeout        it took too long
│   ├── NotSecure             no TLS
│   │   └── CertificateRefused
│   └── ProxyRefused          the proxy on the way makes no tunnel
├── AnswerTimeout             no answer began in time
├── ConnectionLost            it was closed before the answer was whole
└── InvalidAnswer             what came is no HTTP, or too much of it
"""


class HTTPError(Exception):
    """A request has no answer, or not all of it."""


class InvalidAddress(HTTPError):
    """No address that begins with http:// or https://."""


class NotConnected(HTTPError):
    """No connection came about; its text is the end of a sentence."""


class NoSuchHost(NotConnected):
    """A host's name has no address."""

    def __init__(self, host: str, *, for_now: bool) -> None:
        """`for_now` says that nobody could be asked, so that another time may tell."""
        super().__init__(f"there is no host '{host}'.")
        self.for_now = for_now


class ConnectionRefused(NotConnected):
    """Nothing listens at the address."""


class ConnectTimeout(NotConnected, TimeoutError):
    """The connection took too long."""


class NotSecure(NotConnected):
    """The other side speaks no TLS, or none that both can speak."""


class CertificateRefused(NotSecure):
    """Nobody who is trusted vouches for the other side's name."""


class ProxyRefused(NotConnected):
    """The proxy on the way answered a request for a tunnel with something else."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"the proxy on the way to it refused ({status} {reason}).")
        self.status = status


class AnswerTimeout(HTTPError, TimeoutError):
    """The answer did not begin in time."""


class ConnectionLost(HTTPError):
    """The connection was closed before the answer was whole."""

    def __init__(self) -> None:
        super().__init__("the connection was lost.")


class InvalidAnswer(HTTPError):
    """What came is no HTTP/1.1, or more than an answer may take."""
