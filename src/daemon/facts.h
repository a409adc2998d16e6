/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What the kernel says of the host: /proc and /sys, read when asked. */

typedef struct
{
  char arch[33];
  char uuid[37]; /* of the machine, from /etc/machine-id: no secret, but its own */
  guint64 memory_kib;
  guint cpus; /* online          */
  guint mhz;  /* 0: not known    */
  guint sockets, cores, threads;
} VcHostFacts;

gboolean vc_host_facts (VcHostFacts *ret_facts, GError **error);

typedef struct
{
  guint64 total_kib, free_kib, buffers_kib, cached_kib;
} VcHostMemory;

gboolean vc_host_memory (VcHostMemory *ret_memory, GError **error);

typedef struct
{
  guint64 user_ns, system_ns, idle_ns, iowait_ns;
} VcHostTimes;

/* vc_host_times - of a processor; -1: of all of them */
gboolean vc_host_times (int cpu, VcHostTimes *ret_times, GError **error);

/* vc_host_is_online - may a processor run something? */
gboolean vc_host_is_online (guint cpu);
