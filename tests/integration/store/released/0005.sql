BEGIN TRANSACTION;
CREATE TABLE assistants (
    seq INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at REAL NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);
INSERT INTO "assistants" VALUES(1,'files','asst_v1',1700000000.0,'{"id":"asst_v1","created_at":1700000000.0,"model":"gpt-4o","tools":[{"type":"file_search","max_num_results":null,"ranking_options":null}],"tool_resources":{"code_interpreter":null,"file_search":["vs_VberZnBjuZmaIfEhpPOzE1V0"]},"files":[{"file_id":"file-1","attached_at":1700000000.0}]}');
INSERT INTO "assistants" VALUES(2,'default','asst_1',1700000000.0,'{"id":"asst_1","created_at":1700000000.0,"model":"gpt-4o","name":"Weather","metadata":{"k":"v"}}');
CREATE TABLE batched_files (
    project TEXT NOT NULL,
    batch TEXT NOT NULL,
    document TEXT NOT NULL,
    waits BIGINT NOT NULL,
    brought BIGINT NOT NULL,
    PRIMARY KEY (project, batch, document)
);
INSERT INTO "batched_files" VALUES('files','vsfb_1','doc_VberZnE3DHkyZ5ZnQ3rKI9Wz',0,1);
INSERT INTO "batched_files" VALUES('files','vsfb_1','doc_VberZnEJzh54VQcd3icEVPrO',1,1);
CREATE TABLE branches (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    thread TEXT NOT NULL,
    path TEXT NOT NULL,
    next_position BIGINT NOT NULL,
    messages BIGINT NOT NULL, items BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (project, id)
);
INSERT INTO "branches" VALUES('files','branch_of_thread_1','thread_1','[["branch_of_thread_1",0,null]]',0,0,0);
INSERT INTO "branches" VALUES('default','branch_of_thread_1','thread_1','[["branch_of_thread_1",0,null]]',5,2,4);
INSERT INTO "branches" VALUES('default','branch_of_thread_2','thread_2','[["branch_of_thread_2",0,null]]',0,0,0);
CREATE TABLE container_files (
    seq INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    container TEXT NOT NULL,
    path TEXT NOT NULL,
    created_at REAL NOT NULL,
    file TEXT,
    blob TEXT,
    body TEXT NOT NULL,
    UNIQUE (project, container, id)
);
INSERT INTO "container_files" VALUES(1,'files','cfile_1','cntr_1','cfile_1.txt',1700000000.0,'file-1',NULL,'{"id":"cfile_1","container_id":"cntr_1","created_at":1700000000.0,"path":"cfile_1.txt","size":3,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","source":"user","file_id":"file-1"}');
INSERT INTO "container_files" VALUES(2,'files','cfile_2','cntr_1','data/own.csv',1700000000.0,NULL,'blob_of_cfile_2','{"id":"cfile_2","container_id":"cntr_1","created_at":1700000000.0,"path":"data/own.csv","size":3,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","source":"user","blob":"blob_of_cfile_2"}');
CREATE TABLE containers (
    seq INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at REAL NOT NULL,
    name TEXT NOT NULL,
    thread TEXT,
    last_active_at REAL NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);
