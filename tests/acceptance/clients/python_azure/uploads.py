"""Azure's form of uploads."""

from openai import AzureOpenAI

client = AzureOpenAI(api_version="2024-05-01-preview")
wanted = {"filename": "big.txt", "bytes": 11, "mime_type": "text/plain", "purpose": "assistants"}
upload = client.uploads.create(**wanted)
assert upload.status == "pending", upload
second = client.uploads.parts.create(upload.id, data=b"notes.")
first = client.uploads.parts.create(upload.id, data=b"Some ")
whole = client.uploads.complete(upload.id, part_ids=[first.id, second.id])
assert whole.status == "completed", whole
assert client.files.content(whole.file.id).read() == b"Some notes."
assert client.uploads.cancel(client.uploads.create(**wanted).id).status == "cancelled"
