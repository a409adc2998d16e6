/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

typedef struct
{
  gboolean reason;
  char *domain;
} Domstate;

static const VcField options[] = { VC_FLAG (Domstate, reason, "--reason", .doc = "also why"),
                                   VC_DOMAIN (Domstate, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,
                                              .doc = "name, UUID or number of the guest"),
                                   { 0 } };

static gboolean
act (VirtcardDomain *domain, gconstpointer data, GString *out, GError **error)
{
  const Domstate *self = data;
  const char *why = NULL;
  const char *words;
  int state, reason;

  if (!virtcard_domain_get_state (domain, &state, &reason, error))
    return FALSE;
  words = virtcard_state_words (state, reason, &why);
  g_string_append (out, words);
  if (self->reason)
    g_string_append_printf (out, " (%s)", why != NULL ? why : "unknown");
  g_string_append_c (out, '\n');
  return TRUE;
}

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_reach_act (cli, ((const Domstate *) data)->domain, act, data, NULL);
}

const VcCommand vc_command_domstate = {
  .name = "domstate",
  .summary = "print what a guest does",
  .about = "Prints the guest's state: running, paused, in shutdown, shut off, crashed or pmsuspended.",
  .options = options,
  .size = sizeof (Domstate),
  .connects = TRUE,
  .run = run,
};
