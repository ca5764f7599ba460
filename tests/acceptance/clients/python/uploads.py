"""Upload a file in parts, side by side; cancel; what is wrong is refused and can be put right."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

from openai import BadRequestError, NotFoundError, OpenAI

client = OpenAI()
if not hasattr(client, "uploads"):  # younger than this version of the library
    raise SystemExit(0)

PARTS = [bytes([number]) * (1 << 20) for number in range(6)]
WHOLE = b"".join(PARTS)


def begin(size):
    return client.uploads.create(
        filename="big.bin", purpose="assistants", bytes=size, mime_type="application/octet-stream"
    )


upload = begin(len(WHOLE))
assert upload.id.startswith("upload_"), upload
assert (upload.status, upload.bytes, upload.filename) == ("pending", len(WHOLE), "big.bin"), upload
assert upload.expires_at == upload.created_at + 3600, upload
with ThreadPoolExecutor() as pool:
    parts = list(pool.map(lambda data: client.uploads.parts.create(upload.id, data=data), PARTS))
assert {part.object for part in parts} == {"upload.part"}, parts
assert {part.upload_id for part in parts} == {upload.id}, parts

for wrong in (
    {"part_ids": [part.id for part in parts[1:]]},
    {"part_ids": [part.id for part in parts], "md5": hashlib.md5(b"other").hexdigest()},
):
    try:
        client.uploads.complete(upload.id, **wrong)
        raise SystemExit("completed with the wrong parts")
    except BadRequestError as error:
        assert error.param in ("part_ids", "md5"), error
done = client.uploads.complete(upload.id, part_ids=[part.id for part in parts], md5=hashlib.md5(WHOLE).hexdigest())
assert (done.status, done.file.bytes, done.file.filename) == ("completed", len(WHOLE), "big.bin"), done
assert client.files.retrieve(done.file.id) == done.file
assert client.files.content(done.file.id).read() == WHOLE

other = begin(1)
part = client.uploads.parts.create(other.id, data=b"x")
assert client.uploads.cancel(other.id).status == "cancelled"
for again in (
    lambda: client.uploads.complete(other.id, part_ids=[part.id]),
    lambda: client.uploads.parts.create(other.id, data=b"y"),
    lambda: client.uploads.cancel(upload.id),
):
    try:
        again()
        raise SystemExit("an upload that has ended took something")
    except BadRequestError as error:
        assert error.code == "invalid_upload_state", error
try:
    client.uploads.parts.create("upload_nowhere", data=b"x")
    raise SystemExit("an upload that isn't there took a part")
except NotFoundError:
    pass

if hasattr(client.uploads, "upload_file_chunked"):
    done = client.uploads.upload_file_chunked(
        file=WHOLE,
        filename="chunked.bin",
        bytes=len(WHOLE),
        mime_type="text/plain",
        purpose="assistants",
        part_size=1 << 21,
    )
    assert (done.status, done.file.filename) == ("completed", "chunked.bin"), done
    assert client.files.content(done.file.id).read() == WHOLE
