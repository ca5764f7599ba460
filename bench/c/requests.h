// What the load generator asks: one request for each path, rendered once.
#ifndef RETINUE_BENCH_REQUESTS_H
#define RETINUE_BENCH_REQUESTS_H

#include "net.h"

struct request {
    char *bytes;
    size_t length;
};

static int port;
static const char *token = "sk-bench";
static struct request *requests;
static size_t request_count;

static char *read_file(const char *name, size_t *length) {
    FILE *file = fopen(name, "rb");
    if (!file) die(name);
    size_t room = 1 << 16, n = 0, more;
    char *text = must(malloc(room));
    while ((more = fread(text + n, 1, room - n - 1, file))) {
        if ((n += more) == room - 1) text = must(realloc(text, room *= 2));
    }
    fclose(file);
    text[*length = n] = 0;
    return text;
}

static void add_request(const char *path, const char *body, size_t n) {
    requests = must(realloc(requests, (request_count + 1) * sizeof *requests));
    struct request *made = &requests[request_count++];
    made->bytes = must(malloc(n + strlen(path) + strlen(token) + 512));
    int head = sprintf(made->bytes, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", body ? "POST" : "GET", path, port);
    head += sprintf(made->bytes + head, "Authorization: Bearer %s\r\nAccept: */*\r\n", token);
    if (body) head += sprintf(made->bytes + head, "Content-Type: application/json\r\nContent-Length: %zu\r\n", n);
    head += sprintf(made->bytes + head, "\r\n");
    if (body) memcpy(made->bytes + head, body, n);
    made->length = (size_t)head + n;
}

static void make_requests(const char *path, const char *file) {
    size_t n = 0, ignored;
    char *body = file ? read_file(file, &n) : NULL;
    if (*path == '@') {
        char *paths = read_file(path + 1, &ignored);
        for (char *line = strtok(paths, "\n"); line; line = strtok(NULL, "\n")) add_request(line, body, n);
        free(paths);
    } else add_request(path, body, n);
    free(body);
}

#endif
