"""Upload, list, read, download and delete files; give them to assistants, threads and messages."""

import inspect
import io
import tempfile
from pathlib import Path

from openai import BadRequestError, NotFoundError, OpenAI

client = OpenAI()
CONTENT = bytes(range(256)) * 1000

# In every way in which the library takes a file

made = client.files.create(file=("näme 🧵.bin", CONTENT), purpose="assistants")
assert made.id.startswith("file-"), made.id
assert made.object == "file", made
assert made.bytes == len(CONTENT), made
assert made.filename == "näme 🧵.bin", made
assert made.purpose == "assistants", made
assert made.status == "processed", made
assert client.files.retrieve(made.id) == made
assert client.files.content(made.id).read() == CONTENT

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "notes.txt"
    path.write_bytes(b"from a path")
    from_path = client.files.create(file=path, purpose="assistants")
    with path.open("rb") as opened:
        from_file = client.files.create(file=opened, purpose="fine-tune")
from_bytes = client.files.create(file=b"bytes alone", purpose="assistants")
from_stream = client.files.create(file=io.BytesIO(b"from a stream"), purpose="assistants")
quoted = client.files.create(file=('say "hi"\\.txt', b"", "text/plain"), purpose="assistants")
assert (from_path.filename, from_file.filename) == ("notes.txt", "notes.txt"), (from_path, from_file)
assert client.files.content(from_path.id).read() == b"from a path"
assert client.files.content(from_bytes.id).read() == b"bytes alone"
assert client.files.content(from_stream.id).read() == b"from a stream"
assert (quoted.bytes, client.files.content(quoted.id).read()) == (0, b""), quoted
if hasattr(client.files, "with_streaming_response"):
    with client.files.with_streaming_response.content(made.id) as response:
        assert b"".join(response.iter_bytes(chunk_size=1 << 16)) == CONTENT

if "expires_after" in inspect.signature(client.files.create).parameters:
    short = client.files.create(
        file=b"soon gone", purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3600}
    )
    assert short.expires_at == short.created_at + 3600, short
    assert made.expires_at is None, made

# Lists

mine = [made.id, from_path.id, from_file.id, from_bytes.id, from_stream.id, quoted.id]
listed = [file.id for file in client.files.list()]
assert set(mine) <= set(listed), listed
assert listed.index(quoted.id) < listed.index(made.id), "the newest first"
assert from_file.id in [file.id for file in client.files.list(purpose="fine-tune")]
assert made.id not in [file.id for file in client.files.list(purpose="fine-tune")]
paged = client.files.list(extra_query={"limit": 2})
assert len(paged.data) == 2, paged

# Where they are used

second_generation = hasattr(client, "vector_stores") or hasattr(client.beta, "vector_stores")
if second_generation:
    assistant = client.beta.assistants.create(
        model="gpt-4o",
        tools=[{"type": "code_interpreter"}],
        extra_body={"tool_resources": {"code_interpreter": {"file_ids": [made.id, from_path.id]}}},
    )
    thread = client.beta.threads.create()
    message = client.beta.threads.messages.create(
        thread.id,
        role="user",
        content="say hello",
        extra_body={"attachments": [{"file_id": made.id, "tools": [{"type": "code_interpreter"}]}]},
    )
gone = client.files.delete(made.id)
assert (gone.id, gone.object, gone.deleted) == (made.id, "file", True), gone
if second_generation:
    left = client.beta.assistants.retrieve(assistant.id).model_dump()["tool_resources"]["code_interpreter"]["file_ids"]
    assert left == [from_path.id], left
for read in (client.files.retrieve, client.files.content, client.files.delete):
    try:
        read(made.id)
        raise SystemExit("a deleted file could be read")
    except NotFoundError as error:
        assert f"No such File object: {made.id}" in str(error), error
        assert error.param == "id", error.param
if second_generation:
    try:
        client.beta.threads.messages.create(
            thread.id, role="user", content="a", extra_body={"attachments": [{"file_id": made.id, "tools": []}]}
        )
        raise SystemExit("a deleted file could be attached")
    except NotFoundError as error:
        assert f"No such File object: {made.id}" in str(error), error

# What is refused

for arguments, param in (
    ({"file": b"x", "purpose": "nonsense"}, "purpose"),
    ({"file": ("n" * 513, b"x"), "purpose": "assistants"}, "file"),
):
    try:
        client.files.create(**arguments)
        raise SystemExit(f"accepted {param}")
    except BadRequestError as error:
        assert error.param == param, (error.param, error.message)
