"""Containers: made, filled with uploads and with stored files, listed page by page, emptied, deleted."""

from openai import BadRequestError, NotFoundError, OpenAI

client = OpenAI()
CSV = b"city,degrees\nOslo,4\n"
stored = client.files.create(file=("notes.txt", b"Some notes."), purpose="assistants")
made = client.containers.create(
    name="Work", file_ids=[stored.id], expires_after={"anchor": "last_active_at", "minutes": 5}
)
assert (made.name, made.status, made.object) == ("Work", "running", "container"), made
assert made.expires_after.minutes == 5, made
assert client.containers.retrieve(made.id).id == made.id
others = [client.containers.create(name="Other").id for _ in range(2)]
assert [container.id for container in client.containers.list(limit=1)][:3] == [*reversed(others), made.id]

files = client.containers.files
uploaded = files.create(made.id, file=("data.csv", CSV))
assert (uploaded.path, uploaded.bytes, uploaded.source) == ("/mnt/data/data.csv", len(CSV), "user"), uploaded
assert uploaded.container_id == made.id, uploaded
assert files.retrieve(uploaded.id, container_id=made.id).path == uploaded.path
assert files.content.retrieve(uploaded.id, container_id=made.id).read() == CSV
assert [file.path for file in files.list(made.id, limit=1)] == ["/mnt/data/data.csv", "/mnt/data/notes.txt"]
named = files.create(others[0], file_id=stored.id)
assert files.content.retrieve(named.id, container_id=others[0]).read() == b"Some notes."

files.delete(uploaded.id, container_id=made.id)
for gone in (
    lambda: files.retrieve(uploaded.id, container_id=made.id),
    lambda: files.create(made.id, file_id="file-nowhere"),
    lambda: client.containers.retrieve("cntr_nowhere"),
):
    try:
        gone()
        raise SystemExit("what isn't there was found")
    except NotFoundError:
        pass
try:
    client.containers.create(name="Open", network_policy={"type": "allowlist", "allowed_domains": ["example.org"]})
    raise SystemExit("a container got to the network")
except (BadRequestError, TypeError) as error:  # of the type before the policy was a parameter
    assert isinstance(error, TypeError) or error.param == "network_policy", error
for id_ in (made.id, *others):
    client.containers.delete(id_)
assert client.files.retrieve(stored.id).id == stored.id
