/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* What the measuring programs share: a clock, and one line for many times. */

static inline double
now_us (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

static inline int
by_time (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* "NAME p50 p99" in microseconds: what bench/run reads. */
static inline void
report (const char *name, double *times, guint n)
{
  qsort (times, n, sizeof times[0], by_time);
  printf ("%s %.3f %.3f\n", name, times[n / 2], times[MIN (n - 1, n * 99 / 100)]);
  fflush (stdout);
}

/* "NAME:rate N N": operations a second */
static inline void
report_rate (const char *name, guint n, double us)
{
  printf ("%s:rate %.3f %.3f\n", name, n / us * 1e6, n / us * 1e6);
  fflush (stdout);
}