INSERT INTO "containers" VALUES(1,'files','cntr_1',1700000000.0,'C',NULL,1700000000.0,'{"id":"cntr_1","created_at":1700000000.0,"name":"C","last_active_at":1700000000.0}');
INSERT INTO "containers" VALUES(2,'files','cntr_t',1700000000.0,'C','thread_1',1700000000.0,'{"id":"cntr_t","created_at":1700000000.0,"name":"C","last_active_at":1700000000.0,"thread_id":"thread_1","expires_minutes":null}');
CREATE TABLE document_slabs (
    project TEXT NOT NULL,
    document TEXT NOT NULL,
    first BIGINT NOT NULL,
    windows BIGINT NOT NULL,
    vectors BLOB NOT NULL,
    terms BLOB NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (project, document, first)
);
INSERT INTO "document_slabs" VALUES('files','doc_VberZnE3DHkyZ5ZnQ3rKI9Wz',0,1,X'003C',X'74',9);
CREATE TABLE document_windows (
    project TEXT NOT NULL,
    document TEXT NOT NULL,
    number BIGINT NOT NULL,
    page BIGINT,
    text TEXT NOT NULL,
    PRIMARY KEY (project, document, number)
);
INSERT INTO "document_windows" VALUES('files','doc_VberZnE3DHkyZ5ZnQ3rKI9Wz',0,3,'Hello.');
CREATE TABLE executions (
    project TEXT NOT NULL,
    run TEXT NOT NULL,
    step TEXT NOT NULL,
    call TEXT NOT NULL,
    started_at REAL NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (project, run, step, call)
);
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
INSERT INTO "file_batches" VALUES('files','vsfb_1','vs_1',1,1,0,0,'{"id":"vsfb_1","store_id":"vs_1","created_at":1700000000.0,"counts":{"in_progress":0,"completed":0,"failed":0,"cancelled":0},"cancelled":false}');
CREATE TABLE file_uses (
    project TEXT NOT NULL,
    file TEXT NOT NULL,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    PRIMARY KEY (project, file, kind, owner)
);
INSERT INTO "file_uses" VALUES('files','file-1','assistant','asst_v1');
CREATE TABLE files (
    seq INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at REAL NOT NULL,
    purpose TEXT NOT NULL,
    blob TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);
