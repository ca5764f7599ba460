-- Tool calls that the server ran, blobs of long outputs, what threads have cost, what is known of providers' models.

-- How many items are on a branch's path. No branch but a thread's first one was made by any version before.
ALTER TABLE branches ADD COLUMN items BIGINT NOT NULL DEFAULT 0;

UPDATE branches SET items = (
    SELECT count(*) FROM items WHERE items.project = branches.project AND items.branch = branches.id
);

CREATE TABLE executions (
    project TEXT NOT NULL,
    run TEXT NOT NULL,
    step TEXT NOT NULL,
    call TEXT NOT NULL,
    started_at {real} NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (project, run, step, call)
);

-- A blob that holds the whole of an item whose row has its ends alone.
CREATE TABLE item_blobs (
    project TEXT NOT NULL,
    item TEXT NOT NULL,
    blob TEXT NOT NULL,
    PRIMARY KEY (project, item)
);

CREATE UNIQUE INDEX item_blobs_by_blob ON item_blobs (blob);

-- Tokens and dollars of all turns of a thread; unpriced: how many of them have no known price.
CREATE TABLE spending (
    project TEXT NOT NULL,
    thread TEXT NOT NULL,
    turns BIGINT NOT NULL,
    prompt BIGINT NOT NULL,
    completion BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    estimated BIGINT NOT NULL,
    cost_usd {real} NOT NULL,
    unpriced BIGINT NOT NULL,
    PRIMARY KEY (project, thread)
);

-- What was found out by asking: place is the provider's base URL, model its name for one.
CREATE TABLE model_facts (
    place TEXT NOT NULL,
    model TEXT NOT NULL,
    probed_at {real} NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (place, model)
);
