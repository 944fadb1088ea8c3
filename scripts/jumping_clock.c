// Shared library for LD_PRELOAD, with which the wall clock jumps every seven seconds.
//
// Monotonic clocks and timers are those of the system. Processes that do not use the C library's
// functions read the system's wall clock.
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const long offsets[] = {0, 30, -30, 600, 0, -600, 3600, -3600, 0, 86400, -86400};  // seconds

int clock_gettime(clockid_t clock, struct timespec *value) {
  struct timespec steady;
  int status = syscall(SYS_clock_gettime, clock, value);
  if (!status && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &steady);
    value->tv_sec += offsets[steady.tv_sec / 7 % (sizeof offsets / sizeof *offsets)];
  }
  return status;
}

int gettimeofday(struct timeval *value, void *zone) {
  struct timespec now;
  int status = clock_gettime(CLOCK_REALTIME, &now);
  value->tv_sec = now.tv_sec;
  value->tv_usec = now.tv_nsec / 1000;
  return status;
}

time_t time(time_t *copy) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return copy ? (*copy = now.tv_sec) : now.tv_sec;
}
