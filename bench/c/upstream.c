// A model that costs next to nothing: an OpenAI-compatible upstream for load tests.
//
// usage: upstream PORT CHUNKS
//
// A POST with "stream": true is answered by CHUNKS text deltas as server-sent events, then the finish reason, the usage
// and [DONE]. The model's name says how: bench-20000 sends a delta every 20,000 us, bench-0 all at once; of bench-0-3
// the first three turns call the function `look_up`, at once, and the fourth is text. Any other POST gets one whole
// completion, a GET the list of models. Keep-alive and pipelining work; nothing is checked.
//
// Every streamed answer is the same bytes, rendered once. A connection is a position in them (`sent`) and how far it
// may go for now (`allowed`), so a slow reader costs no memory.
#define _GNU_SOURCE
#include "answers.h"
#include "net.h"

enum { REQUEST_MAX = 16 << 20, QUEUES_MAX = 16 };

struct connection {
    int fd;
    bool blocked;             // waiting for room to write
    char *request;            // what has come in and is not answered yet
    size_t held, room;
    const struct answer *answer; // the one being sent, or NULL
    size_t sent, allowed;
    int pieces;               // of the paced answer, how many may go out
    struct queue *queue;      // of those at its pace
    int64_t due_us;           // when the next one may
    struct connection *before, *after; // in the queue
    struct connection *next_dead;
};

static int poller;
static struct connection *dead;

// In a queue the interval is the same for all, so who is appended last is due last: it serves as the timer.
static struct queue {
    int64_t interval_us;
    struct connection ends;
} queues[QUEUES_MAX];
static int queue_count;

static struct queue *queue_of(int64_t interval_us) {
    for (int i = 0; i < queue_count; i++)
        if (queues[i].interval_us == interval_us) return &queues[i];
    if (queue_count == QUEUES_MAX) {
        fprintf(stderr, "upstream: more than %d paces\n", QUEUES_MAX);
        exit(1);
    }
    struct queue *made = &queues[queue_count++];
    made->interval_us = interval_us;
    made->ends.before = made->ends.after = &made->ends;
    return made;
}

static void enqueue(struct connection *c) {
    struct connection *ends = &c->queue->ends;
    c->before = ends->before;
    c->after = ends;
    ends->before->after = c;
    ends->before = c;
}

static void dequeue(struct connection *c) {
    if (!c->after) return;
    c->before->after = c->after;
    c->after->before = c->before;
    c->before = c->after = NULL;
}

static void hang_up(struct connection *c) {
    if (c->fd < 0) return;
    dequeue(c);
    close(c->fd);
    c->fd = -1;
    c->next_dead = dead; // freed once this round's events are through: another of them may be its own
    dead = c;
}

static void bury(void) {
    while (dead) {
        struct connection *c = dead;
        dead = c->next_dead;
        free(c->request);
        free(c);
    }
}

// Send what may go out; true once the whole answer is gone.
static bool send_allowed(struct connection *c) {
    while (c->sent < c->allowed) {
        ssize_t n = write(c->fd, c->answer->bytes + c->sent, c->allowed - c->sent);
        if (n < 0 && errno != EAGAIN) {
            hang_up(c);
            return false;
        }
        bool full = n < 0;
        if (full != c->blocked) poller_write(poller, c->fd, c, c->blocked = full);
        if (full) return false;
        c->sent += (size_t)n;
    }
    if (c->blocked) poller_write(poller, c->fd, c, c->blocked = false);
    if (c->sent < c->answer->length) return false;
    c->answer = NULL;
    return true;
}

static void start_answer(struct connection *c, const struct answer *answer, int64_t interval_us) {
    bool paced = answer == &streamed && interval_us > 0;
    c->answer = answer;
    c->sent = 0;
    c->allowed = paced ? piece_ends[0] : answer->length;
    if (paced) {
        c->pieces = 1;
        c->queue = queue_of(interval_us);
        c->due_us = now_us() + interval_us;
        enqueue(c);
    }
}

// The length of the first whole request held, or 0 if there is none yet; `*head` becomes that of its head.
static size_t request_length(struct connection *c, size_t *head) {
    char *end = memmem(c->request, c->held, "\r\n\r\n", 4);
    if (!end) return 0;
    *head = (size_t)(end - c->request) + 4;
    end[2] = 0; // ends the head for the searches below; put back after them
    char *length = strcasestr(c->request, "\ncontent-length:");
    bool chunked = strcasestr(c->request, "\ntransfer-encoding: chunked");
    size_t total = *head + (length ? strtoul(length + 16, NULL, 10) : 0);
    end[2] = '\r';
    if (!chunked) return total <= c->held ? total : 0;
    char *last = memmem(c->request + *head, c->held - *head, "0\r\n\r\n", 5);
    return last ? (size_t)(last - c->request) + 5 : 0;
}

