"""Azure's form of containers."""

from openai import AzureOpenAI

client = AzureOpenAI(api_version="2024-05-01-preview")
made = client.containers.create(name="Work")
assert client.containers.retrieve(made.id).status == "running"
assert made.id in [container.id for container in client.containers.list()]
files = client.containers.files
file = files.create(made.id, file=("a.txt", b"Text."))
assert files.retrieve(file.id, container_id=made.id).path == "/mnt/data/a.txt"
assert [each.id for each in files.list(made.id)] == [file.id]
assert files.content.retrieve(file.id, container_id=made.id).read() == b"Text."
files.delete(file.id, container_id=made.id)
client.containers.delete(made.id)
