-- What is searched: how files in vector stores stand, batches of them, and the text, vectors and words of each.

-- Counts of files by status and their bytes, kept with every change; version grows with what a search would find.
ALTER TABLE vector_stores ADD COLUMN last_active_at {real};

ALTER TABLE vector_stores ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

ALTER TABLE vector_stores ADD COLUMN in_progress BIGINT NOT NULL DEFAULT 0;

ALTER TABLE vector_stores ADD COLUMN completed BIGINT NOT NULL DEFAULT 0;

ALTER TABLE vector_stores ADD COLUMN failed BIGINT NOT NULL DEFAULT 0;

ALTER TABLE vector_stores ADD COLUMN cancelled BIGINT NOT NULL DEFAULT 0;

ALTER TABLE vector_stores ADD COLUMN usage_bytes BIGINT NOT NULL DEFAULT 0;

-- document: under which the file's windows are stored; one that is put in again is another document.
ALTER TABLE vector_store_files ADD COLUMN document TEXT NOT NULL DEFAULT '';

ALTER TABLE vector_store_files ADD COLUMN status TEXT NOT NULL DEFAULT 'in_progress';

ALTER TABLE vector_store_files ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

ALTER TABLE vector_store_files ADD COLUMN usage_bytes BIGINT NOT NULL DEFAULT 0;

UPDATE vector_store_files SET document = 'doc_' || store || '_' || id;

UPDATE vector_stores SET last_active_at = created_at, in_progress = (
    SELECT count(*) FROM vector_store_files
    WHERE vector_store_files.project = vector_stores.project AND vector_store_files.store = vector_stores.id
);

-- The assistant or thread that it was made for and goes with.
ALTER TABLE vector_stores ADD COLUMN assistant TEXT;

ALTER TABLE vector_stores ADD COLUMN thread TEXT;

UPDATE vector_stores SET assistant = {assistant_in_body};

CREATE INDEX vector_stores_by_assistant ON vector_stores (project, assistant) WHERE assistant IS NOT NULL;

CREATE INDEX vector_stores_by_thread ON vector_stores (project, thread) WHERE thread IS NOT NULL;

INSERT INTO jobs (kind, project, key, due, attempts, fence)
SELECT 'ingest_document', project, document, created_at, 0, 0 FROM vector_store_files;

CREATE UNIQUE INDEX vector_store_files_by_document ON vector_store_files (project, document);

CREATE INDEX vector_store_files_by_status ON vector_store_files (project, store, status, created_at, seq);

CREATE INDEX vector_store_files_by_version ON vector_store_files (project, store, version);

-- Counts of its files as they came along: of one that was taken out meanwhile as it stood then.
CREATE TABLE file_batches (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    store TEXT NOT NULL,
    in_progress BIGINT NOT NULL,
    completed BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    cancelled BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (project, id)
);

CREATE INDEX file_batches_by_store ON file_batches (project, store);

-- The files that came with a batch, by document; one may be of several. waits: 1 while the batch counts it as in progress;
-- brought: 1 if it was not in the vector store before.
CREATE TABLE batched_files (
    project TEXT NOT NULL,
    batch TEXT NOT NULL,
    document TEXT NOT NULL,
    waits BIGINT NOT NULL,
    brought BIGINT NOT NULL,
    PRIMARY KEY (project, batch, document)
);

CREATE INDEX batched_files_by_document ON batched_files (project, document, waits);

-- A document's text in windows that follow one another.
CREATE TABLE document_windows (
    project TEXT NOT NULL,
    document TEXT NOT NULL,
    number BIGINT NOT NULL,
    page BIGINT,
    text TEXT NOT NULL,
    PRIMARY KEY (project, document, number)
);

-- What is searched of some windows: vectors as float16, little-endian; terms as knowledge/words packs them. bytes: all
-- that they take, with their text.
CREATE TABLE document_slabs (
    project TEXT NOT NULL,
    document TEXT NOT NULL,
    first BIGINT NOT NULL,
    windows BIGINT NOT NULL,
    vectors {bytes} NOT NULL,
    terms {bytes} NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (project, document, first)
);

-- Jobs are taken on by kinds: one that takes long holds up none of another kind.
DROP INDEX jobs_by_due;

CREATE INDEX jobs_by_kind ON jobs (kind, due);

-- Projects take turns in having files read.
CREATE INDEX jobs_in_turn ON jobs (kind, project, due) WHERE kind = 'ingest_document';

-- What a worker had taken on, or tried in vain, is looked for at a start.
CREATE INDEX jobs_taken ON jobs (kind, due) WHERE attempts > 0;

-- A file is taken out of several vector stores, and may be deleted besides: it has a tombstone in each list. Those that
-- are there are let go: a list that was being paged through just now begins anew.
DROP TABLE tombstones;

CREATE TABLE tombstones (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    parent TEXT NOT NULL,
    major {real} NOT NULL,
    minor BIGINT NOT NULL,
    PRIMARY KEY (project, parent, id)
);