INSERT INTO "files" VALUES(1,'files','file-1',1700000000.0,'assistants','blob_of_file-1','{"id":"file-1","created_at":1700000000.0,"name":"a.txt","purpose":"assistants","size":3,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","blob":"blob_of_file-1"}');
INSERT INTO "files" VALUES(2,'files','file-2',1700000000.0,'assistants','blob_of_file-2','{"id":"file-2","created_at":1700000000.0,"name":"a.txt","purpose":"assistants","size":3,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","blob":"blob_of_file-2"}');
CREATE TABLE item_blobs (
    project TEXT NOT NULL,
    item TEXT NOT NULL,
    blob TEXT NOT NULL,
    PRIMARY KEY (project, item)
);
CREATE TABLE items (
    seq INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    branch TEXT NOT NULL,
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    run TEXT,
    metadata TEXT,
    body TEXT NOT NULL,
    UNIQUE (project, id),
    UNIQUE (project, branch, position)
);
INSERT INTO "items" VALUES(1,'default','msg_1','branch_of_thread_1',0,'message',NULL,'{"k":"v"}','{"type":"message","role":"user","content":[{"type":"text","value":"Which is warmer?"}],"id":"msg_1","thread_id":"thread_1","created_at":1700000000.0,"metadata":{"k":"v"}}');
INSERT INTO "items" VALUES(2,'default','item_1','branch_of_thread_1',2,'tool_call','run_1',NULL,'{"type":"tool_call","id":"item_1","run_id":"run_1","step_id":"step_1","created_at":1700000000.0,"call_id":"call_item_1","name":"get_a","arguments":"{\"x\": 1}"}');
INSERT INTO "items" VALUES(3,'default','item_2','branch_of_thread_1',3,'tool_output','run_1',NULL,'{"type":"tool_output","id":"item_2","run_id":"run_1","step_id":"step_1","created_at":1700000004.0,"call_id":"call_item_1","output":"31"}');
INSERT INTO "items" VALUES(4,'default','msg_2','branch_of_thread_1',4,'message','run_1','{}','{"type":"message","role":"assistant","content":[{"type":"text","value":"Rome is."}],"run_id":"run_1","id":"msg_2","thread_id":"thread_1","created_at":1700000000.0,"ended_at":1700000006.0,"assistant_id":"asst_1","step_id":"step_2"}');
CREATE TABLE jobs (
    kind TEXT NOT NULL,
    project TEXT NOT NULL,
    key TEXT NOT NULL,
    due REAL NOT NULL,
    attempts BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    PRIMARY KEY (kind, project, key)
);
INSERT INTO "jobs" VALUES('ingest_document','files','doc_VberZnCI0hxlCB4WNxdErPWh',1700000000.0,0,0);
INSERT INTO "jobs" VALUES('expire_vector_store','files','vs_1',1700604800.0,0,0);
INSERT INTO "jobs" VALUES('ingest_document','files','doc_VberZnE3DHkyZ5ZnQ3rKI9Wz',1700000000.0,0,0);
INSERT INTO "jobs" VALUES('ingest_document','files','doc_VberZnEJzh54VQcd3icEVPrO',1.7000000000000009537e+09,0,0);
INSERT INTO "jobs" VALUES('expire_container','files','cntr_1',1700001200.0,0,0);
INSERT INTO "jobs" VALUES('expire_upload','files','upload_1',1700003600.0,0,0);
INSERT INTO "jobs" VALUES('expire_run','default','run_2',1700000600.0,0,0);
CREATE TABLE keys (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE,
    project TEXT NOT NULL,
    body TEXT NOT NULL
);
INSERT INTO "keys" VALUES(1,'key_1','ee71265dd4e0a0b0460f04825582dcd2f1a84ad598f5a0e54431a5e4f0f5604f','files','{"id":"key_1","name":"laptop","project":"files","created_at":1700000000.0,"shown":"sk-retinue-abcd","revoked_at":null}');
CREATE TABLE model_facts (
    place TEXT NOT NULL,
    model TEXT NOT NULL,
    probed_at REAL NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (place, model)
);
CREATE TABLE runs (
    seq INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    thread TEXT NOT NULL,
    branch TEXT NOT NULL,
    created_at REAL NOT NULL,
    status TEXT NOT NULL,
    fence BIGINT NOT NULL,
    metadata TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (project, id)
);
INSERT INTO "runs" VALUES(1,'default','run_1','thread_1','branch_of_thread_1',1700000000.0,'completed',1,'{}','{"id":"run_1","thread_id":"thread_1","branch":"branch_of_thread_1","created_at":1700000000.0,"expires_at":1700000600.0,"spec":{"assistant_id":"asst_1","model":"gpt-4o"},"transitions":[["queued",1700000000.0,1000000001]]}','{"started_at":1700000005.0,"ended_at":1700000006.0,"error":null,"incomplete":null,"pending":[],"usage":{"prompt":20,"completion":10},"cost_usd":0.5,"transitions":[["queued",1700000000.0,1000000001],["in_progress",1700000002.0,1000000002],["requires_action",1700000003.0,1000000003],["queued",1700000004.0,2000000002],["in_progress",1700000005.0,2000000003],["completed",1700000006.0,2000000008]]}');
INSERT INTO "runs" VALUES(2,'default','run_2','thread_2','branch_of_thread_2',1700000000.0,'queued',1,'{}','{"id":"run_2","thread_id":"thread_2","branch":"branch_of_thread_2","created_at":1700000000.0,"expires_at":1700000600.0,"spec":{"assistant_id":"asst_1","model":"gpt-4o"},"transitions":[["queued",1700000000.0,1000000001]]}','{"started_at":null,"ended_at":null,"error":null,"incomplete":null,"pending":[],"usage":null,"cost_usd":null,"transitions":[["queued",1700000000.0,1000000001]]}');
CREATE TABLE schema_version (version BIGINT NOT NULL);
INSERT INTO "schema_version" VALUES(1);
INSERT INTO "schema_version" VALUES(2);
INSERT INTO "schema_version" VALUES(3);
INSERT INTO "schema_version" VALUES(4);
INSERT INTO "schema_version" VALUES(5);
CREATE TABLE spending (
    project TEXT NOT NULL,
    thread TEXT NOT NULL,
    turns BIGINT NOT NULL,
    prompt BIGINT NOT NULL,
    completion BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    estimated BIGINT NOT NULL,
    cost_usd REAL NOT NULL,
    unpriced BIGINT NOT NULL,
    PRIMARY KEY (project, thread)
);
INSERT INTO "spending" VALUES('default','thread_1',2,20,10,0,0,0,0.5,0);
CREATE TABLE steps (
    seq INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    run TEXT NOT NULL,
    created_at REAL NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);
INSERT INTO "steps" VALUES(1,'default','step_1','run_1',1700000000.0,'{"id":"step_1","run_id":"run_1","thread_id":"thread_1","assistant_id":"asst_1","kind":"tool_calls","turn":0,"created_at":1700000000.0,"expires_at":1700000600.0,"first_event":1000000003,"status":"completed","ended_at":1700000004.0,"cuts":[[8]],"last_event":2000000001}');
INSERT INTO "steps" VALUES(2,'default','step_2','run_1',1700000005.0,'{"id":"step_2","run_id":"run_1","thread_id":"thread_1","assistant_id":"asst_1","kind":"message_creation","turn":1,"created_at":1700000005.0,"expires_at":1700000605.0,"first_event":2000000004,"status":"completed","ended_at":1700000006.0,"message_id":"msg_2","cuts":[[4,4]],"last_event":2000000007}');
CREATE TABLE threads (
    seq INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at REAL NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);
