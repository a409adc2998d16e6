/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/error.h"

static char *
read_all (const char *path, GError **error)
{
  g_autoptr (GError) why = NULL;
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, &why))
    vc_fail (error, VC_ERROR_FAILED, "%s", why->message);
  return text;
}

/* The number behind a word that begins a line. */
static guint64
find_number (const char *text, const char *word)
{
  gsize len = strlen (word);

  for (; text != NULL; text = strchr (text, '\n'))
    {
      text += *text == '\n';
      if (strncmp (text, word, len) == 0)
        return g_ascii_strtoull (text + len + strspn (text + len, "\t :"), NULL, 10);
      if (*text == '\0')
        break;
    }
  return 0;
}

gboolean
vc_host_memory (VcHostMemory *ret_memory, GError **error)
{
  g_autofree char *text = read_all ("/proc/meminfo", error);

  if (text == NULL)
    return FALSE;
  *ret_memory = (VcHostMemory){
    .total_kib = find_number (text, "MemTotal:"),
    .free_kib = find_number (text, "MemFree:"),
    .buffers_kib = find_number (text, "Buffers:"),
    .cached_kib = find_number (text, "Cached:"),
  };
  return TRUE;
}

gboolean
vc_host_times (int cpu, VcHostTimes *ret_times, GError **error)
{
  g_autofree char *text = read_all ("/proc/stat", error);
  g_autofree char *word = cpu < 0 ? g_strdup ("cpu ") : g_strdup_printf ("cpu%d ", cpu);
  guint64 tick = G_GUINT64_CONSTANT (1000000000) / (guint64) sysconf (_SC_CLK_TCK);
  guint64 ticks[7] = { 0 }; /* user, nice, system, idle, iowait, irq, softirq */
  const char *at;

  if (text == NULL)
    return FALSE;
  at = g_str_has_prefix (text, word) ? text : NULL;
  for (const char *line = text; at == NULL && (line = strchr (line, '\n')) != NULL;)
    if (g_str_has_prefix (++line, word))
      at = line;
  if (at == NULL || cpu < -1)
    return vc_fail (error, VC_ERROR_LIMIT, "the host has no processor %d that runs", cpu);
  at += strlen (word);
  for (guint i = 0; i < G_N_ELEMENTS (ticks); i++)
    {
      char *end;

      ticks[i] = g_ascii_strtoull (at, &end, 10);
      at = end;
    }
  *ret_times = (VcHostTimes){
    .user_ns = (ticks[0] + ticks[1]) * tick,
    .system_ns = (ticks[2] + ticks[5] + ticks[6]) * tick,
    .idle_ns = ticks[3] * tick,
    .iowait_ns = ticks[4] * tick,
  };
  return TRUE;
}

gboolean
vc_host_is_online (guint cpu)
{
  g_autofree char *path = g_strdup_printf ("/sys/devices/system/cpu/cpu%u/online", cpu);
  g_autofree char *text = NULL;

  return !g_file_get_contents (path, &text, NULL, NULL)
         || *text == '1'; /* the first often has no such file */
}

/* How many different values a field of /proc/cpuinfo has; at least one. */
static guint
count_different (const char *text, const char *word)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (const char *at = text; (at = strstr (at, word)) != NULL; at += strlen (word))
    g_hash_table_add (seen,
                      GINT_TO_POINTER (atoi (at + strlen (word) + strspn (at + strlen (word), "\t :"))));
  return MAX (g_hash_table_size (seen), 1);
}

static void
read_uuid (char *uuid)
{
  g_autofree char *id = NULL;

  g_strlcpy (uuid, "00000000-0000-0000-0000-000000000000", 37);
  if (!g_file_get_contents ("/etc/machine-id", &id, NULL, NULL) || strspn (id, "0123456789abcdef") < 32)
    return;
  snprintf (uuid, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", id, id + 8, id + 12, id + 16, id + 20);
}

gboolean
vc_host_facts (VcHostFacts *ret_facts, GError **error)
{
  VcHostFacts facts = { .cpus = (guint) sysconf (_SC_NPROCESSORS_ONLN) };
  g_autofree char *text = read_all ("/proc/cpuinfo", error);
  VcHostMemory memory;
  struct utsname name;

  if (text == NULL || !vc_host_memory (&memory, error))
    return FALSE;
  if (uname (&name) == 0)
    g_strlcpy (facts.arch, name.machine, sizeof facts.arch);
  facts.memory_kib = memory.total_kib;
  facts.mhz = (guint) find_number (text, "cpu MHz");
  facts.sockets = count_different (text, "physical id");
  facts.cores = MAX ((guint) find_number (text, "cpu cores"), 1);
  facts.threads = MAX (facts.cpus / (facts.sockets * facts.cores), 1);
  if (facts.sockets * facts.cores * facts.threads != facts.cpus) /* some are offline, or the host is odd */
    {
      facts.sockets = facts.threads = 1;
      facts.cores = facts.cpus;
    }
  read_uuid (facts.uuid);
  *ret_facts = facts;
  return TRUE;
}