static long occurrences(const char *mark, const char *text, size_t n) {
    long count = 0;
    size_t length = strlen(mark);
    for (const char *at = text; (at = memmem(at, n - (size_t)(at - text), mark, length)); at += length) count++;
    return count;
}

static bool holds(const char *text, size_t n, const char *compact, const char *spaced) {
    return memmem(text, n, compact, strlen(compact)) || memmem(text, n, spaced, strlen(spaced));
}

// What the name of the model asks for: "bench-INTERVAL_US" or "bench-INTERVAL_US-TURNS".
static void read_model(const char *body, size_t n, int64_t *interval_us, long *turns) {
    char name[32] = {0}, *rest;
    const char *at = memmem(body, n, "\"bench-", 7);
    *interval_us = *turns = 0;
    if (!at) return;
    size_t left = n - (size_t)(at + 7 - body);
    memcpy(name, at + 7, left < sizeof name - 1 ? left : sizeof name - 1);
    *interval_us = strtoll(name, &rest, 10);
    if (*rest == '-') *turns = strtol(rest + 1, NULL, 10);
}

static void answer_request(struct connection *c, const char *body, size_t n) {
    int64_t interval_us;
    long turns, turn;
    if (!memcmp(c->request, "GET ", 4)) return start_answer(c, &models, 0);
    if (!holds(body, n, "\"stream\":true", "\"stream\": true")) return start_answer(c, &whole, 0);
    read_model(body, n, &interval_us, &turns);
    turn = occurrences("\"role\":\"tool\"", body, n);
    if (turn < turns && turn < CALLS_MAX) start_answer(c, &calls[turn], 0);
    else start_answer(c, &streamed, interval_us);
}

static void answer_requests(struct connection *c) {
    size_t head = 0, total;
    while (c->fd >= 0 && !c->answer && (total = request_length(c, &head))) {
        answer_request(c, c->request + head, total - head);
        c->held -= total;
        memmove(c->request, c->request + total, c->held);
        if (!send_allowed(c)) return;
    }
}

static void receive(struct connection *c) {
    if (c->held + 1 >= c->room) {
        if (c->room >= REQUEST_MAX) return hang_up(c);
        c->room = c->room ? c->room * 2 : 8192;
        c->request = must(realloc(c->request, c->room));
    }
    ssize_t n = read(c->fd, c->request + c->held, c->room - c->held - 1);
    if (n == 0 || (n < 0 && errno != EAGAIN)) return hang_up(c);
    if (n < 0) return;
    c->held += (size_t)n;
    answer_requests(c);
}

static void accept_all(int listener) {
    int fd;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        struct connection *c = must(calloc(1, sizeof *c));
        prepare_socket(c->fd = fd);
        poller_add(poller, fd, c);
    }
}

static void release(struct connection *c) {
    dequeue(c);
    c->allowed = piece_ends[c->pieces++];
    if (c->pieces <= chunks) {
        c->due_us += c->queue->interval_us;
        enqueue(c);
    }
    if (send_allowed(c)) answer_requests(c);
}

// Let go the pieces that are due; return the time until the next one, negative if none waits.
static int64_t release_due(void) {
    int64_t now = now_us(), wait = -1;
    for (int i = 0; i < queue_count; i++) {
        struct connection *ends = &queues[i].ends;
        while (ends->after != ends && ends->after->due_us <= now) release(ends->after);
        if (ends->after == ends) continue;
        int64_t left = ends->after->due_us - now;
        if (wait < 0 || left < wait) wait = left;
    }
    return wait;
}

static int listen_on(int port) {
    struct sockaddr_in address = loopback(port);
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, BACKLOG)) die("listen");
    prepare_socket(fd);
    return fd;
}

int main(int count, char **words) {
    if (count != 3 || (chunks = atoi(words[2])) < 1) {
        fprintf(stderr, "usage: upstream PORT CHUNKS\n");
        return 2;
    }
    render_answers();
    int listener = listen_on(atoi(words[1]));
    poller = poller_open();
    poller_add(poller, listener, NULL);
    for (int64_t wait = -1;; wait = release_due(), bury()) {
        struct ready ready[READY_MAX];
        int n = poller_wait(poller, ready, wait);
        for (int i = 0; i < n; i++) {
            struct connection *c = ready[i].owner;
            if (!c) accept_all(listener);
            else if (c->fd < 0) continue;
            else if (!ready[i].writable) receive(c);
            else if (send_allowed(c)) answer_requests(c);
        }
    }
}
