-- The spine: assistants, threads with branches and items, runs with turns and steps, jobs.
-- {identity} and {real} stand for each dialect's own words. A statement ends with a semicolon at a line's end.

CREATE TABLE assistants (
    seq {identity},
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at {real} NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);

CREATE INDEX assistants_by_time ON assistants (project, created_at, seq);

CREATE TABLE threads (
    seq {identity},
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at {real} NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);

CREATE INDEX threads_by_time ON threads (project, created_at, seq);

-- path: the branch's ancestors with the last position that is taken from each, oldest first, as JSON.
CREATE TABLE branches (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    thread TEXT NOT NULL,
    path TEXT NOT NULL,
    next_position BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    PRIMARY KEY (project, id)
);

CREATE INDEX branches_by_thread ON branches (project, thread);

CREATE TABLE items (
    seq {identity},
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

CREATE INDEX messages_by_branch ON items (project, branch, position) WHERE kind = 'message';

CREATE INDEX items_by_run ON items (project, run, position) WHERE run IS NOT NULL;

CREATE TABLE runs (
    seq {identity},
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    thread TEXT NOT NULL,
    branch TEXT NOT NULL,
    created_at {real} NOT NULL,
    status TEXT NOT NULL,
    fence BIGINT NOT NULL,
    metadata TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (project, id)
);

CREATE INDEX runs_by_thread ON runs (project, thread, created_at, seq);

-- The lock of a thread's branch: a second live run can't be written, whatever the code above does.
CREATE UNIQUE INDEX runs_live ON runs (project, branch)
    WHERE status IN ('queued', 'in_progress', 'requires_action', 'cancelling');

CREATE TABLE turns (
    project TEXT NOT NULL,
    run TEXT NOT NULL,
    number BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (project, run, number)
);

CREATE TABLE steps (
    seq {identity},
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    run TEXT NOT NULL,
    created_at {real} NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (project, id)
);

CREATE INDEX steps_by_run ON steps (project, run, created_at, seq);

-- Where deleted things stood, so that a list can be paged on from one of them. parent: the thread of a message, else ''.
CREATE TABLE tombstones (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    parent TEXT NOT NULL,
    major {real} NOT NULL,
    minor BIGINT NOT NULL,
    PRIMARY KEY (project, id)
);

CREATE INDEX tombstones_by_parent ON tombstones (project, parent);

CREATE TABLE jobs (
    kind TEXT NOT NULL,
    project TEXT NOT NULL,
    key TEXT NOT NULL,
    due {real} NOT NULL,
    attempts BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    PRIMARY KEY (kind, project, key)
);

CREATE INDEX jobs_by_due ON jobs (due);
