// A closed-loop load generator: each connection asks the same again as soon as the answer is whole. It costs a few
// microseconds an answer, so that it is not what is being measured.
//
// usage: load [options] PORT PATH [BODYFILE]
//
// With a BODYFILE it posts that, else it gets. PATH may be @FILE, which holds a path a line: the first connection asks
// at the first, and so on, and round again.
//   -c N      connections (1)
//   -d S      seconds that are measured (5)
//   -w S      seconds of warm-up before them (1)
//   -r MS     open the connections evenly over this time (0: at once)
//   -p MS     pause of a connection between an answer and the next request (0)
//   -k TOKEN  bearer token (sk-bench)
//   -e MARK   what each event of a stream holds, such as "data: "; the first one stops the clock of "first"
//   -f MARK   what a good answer holds at its end, such as "[DONE]"
//
// Once every connection has had its first event, a line says {"open_after_s": S}.
// After the measured time, answers under way are awaited for DRAIN_US; SIGTERM ends everything at once. The last
// line is JSON:
//   per_second, first_ms_p50/p99, total_ms_p50/p99    of the answers that ended in the measured time
//   answers, events, failed                           of the whole run, for dividing a server's CPU time by
//   open                                              streams under way at the end that had their first event
//   silent_ms                                         of those, how long the most silent one had had no event
#define _GNU_SOURCE
#include "net.h"
#include "requests.h"
#include "samples.h"

enum { HEAD_MAX = 8192, RECEIVE_MAX = 1 << 18, MARK_MAX = 128, SHOWN_MAX = 600 };
enum { DRAIN_US = 10 * 1000000 };

struct mark {
    const char *text; // NULL: not looked for
    size_t length;
};

// Where in an answer a connection stands.
enum part { HEAD, PLAIN_BODY, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER, WHOLE };

struct connection {
    int fd;
    bool busy;
    const struct request *request;
    size_t written;            // of it
    bool blocked;              // waiting for room to write
    enum part part;
    char head[HEAD_MAX];
    size_t head_length;
    uint64_t left;             // bytes of the body or of this chunk still to come
    bool line_is_empty;        // in the trailer
    bool closes;               // the server closes after this answer
    char carry[MARK_MAX];      // the payload's last bytes: a mark may be cut in two
    size_t carried;
    int64_t sent_us, first_us; // first_us is 0 until the first event
    int64_t last_us;           // the newest event
    bool final_seen;
    int64_t due_us;            // while it pauses: when it asks again
    struct connection *next_pausing;
};

static int poller, connections = 1;
static struct mark event, final;
static int64_t measured_from_us, measured_to_us, pause_us;
// The pause is the same for all, so who is appended last is due last: a queue serves as the timer.
static struct connection *pausing, **pausing_end = &pausing;
static struct samples firsts, totals;
static long answers, events, failed, busy, begun, streaming;
static int64_t start_us, silent_us;
static volatile sig_atomic_t stopped;

static void stop(int signal_number) {
    (void)signal_number;
    stopped = 1;
}

static void open_connection(struct connection *c) {
    struct sockaddr_in address = loopback(port);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0) die("socket");
    prepare_socket(c->fd);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) die("connect");
    c->blocked = false;
    poller_add(poller, c->fd, c);
}

static void send_request(struct connection *c) {
    while (c->written < c->request->length) {
        ssize_t n = write(c->fd, c->request->bytes + c->written, c->request->length - c->written);
        if (n < 0 && errno != EAGAIN && errno != ENOTCONN) break; // it hung up, which reading tells
        bool full = n < 0;
        if (full != c->blocked) poller_write(poller, c->fd, c, c->blocked = full);
        if (full) return;
        c->written += (size_t)n;
    }
    if (c->blocked) poller_write(poller, c->fd, c, c->blocked = false);
}

static void ask(struct connection *c) {
    c->part = HEAD;
    c->head_length = c->carried = 0;
    c->first_us = 0;
    c->final_seen = c->closes = false;
    c->sent_us = now_us();
    c->busy = true;
    busy++;
    c->written = 0;
    send_request(c);
}

static void pause_before_asking(struct connection *c) {
    c->due_us = now_us() + pause_us;
    c->next_pausing = NULL;
    *pausing_end = c;
    pausing_end = &c->next_pausing;
}

// Let those ask whose pause is over; return how long to wait for the next one, at most `most_us`.
static int64_t ask_due(int64_t now, int64_t most_us) {
    while (pausing && pausing->due_us <= now) {
        struct connection *c = pausing;
        if (!(pausing = c->next_pausing)) pausing_end = &pausing;
        if (now < measured_to_us) ask(c);
    }
    int64_t left_us = pausing ? pausing->due_us - now : most_us;
    return left_us < most_us ? left_us : most_us;
}

