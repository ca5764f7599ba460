"""The contract of blobs: what every store of bytes must do."""
