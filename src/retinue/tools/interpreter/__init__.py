"""What the code interpreter does around a session: files in, code, files out."""