INSERT INTO "threads" VALUES(1,'files','thread_1',1700000000.0,'{"id":"thread_1","created_at":1700000000.0,"head":"branch_of_thread_1"}');
INSERT INTO "threads" VALUES(2,'default','thread_1',1700000000.0,'{"id":"thread_1","created_at":1700000000.0,"head":"branch_of_thread_1","metadata":{"user_id":"ann"}}');
INSERT INTO "threads" VALUES(3,'default','thread_2',1700000000.0,'{"id":"thread_2","created_at":1700000000.0,"head":"branch_of_thread_2"}');
CREATE TABLE tombstones (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    parent TEXT NOT NULL,
    major REAL NOT NULL,
    minor BIGINT NOT NULL,
    PRIMARY KEY (project, parent, id)
);
INSERT INTO "tombstones" VALUES('default','msg_gone','thread_1',1.0,0);
CREATE TABLE turns (
    project TEXT NOT NULL,
    run TEXT NOT NULL,
    number BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (project, run, number)
);
INSERT INTO "turns" VALUES('default','run_1',0,'{"run_id":"run_1","index":0,"model":"gpt-4o-2024-08-06","finish":"tool_calls","usage":{"prompt":10,"completion":5},"manifest":{"items":[[0,3]],"notes":["A note."]},"started_at":1700000000.0,"ended_at":1700000001.0,"cost_usd":0.25}');
INSERT INTO "turns" VALUES('default','run_1',1,'{"run_id":"run_1","index":1,"model":"gpt-4o-2024-08-06","finish":"stop","usage":{"prompt":10,"completion":5},"manifest":{"items":[[0,3]],"notes":["A note."]},"started_at":1700000000.0,"ended_at":1700000001.0,"cost_usd":0.25}');
CREATE TABLE upload_parts (
    seq INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    upload TEXT NOT NULL,
    blob TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);
INSERT INTO "upload_parts" VALUES(1,'files','part_1','upload_1','blob_of_part_1','{"id":"part_1","upload_id":"upload_1","created_at":1700000000.0,"size":3,"blob":"blob_of_part_1"}');
CREATE TABLE uploads (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (project, id)
);
INSERT INTO "uploads" VALUES('files','upload_1','pending','{"id":"upload_1","created_at":1700000000.0,"expires_at":1700003600.0,"file":{"name":"a.txt","purpose":"assistants","expires_after_s":null},"size":3,"mime_type":"text/plain","parts":1,"stored":3}');
CREATE TABLE vector_store_files (
    seq INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    store TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at REAL NOT NULL,
    body TEXT NOT NULL, document TEXT NOT NULL DEFAULT '', status TEXT NOT NULL DEFAULT 'in_progress', version BIGINT NOT NULL DEFAULT 0, usage_bytes BIGINT NOT NULL DEFAULT 0,
    UNIQUE (project, store, id)
);
INSERT INTO "vector_store_files" VALUES(1,'files','vs_VberZnBjuZmaIfEhpPOzE1V0','file-1',1700000000.0,'{"chunking":{},"reached":{}}','doc_VberZnCI0hxlCB4WNxdErPWh','in_progress',0,0);
INSERT INTO "vector_store_files" VALUES(2,'files','vs_1','file-1',1700000000.0,'{"chunking":{"size":200,"overlap":100},"attributes":{"year":2024},"reached":{},"windows":1}','doc_VberZnE3DHkyZ5ZnQ3rKI9Wz','completed',2,5);
INSERT INTO "vector_store_files" VALUES(3,'files','vs_1','file-2',1700000000.0,'{"chunking":{},"reached":{}}','doc_VberZnEJzh54VQcd3icEVPrO','in_progress',0,0);
CREATE TABLE vector_stores (
    seq INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at REAL NOT NULL,
    body TEXT NOT NULL, last_active_at REAL, version BIGINT NOT NULL DEFAULT 0, in_progress BIGINT NOT NULL DEFAULT 0, completed BIGINT NOT NULL DEFAULT 0, failed BIGINT NOT NULL DEFAULT 0, cancelled BIGINT NOT NULL DEFAULT 0, usage_bytes BIGINT NOT NULL DEFAULT 0, assistant TEXT, thread TEXT,
    UNIQUE (project, id)
);
INSERT INTO "vector_stores" VALUES(1,'files','vs_VberZnBjuZmaIfEhpPOzE1V0',1700000000.0,'{"id":"vs_VberZnBjuZmaIfEhpPOzE1V0","created_at":1700000000.0,"assistant_id":"asst_v1","counts":{"in_progress":0,"completed":0,"failed":0,"cancelled":0}}',1700000000.0,1,1,0,0,0,0,'asst_v1',NULL);
INSERT INTO "vector_stores" VALUES(2,'files','vs_1',1700000000.0,'{"id":"vs_1","created_at":1700000000.0,"name":"Docs","expires_days":7,"counts":{"in_progress":0,"completed":0,"failed":0,"cancelled":0}}',1700000000.0,2,1,1,0,0,5,NULL,NULL);
CREATE INDEX assistants_by_time ON assistants (project, created_at, seq);
CREATE INDEX threads_by_time ON threads (project, created_at, seq);
CREATE INDEX branches_by_thread ON branches (project, thread);
CREATE INDEX messages_by_branch ON items (project, branch, position) WHERE kind = 'message';
CREATE INDEX items_by_run ON items (project, run, position) WHERE run IS NOT NULL;
CREATE INDEX runs_by_thread ON runs (project, thread, created_at, seq);
CREATE UNIQUE INDEX runs_live ON runs (project, branch)
    WHERE status IN ('queued', 'in_progress', 'requires_action', 'cancelling');
