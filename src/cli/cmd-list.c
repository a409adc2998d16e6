/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

#include <string.h>

#include "cli/say.h"

typedef struct
{
  gboolean all, inactive, persistent, transient, autostart, no_autostart, running, paused, shutoff, other;
  gboolean name, uuid, id;
} List;

static const VcField options[] = {
  VC_FLAG (List, all, "--all", .doc = "also guests that are off"),
  VC_FLAG (List, inactive, "--inactive", .doc = "only guests that are off"),
  VC_FLAG (List, persistent, "--persistent", .doc = "only guests with a definition"),
  VC_FLAG (List, transient, "--transient", .doc = "only guests without one"),
  VC_FLAG (List, autostart, "--autostart", .doc = "only guests that start with the host"),
  VC_FLAG (List, no_autostart, "--no-autostart", .doc = "only guests that do not"),
  VC_FLAG (List, running, "--state-running", .doc = "guests that run"),
  VC_FLAG (List, paused, "--state-paused", .doc = "guests that are held"),
  VC_FLAG (List, shutoff, "--state-shutoff", .doc = "guests that are off"),
  VC_FLAG (List, other, "--state-other", .doc = "guests in any other state"),
  VC_FLAG (List, name, "--name", .doc = "names only, one a line"),
  VC_FLAG (List, uuid, "--uuid", .doc = "UUIDs only, one a line"),
  VC_FLAG (List, id, "--id", .doc = "numbers only, one a line"),
  { 0 },
};

/* One line. */
typedef struct
{
  VirtcardDomain *domain; /* borrowed */
  char id[16];
  const char *state;
} Row;

static guint
find_flags (const List *self)
{
  guint flags = (self->persistent ? VIRTCARD_LIST_PERSISTENT : 0u)
                | (self->transient ? VIRTCARD_LIST_TRANSIENT : 0u)
                | (self->autostart ? VIRTCARD_LIST_AUTOSTART : 0u)
                | (self->no_autostart ? VIRTCARD_LIST_NO_AUTOSTART : 0u)
                | (self->running ? VIRTCARD_LIST_RUNNING : 0u) | (self->paused ? VIRTCARD_LIST_PAUSED : 0u)
                | (self->shutoff ? VIRTCARD_LIST_SHUTOFF : 0u) | (self->other ? VIRTCARD_LIST_OTHER : 0u);

  if (self->inactive)
    flags |= VIRTCARD_LIST_INACTIVE;
  else if (!self->all && !self->shutoff)
    flags |= VIRTCARD_LIST_ACTIVE;
  return flags;
}

/* Those that run by their number, then the others by their name. */
static int
compare (gconstpointer a, gconstpointer b)
{
  const VirtcardDomain *one = *(VirtcardDomain *const *) a, *two = *(VirtcardDomain *const *) b;
  int id = virtcard_domain_id (one), other = virtcard_domain_id (two);

  if (id > 0 && other > 0)
    return id < other ? -1 : 1;
  if (id > 0 || other > 0)
    return id > 0 ? -1 : 1;
  return strcmp (virtcard_domain_name (one), virtcard_domain_name (two));
}

/* Columns are as wide as what stands in them, in characters. */
static void
add_table (GString *out, const Row *rows, guint n)
{
  int id_width = 2, name_width = 4, state_width = 5;
  g_autofree char *line = NULL;

  for (guint i = 0; i < n; i++)
    {
      id_width = MAX (id_width, (int) strlen (rows[i].id));
      name_width = MAX (name_width, (int) g_utf8_strlen (virtcard_domain_name (rows[i].domain), -1));
      state_width = MAX (state_width, (int) strlen (rows[i].state));
    }
  line = g_strnfill ((gsize) (id_width + name_width + state_width + 9), '-');
  g_string_append_printf (out, " %-*s   %-*s   %s\n%s\n", id_width, "Id", name_width, "Name", "State", line);
  for (guint i = 0; i < n; i++)
    {
      const char *name = virtcard_domain_name (rows[i].domain);

      g_string_append_printf (out, " %-*s   %s%*s   %s\n", id_width, rows[i].id, name,
                              name_width - (int) g_utf8_strlen (name, -1), "", rows[i].state);
    }
  g_string_append_c (out, '\n');
}

/* A guest that went meanwhile is left out. */
static gboolean
add_all (GString *out, const GPtrArray *domains, GError **error)
{
  g_autofree Row *rows = g_new0 (Row, domains->len + 1);
  guint n = 0;

  for (guint i = 0; i < domains->len; i++)
    {
      VirtcardDomain *domain = domains->pdata[i];
      g_autoptr (GError) why = NULL;
      int state;

      if (virtcard_domain_get_state (domain, &state, NULL, &why))
        {
          Row *row = &rows[n++];

          row->domain = domain;
          row->state = virtcard_state_words (state, 0, NULL);
          g_strlcpy (row->id, "-", sizeof row->id);
          if (virtcard_domain_id (domain) > 0)
            g_snprintf (row->id, sizeof row->id, "%d", virtcard_domain_id (domain));
        }
      else if (!g_error_matches (why, VIRTCARD_ERROR, VIRTCARD_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return FALSE;
        }
    }
  add_table (out, rows, n);
  return TRUE;
}

static void
add_facts (GString *out, const List *self, const GPtrArray *domains)
{
  for (guint i = 0; i < domains->len; i++)
    {
      const VirtcardDomain *domain = domains->pdata[i];

      if (self->name)
        g_string_append_printf (out, "%s\n", virtcard_domain_name (domain));
      else if (self->uuid)
        g_string_append_printf (out, "%s\n", virtcard_domain_uuid (domain));
      else if (virtcard_domain_id (domain) > 0)
        g_string_append_printf (out, "%d\n", virtcard_domain_id (domain));
      else
        g_string_append (out, "-\n");
    }
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const List *self = data;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (VirtcardConnect) connect = NULL;
  g_autoptr (GPtrArray) domains = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_short = self->name || self->uuid || self->id;

  if (self->name + self->uuid + self->id > 1)
    {
      vc_say ("list: --name, --uuid and --id exclude each other");
      return VC_EXIT_USAGE;
    }
  connect = vc_reach (cli);
  if (connect == NULL)
    return VC_EXIT_FAILED;
  domains = virtcard_connect_list (connect, find_flags (self), &error);
  if (domains != NULL)
    g_ptr_array_sort (domains, compare);
  if (domains != NULL && is_short)
    add_facts (out, self, domains);
  if (domains == NULL || (!is_short && !add_all (out, domains, &error)))
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  return vc_put (out->str) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_list = {
  .name = "list",
  .summary = "list guests",
  .about = "Lists the guests that run, with --all also the others, as virsh does: number, name and state. "
           "Filters can be joined; of those that exclude each other any may hold.",
  .options = options,
  .size = sizeof (List),
  .connects = TRUE,
  .run = run,
};
