-- Containers: the folders that code works in, and the files in them.

-- thread: whose it is; NULL of one that a caller made.
CREATE TABLE containers (
    seq {identity},
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at {real} NOT NULL,
    name TEXT NOT NULL,
    thread TEXT,
    last_active_at {real} NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);

CREATE UNIQUE INDEX containers_by_thread ON containers (project, thread) WHERE thread IS NOT NULL;

CREATE INDEX containers_by_time ON containers (project, created_at, seq);

CREATE INDEX containers_by_name ON containers (project, name, created_at, seq);

-- file: whose bytes it has; blob: or else its own, which it owns.
CREATE TABLE container_files (
    seq {identity},
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    container TEXT NOT NULL,
    path TEXT NOT NULL,
    created_at {real} NOT NULL,
    file TEXT,
    blob TEXT,
    body TEXT NOT NULL,
    UNIQUE (project, container, id)
);

CREATE UNIQUE INDEX container_files_by_path ON container_files (project, container, path);

CREATE INDEX container_files_by_time ON container_files (project, container, created_at, seq);

CREATE INDEX container_files_by_file ON container_files (project, file) WHERE file IS NOT NULL;

CREATE UNIQUE INDEX container_files_by_blob ON container_files (blob) WHERE blob IS NOT NULL;
