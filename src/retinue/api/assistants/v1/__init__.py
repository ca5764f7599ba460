"""The Assistants API v1: files in one list, `retrieval`, shorter texts. What is stored is the same."""
