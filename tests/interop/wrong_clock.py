"""A program whose clock is wrong, by as many seconds as it is told while it runs.

    with Program("env", *wrong_clock(folder), strata, "serve", ...):
        set_clock(folder, -86400)                       # yesterday
"""
from meeting import run

WRONG_CLOCK = r"""
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static long offset(void) {
    long seconds = 0;
    FILE* file = fopen(getenv("WRONG_BY"), "r");
    if (file != NULL) {
        if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
        fclose(file);
    }
    return seconds;
}
int clock_gettime(clockid_t clock, struct timespec* now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += offset();
    return result;
}
time_t time(time_t* where) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (where != NULL) *where = now.tv_sec;
    return now.tv_sec;
}
"""


def set_clock(folder, seconds):
    (folder / "offset").write_text(str(seconds))


def wrong_clock(folder):
    """What its environment has besides, for env(1). Needs cc."""
    (folder / "wrong.c").write_text(WRONG_CLOCK)
    run("cc", "-shared", "-fPIC", "-O1", "-o", folder / "wrong.so", folder / "wrong.c")
    set_clock(folder, 0)
    return f"LD_PRELOAD={folder}/wrong.so", f"WRONG_BY={folder}/offset"