// The connection's answer is over, well or badly: go round again.
static void next(struct connection *c, bool reconnect) {
    c->busy = false;
    busy--;
    if (reconnect) {
        close(c->fd);
        open_connection(c);
    }
    if (now_us() >= measured_to_us) return;
    if (pause_us) pause_before_asking(c);
    else ask(c);
}

static void fail(struct connection *c, const char *why, const char *bytes, size_t n) {
    if (!failed++) fprintf(stderr, "load: first failure: %s\n%.*s\n", why, (int)(n < SHOWN_MAX ? n : SHOWN_MAX), bytes);
    next(c, true);
}

static void finish(struct connection *c) {
    int64_t now = now_us();
    if (final.text && !c->final_seen) return fail(c, "an answer without its final mark", c->head, c->head_length);
    answers++;
    if (now >= measured_from_us && now < measured_to_us) {
        record(&firsts, (c->first_us ? c->first_us : now) - c->sent_us);
        record(&totals, now - c->sent_us);
    }
    next(c, c->closes);
}

static long occurrences(struct mark mark, const char *text, size_t n, size_t carried) {
    long count = 0;
    for (const char *at = text; (at = memmem(at, n - (size_t)(at - text), mark.text, mark.length)); at += mark.length)
        count += (size_t)(at - text) + mark.length > carried; // else it was counted when it came
    return count;
}

static void begin(struct connection *c) {
    c->first_us = c->last_us;
    if (++begun != connections) return;
    printf("{\"open_after_s\":%.3f}\n", (double)(c->first_us - start_us) / 1e6);
    fflush(stdout);
}

// Look at the payload that came at once: `text` is what was carried over and the `n` bytes after it.
static void scan(struct connection *c, const char *text, size_t n) {
    size_t length = c->carried + n;
    long seen = event.text ? occurrences(event, text, length, c->carried) : 1;
    if (seen) c->last_us = now_us();
    if (seen && !c->first_us) begin(c);
    if (event.text) events += seen;
    if (final.text && occurrences(final, text, length, c->carried)) c->final_seen = true;
    c->carried = length < MARK_MAX - 1 ? length : MARK_MAX - 1;
    memcpy(c->carry, text + length - c->carried, c->carried);
}

// Take bytes of the head; false if the answer is no good.
static bool take_head(struct connection *c, const char **at, const char *end) {
    size_t n = (size_t)(end - *at), held = c->head_length;
    if (n > HEAD_MAX - 1 - held) n = HEAD_MAX - 1 - held;
    memcpy(c->head + held, *at, n);
    c->head[held + n] = 0;
    char *body = strstr(c->head, "\r\n\r\n");
    c->head_length = body ? (size_t)(body + 4 - c->head) : held + n;
    *at += c->head_length - held;
    if (!body) return c->head_length < HEAD_MAX - 1;
    c->head[c->head_length] = 0;
    char *length = strcasestr(c->head, "\ncontent-length:");
    c->closes = strcasestr(c->head, "\nconnection: close");
    c->left = length ? strtoull(length + 16, NULL, 10) : 0;
    if (strcasestr(c->head, "\ntransfer-encoding: chunked")) c->part = CHUNK_SIZE;
    else c->part = c->left ? PLAIN_BODY : WHOLE;
    return !strncmp(c->head + 8, " 200", 4);
}