CREATE INDEX steps_by_run ON steps (project, run, created_at, seq);
CREATE INDEX files_by_time ON files (project, created_at, seq);
CREATE INDEX files_by_purpose ON files (project, purpose, created_at, seq);
CREATE UNIQUE INDEX files_by_blob ON files (blob);
CREATE INDEX file_uses_by_owner ON file_uses (project, kind, owner);
CREATE INDEX upload_parts_by_upload ON upload_parts (project, upload, seq);
CREATE UNIQUE INDEX upload_parts_by_blob ON upload_parts (blob);
CREATE INDEX vector_stores_by_time ON vector_stores (project, created_at, seq);
CREATE INDEX vector_store_files_by_time ON vector_store_files (project, store, created_at, seq);
CREATE INDEX vector_store_files_by_file ON vector_store_files (project, id);
CREATE UNIQUE INDEX item_blobs_by_blob ON item_blobs (blob);
CREATE INDEX vector_stores_by_assistant ON vector_stores (project, assistant) WHERE assistant IS NOT NULL;
CREATE INDEX vector_stores_by_thread ON vector_stores (project, thread) WHERE thread IS NOT NULL;
CREATE UNIQUE INDEX vector_store_files_by_document ON vector_store_files (project, document);
CREATE INDEX vector_store_files_by_status ON vector_store_files (project, store, status, created_at, seq);
CREATE INDEX vector_store_files_by_version ON vector_store_files (project, store, version);
CREATE INDEX file_batches_by_store ON file_batches (project, store);
CREATE INDEX batched_files_by_document ON batched_files (project, document, waits);
CREATE INDEX jobs_by_kind ON jobs (kind, due);
CREATE INDEX jobs_in_turn ON jobs (kind, project, due) WHERE kind = 'ingest_document';
CREATE INDEX jobs_taken ON jobs (kind, due) WHERE attempts > 0;
CREATE UNIQUE INDEX containers_by_thread ON containers (project, thread) WHERE thread IS NOT NULL;
CREATE INDEX containers_by_time ON containers (project, created_at, seq);
CREATE INDEX containers_by_name ON containers (project, name, created_at, seq);
CREATE UNIQUE INDEX container_files_by_path ON container_files (project, container, path);
CREATE INDEX container_files_by_time ON container_files (project, container, created_at, seq);
CREATE INDEX container_files_by_file ON container_files (project, file) WHERE file IS NOT NULL;
CREATE UNIQUE INDEX container_files_by_blob ON container_files (blob) WHERE blob IS NOT NULL;
COMMIT;
