/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manager/head.h"

#include <stdio.h>
#include <string.h>

static const char advice[]
    = "<!-- The definition of a guest, kept by virtcard. To change it while virtcardd runs, "
      "use virsh edit. -->\n";

#define BEGIN "<!-- virtcard "
#define END   " -->\n"

VcSizes
vc_sizes_of (const VcDomain *domain)
{
  return (VcSizes){ .max_memory = domain->memory,
                    .memory = domain->current_memory > 0 ? MIN (domain->current_memory, domain->memory)
                                                         : domain->memory,
                    .vcpus = vc_u32_or (domain->online, vc_u32_or (domain->vcpus, 1)),
                    .max_vcpus = vc_u32_or (domain->vcpus, 1) };
}

static char *
print_sum (const char *name, const char *uuid, const VcSizes *sizes, const char *text, gsize len)
{
  g_autofree char *facts
      = g_strdup_printf (BEGIN VC_VERSION ": %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %u %u ", uuid,
                         sizes->max_memory, sizes->memory, sizes->vcpus, sizes->max_vcpus);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (sum, (const guint8 *) name, (gssize) strlen (name) + 1);
  g_checksum_update (sum, (const guint8 *) facts, (gssize) strlen (facts));
  g_checksum_update (sum, (const guint8 *) text, (gssize) len);
  return g_strconcat (facts, g_checksum_get_string (sum), END, NULL);
}

char *
vc_head_new (const VcDomain *domain, const char *text)
{
  VcSizes sizes = vc_sizes_of (domain);
  g_autofree char *sum = print_sum (domain->name, domain->uuid, &sizes, text, strlen (text));

  return g_strconcat (advice, sum, NULL);
}

gboolean
vc_head_read (const char *file, gsize len, const char *name, char ret_uuid[VC_HEAD_UUID], VcSizes *ret_sizes)
{
  const char *text = vc_head_skip (file);
  const char *line = file + strlen (advice);
  g_autofree char *sum = NULL;

  if (text <= line
      || sscanf (line, BEGIN "%*s %36s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %u %u ", ret_uuid,
                 &ret_sizes->max_memory, &ret_sizes->memory, &ret_sizes->vcpus, &ret_sizes->max_vcpus)
             != 5)
    return FALSE;
  sum = print_sum (name, ret_uuid, ret_sizes, text, len - (gsize) (text - file));
  return strlen (sum) == (gsize) (text - line) && memcmp (sum, line, strlen (sum)) == 0;
}

const char *
vc_head_skip (const char *file)
{
  const char *line, *end;

  if (strncmp (file, advice, strlen (advice)) != 0)
    return file;
  line = file + strlen (advice);
  end = strncmp (line, BEGIN, strlen (BEGIN)) == 0 ? strchr (line, '\n') : NULL;
  return end != NULL ? end + 1 : line;
}
