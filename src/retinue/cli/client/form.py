"""Forms: a file and what is said of it, as multipart/form-data has them (RFC 7578)."""

import secrets

from msgspec import Struct

_IN_NAME = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})  # as browsers have it: WHATWG, "multipart/form-data"


class Form(Struct, frozen=True, kw_only=True):
    """A file that is sent, and the fields beside it."""

    field: str
    """What the file's own field is called."""
    name: str
    """What the file is called."""
    content: bytes
    fields: dict[str, str] = {}

    def encoded(self) -> tuple[str, bytes]:
        """Return the content type and the body."""
        boundary = secrets.token_hex(16)
        name = self.name.translate(_IN_NAME)
        said = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in self.fields.items()
        ]
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{self.field}"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        start = "".join([*said, head]).encode("utf-8", "replace")  # a name in bytes that are no UTF-8
        body = b"".join([start, self.content, f"\r\n--{boundary}--\r\n".encode()])
        return f"multipart/form-data; boundary={boundary}", body
