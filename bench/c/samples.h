// Times, and the percentiles of them.
#ifndef RETINUE_BENCH_SAMPLES_H
#define RETINUE_BENCH_SAMPLES_H

#include "net.h"

struct samples {
    float *ms;
    size_t count, room;
};

static void record(struct samples *to, int64_t us) {
    if (to->count == to->room) {
        to->room = to->room ? to->room * 2 : 65536;
        to->ms = must(realloc(to->ms, to->room * sizeof *to->ms));
    }
    to->ms[to->count++] = (float)us / 1000;
}

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double percentile(const struct samples *sorted, int percent) {
    return sorted->count ? sorted->ms[(sorted->count - 1) * (size_t)percent / 100] : 0;
}

#endif
