/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

static void add (GString *out, const char *what, const char *fmt, ...) G_GNUC_PRINTF (3, 4);

static void
add (GString *out, const char *what, const char *fmt, ...)
{
  va_list args;

  g_string_append_printf (out, "%-15s ", what);
  va_start (args, fmt);
  g_string_append_vprintf (out, fmt, args);
  va_end (args);
  g_string_append_c (out, '\n');
}

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  VirtcardDomainInfo info;

  if (!virtcard_domain_get_info (domain, &info, error))
    return FALSE;
  if (virtcard_domain_id (domain) > 0)
    add (out, "Id:", "%d", virtcard_domain_id (domain));
  else
    add (out, "Id:", "-");
  add (out, "Name:", "%s", virtcard_domain_name (domain));
  add (out, "UUID:", "%s", virtcard_domain_uuid (domain));
  add (out, "OS Type:", "%s", info.os_type);
  add (out, "State:", "%s", virtcard_state_words (info.state, 0, NULL));
  add (out, "CPU(s):", "%u", info.vcpus);
  if (info.cpu_ns > 0)
    add (out, "CPU time:", "%.1fs", (double) info.cpu_ns / 1e9);
  add (out, "Max memory:", "%" G_GUINT64_FORMAT " KiB", info.max_memory_kib);
  add (out, "Used memory:", "%" G_GUINT64_FORMAT " KiB", info.memory_kib);
  add (out, "Persistent:", "%s", info.is_persistent ? "yes" : "no");
  add (out, "Autostart:", "%s", info.has_autostart ? "enable" : "disable");
  return TRUE;
}

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_reach_act (cli, ((const VcReachOptions *) data)->domain, act, data, NULL);
}

const VcCommand vc_command_dominfo = {
  .name = "dominfo",
  .summary = "print facts about a guest",
  .about = "Prints what a guest is and what it uses, a fact a line, as virsh does.",
  .options = vc_reach_options,
  .size = sizeof (VcReachOptions),
  .connects = TRUE,
  .run = run,
};
