// What the upstream says, rendered once: HTTP answers as OpenAI's API gives them, heads and framing included.
#ifndef RETINUE_BENCH_ANSWERS_H
#define RETINUE_BENCH_ANSWERS_H

#include "net.h"

enum { EVENT_MAX = 1024, CALLS_MAX = 8 };

struct answer {
    char *bytes;
    size_t length;
};

static int chunks; // text deltas of a streamed answer
static struct answer streamed, whole, models, calls[CALLS_MAX];
static size_t *piece_ends; // piece i of `streamed` ends at piece_ends[i]; the last holds finish, usage and [DONE]

static void append(struct answer *to, const char *text) {
    size_t n = strlen(text);
    to->bytes = must(realloc(to->bytes, to->length + n + 1));
    memcpy(to->bytes + to->length, text, n + 1);
    to->length += n;
}

// One event in a chunk of its own, as providers send them.
static void append_event(struct answer *to, const char *data) {
    char frame[EVENT_MAX + 64];
    snprintf(frame, sizeof frame, "%zx\r\ndata: %s\n\n\r\n", strlen(data) + 8, data);
    append(to, frame);
}

static void append_chunk(struct answer *to, const char *choices, const char *rest) {
    char data[EVENT_MAX];
    snprintf(data, sizeof data,
             "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWXYZ012\",\"object\":\"chat.completion.chunk\","
             "\"created\":1767225600,\"model\":\"bench-1\",\"service_tier\":\"default\","
             "\"system_fingerprint\":\"fp_0123456789\",\"choices\":[%s]%s}",
             choices, rest);
    append_event(to, data);
}

static const char STREAM_HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
                                  "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";

static void append_end(struct answer *to, const char *reason, int tokens) {
    char choice[EVENT_MAX / 2], usage[EVENT_MAX / 2];
    snprintf(choice, sizeof choice, "{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"%s\"}", reason);
    append_chunk(to, choice, ",\"usage\":null");
    snprintf(usage, sizeof usage,
             ",\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":%d,\"total_tokens\":%d,"
             "\"prompt_tokens_details\":{\"cached_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0}}",
             tokens, tokens + 20);
    append_chunk(to, "", usage);
    append_event(to, "[DONE]");
    append(to, "0\r\n\r\n");
}

static void render_streamed(void) {
    char choice[EVENT_MAX / 2];
    piece_ends = must(calloc((size_t)chunks + 1, sizeof *piece_ends));
    append(&streamed, STREAM_HEAD);
    for (int i = 0; i < chunks; i++) {
        snprintf(choice, sizeof choice,
                 "{\"index\":0,\"delta\":{%s\"content\":\" token%d\"},\"logprobs\":null,\"finish_reason\":null}",
                 i ? "" : "\"role\":\"assistant\",\"refusal\":null,", i);
        append_chunk(&streamed, choice, ",\"usage\":null");
        piece_ends[i] = streamed.length;
    }
    append_end(&streamed, "stop", chunks);
    piece_ends[chunks] = streamed.length;
}

static void render_json(struct answer *to, const struct answer *body) {
    char head[128];
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
             body->length);
    append(to, head);
    append(to, body->bytes);
}

static void render_whole(void) {
    struct answer body = {0};
    char piece[256];
    append(&body, "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWXYZ012\",\"object\":\"chat.completion\","
                  "\"created\":1767225600,\"model\":\"bench-1\",\"choices\":[{\"index\":0,"
                  "\"message\":{\"role\":\"assistant\",\"refusal\":null,\"content\":\"");
    for (int i = 0; i < chunks; i++) {
        snprintf(piece, sizeof piece, " token%d", i);
        append(&body, piece);
    }
    snprintf(piece, sizeof piece,
             "\"},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
             "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":%d,\"total_tokens\":%d}}",
             chunks, chunks + 20);
    append(&body, piece);
    render_json(&whole, &body);
    free(body.bytes);
}

// A turn that calls a function: its name, its argument in pieces, and why the turn ends.
static void render_call(struct answer *to, int number) {
    static const char *const arguments[] = {"{\\\"word\\\":", "\\\"latency\\\"", "}"};
    char choice[EVENT_MAX / 2];
    append(to, STREAM_HEAD);
    snprintf(choice, sizeof choice,
             "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,"
             "\"id\":\"call_%024d\",\"type\":\"function\",\"function\":{\"name\":\"look_up\",\"arguments\":\"\"}}]},"
             "\"logprobs\":null,\"finish_reason\":null}", number);
    append_chunk(to, choice, ",\"usage\":null");
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
        snprintf(choice, sizeof choice,
                 "{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"%s\"}}]},"
                 "\"logprobs\":null,\"finish_reason\":null}", arguments[i]);
        append_chunk(to, choice, ",\"usage\":null");
    }
    append_end(to, "tool_calls", 12);
}

static void render_models(void) {
    struct answer body = {0};
    append(&body, "{\"object\":\"list\",\"data\":[{\"id\":\"bench-1\",\"object\":\"model\","
                  "\"created\":1767225600,\"owned_by\":\"bench\"}]}");
    render_json(&models, &body);
    free(body.bytes);
}

static void render_answers(void) {
    render_streamed();
    render_whole();
    render_models();
    for (int i = 0; i < CALLS_MAX; i++) render_call(&calls[i], i);
}

#endif
