"""Azure's form of files."""

from openai import AzureOpenAI, NotFoundError

client = AzureOpenAI(api_version="2024-05-01-preview")
file = client.files.create(file=("notes.txt", b"Some notes."), purpose="assistants")
assert (file.filename, file.bytes, file.purpose) == ("notes.txt", 11, "assistants"), file
assert client.files.retrieve(file.id).id == file.id
assert file.id in [found.id for found in client.files.list(purpose="assistants")]
assert client.files.content(file.id).read() == b"Some notes."
assert client.files.delete(file.id).deleted
try:
    client.files.retrieve(file.id)
    raise SystemExit("a deleted file could be read")
except NotFoundError as error:
    assert file.id in str(error), error