static int hex(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

// Take one byte of the framing between the chunks.
static void take_frame(struct connection *c, char byte) {
    switch (c->part) {
    case CHUNK_SIZE:
        if (byte == '\n') {
            c->part = c->left ? CHUNK : TRAILER;
            c->line_is_empty = true;
        } else if (hex(byte) >= 0) c->left = c->left * 16 + (uint64_t)hex(byte);
        break;
    case CHUNK_END:
        if (byte == '\n') c->part = CHUNK_SIZE;
        break;
    default:
        if (byte == '\n') {
            if (c->line_is_empty) c->part = WHOLE;
            c->line_is_empty = true;
        } else if (byte != '\r') c->line_is_empty = false;
    }
}

static void take(struct connection *c, const char *at, const char *end) {
    static char payload[MARK_MAX + RECEIVE_MAX];
    const char *start = at;
    size_t n = 0;
    memcpy(payload, c->carry, c->carried);
    while (at < end && c->part != WHOLE) {
        if (c->part == HEAD) {
            if (!take_head(c, &at, end)) return fail(c, "not a 200", start, (size_t)(end - start));
        } else if (c->part == PLAIN_BODY || c->part == CHUNK) {
            size_t piece = (uint64_t)(end - at) < c->left ? (size_t)(end - at) : (size_t)c->left;
            memcpy(payload + c->carried + n, at, piece);
            n += piece;
            at += piece;
            if (!(c->left -= piece)) c->part = c->part == CHUNK ? CHUNK_END : WHOLE;
        } else take_frame(c, *at++);
    }
    if (n) scan(c, payload, n);
    if (c->part == WHOLE) finish(c);
}

static void receive(struct connection *c) {
    static char bytes[RECEIVE_MAX];
    ssize_t n = read(c->fd, bytes, sizeof bytes);
    if (n > 0 && c->busy) take(c, bytes, bytes + n);
    else if (n < 0 && errno == EAGAIN) return;
    else if (c->busy) fail(c, "the server hung up", c->head, c->head_length);
    else if (n <= 0) {
        close(c->fd); // idle: it is in its pause, or at the end of the measurement
        if (now_us() < measured_to_us) open_connection(c);
    }
}

static struct mark mark_of(const char *text) {
    if (!*text || strlen(text) >= MARK_MAX) {
        fprintf(stderr, "load: a mark has 1 to %d characters\n", MARK_MAX - 1);
        exit(2);
    }
    return (struct mark){text, strlen(text)};
}

static void report(double seconds) {
    qsort(firsts.ms, firsts.count, sizeof(float), by_value);
    qsort(totals.ms, totals.count, sizeof(float), by_value);
    printf("{\"per_second\":%.1f,\"first_ms_p50\":%.3f,\"first_ms_p99\":%.3f,\"total_ms_p50\":%.3f,"
           "\"total_ms_p99\":%.3f,\"answers\":%ld,\"events\":%ld,\"failed\":%ld,\"open\":%ld,"
           "\"silent_ms\":%.1f}\n",
           (double)totals.count / seconds, percentile(&firsts, 50), percentile(&firsts, 99), percentile(&totals, 50),
           percentile(&totals, 99), answers, events, failed, streaming, (double)silent_us / 1000);
}

static bool is_over(int64_t now) {
    return stopped || (now >= measured_to_us && (!busy || now >= measured_to_us + DRAIN_US));
}

static void run(int64_t ramp_us) {
    struct connection *all = must(calloc((size_t)connections, sizeof *all));
    struct ready ready[READY_MAX];
    int opened = 0;
    for (int64_t now = start_us; !is_over(now); now = now_us()) {
        // Some at a time, so that those already open are served meanwhile.
        for (int i = 0; i < 64 && opened < connections && now < measured_to_us; i++) {
            if (ramp_us && now - start_us < ramp_us * opened / connections) break;
            all[opened].request = &requests[(size_t)opened % request_count];
            open_connection(&all[opened]);
            ask(&all[opened++]);
        }
        int n = poller_wait(poller, ready, ask_due(now, opened < connections ? 1000 : 50000));
        for (int i = 0; i < n; i++) (ready[i].writable ? send_request : receive)(ready[i].owner);
    }
    int64_t end_us = now_us();
    for (struct connection *c = all; c < all + opened; c++) {
        if (!c->busy || !c->first_us) continue;
        streaming++;
        if (end_us - c->last_us > silent_us) silent_us = end_us - c->last_us;
    }
    free(all);
}

int main(int count, char **words) {
    double measured_s = 5, warm_up_s = 1;
    int64_t ramp_us = 0;
    for (int option; (option = getopt(count, words, "c:d:w:r:p:k:e:f:")) != -1;) {
        switch (option) {
        case 'c': connections = atoi(optarg); break;
        case 'd': measured_s = atof(optarg); break;
        case 'w': warm_up_s = atof(optarg); break;
        case 'r': ramp_us = atoll(optarg) * 1000; break;
        case 'p': pause_us = atoll(optarg) * 1000; break;
        case 'k': token = optarg; break;
        case 'e': event = mark_of(optarg); break;
        case 'f': final = mark_of(optarg); break;
        default: return 2;
        }
    }
    if (count - optind < 2 || count - optind > 3 || connections < 1 || measured_s <= 0) {
        fprintf(stderr, "usage: load [-c N] [-d S] [-w S] [-r MS] [-p MS] [-k TOKEN] [-e MARK] [-f MARK]"
                        " PORT PATH|@FILE [BODYFILE]\n");
        return 2;
    }
    port = atoi(words[optind]);
    make_requests(words[optind + 1], words[optind + 2]); // NULL ends the words
    if (!request_count) die(words[optind + 1]);
    signal(SIGTERM, stop);
    poller = poller_open();
    start_us = now_us();
    measured_from_us = start_us + (int64_t)(warm_up_s * 1e6);
    measured_to_us = measured_from_us + (int64_t)(measured_s * 1e6);
    run(ramp_us);
    report(measured_s);
}
