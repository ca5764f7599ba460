-- Files and where they are used, uploads in parts, vector stores with their files, keys.

CREATE TABLE files (
    seq {identity},
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at {real} NOT NULL,
    purpose TEXT NOT NULL,
    blob TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);

CREATE INDEX files_by_time ON files (project, created_at, seq);

CREATE INDEX files_by_purpose ON files (project, purpose, created_at, seq);

-- A blob has one owner: a file, or a part of an upload.
CREATE UNIQUE INDEX files_by_blob ON files (blob);

-- Which assistants and threads name a file among their interpreter's, so that deleting it finds them.
CREATE TABLE file_uses (
    project TEXT NOT NULL,
    file TEXT NOT NULL,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    PRIMARY KEY (project, file, kind, owner)
);

CREATE INDEX file_uses_by_owner ON file_uses (project, kind, owner);

CREATE TABLE uploads (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (project, id)
);

CREATE TABLE upload_parts (
    seq {identity},
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    upload TEXT NOT NULL,
    blob TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);

CREATE INDEX upload_parts_by_upload ON upload_parts (project, upload, seq);

CREATE UNIQUE INDEX upload_parts_by_blob ON upload_parts (blob);

CREATE TABLE vector_stores (
    seq {identity},
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at {real} NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);

CREATE INDEX vector_stores_by_time ON vector_stores (project, created_at, seq);

-- id: the file's.
CREATE TABLE vector_store_files (
    seq {identity},
    project TEXT NOT NULL,
    store TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at {real} NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, store, id)
);

CREATE INDEX vector_store_files_by_time ON vector_store_files (project, store, created_at, seq);

CREATE INDEX vector_store_files_by_file ON vector_store_files (project, id);

-- hash: SHA-256 of the key, in hexadecimal; the key itself is nowhere.
CREATE TABLE keys (
    seq {identity},
    id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE,
    project TEXT NOT NULL,
    body TEXT NOT NULL
);
