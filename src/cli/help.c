/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/help.h"

#include <string.h>

#include "cli/say.h"

#define WIDTH     80u
#define DOC_AT    24u /* column of what a row says */
#define STATUS_AT 7u

void
vc_help_add_wrapped (GString *out, const char *text, guint indent, guint column)
{
  gboolean first = TRUE;

  while (*text != '\0')
    {
      gsize len = strcspn (text, " \n");

      if (!first && column + 1 + len > WIDTH)
        {
          g_string_append_printf (out, "\n%*s", (int) indent, "");
          column = indent;
          first = TRUE;
        }
      g_string_append_printf (out, "%s%.*s", first ? "" : " ", (int) len, text);
      column += (first ? 0 : 1) + (guint) len;
      first = FALSE;
      text += len;
      if (g_str_has_prefix (text, "\n\n"))
        {
          g_string_append_printf (out, "\n\n%*s", (int) indent, "");
          column = indent;
          first = TRUE;
        }
      text += strspn (text, " \n");
    }
  g_string_append_c (out, '\n');
}

void
vc_help_add_synopsis (GString *out, const VcField *row)
{
  gboolean optional = (row->flags & VC_REQUIRED) == 0;
  VcPlace place;

  vc_option_place (row, &place);
  g_string_append (out, optional ? "[" : "");
  if (!place.argument)
    g_string_append_printf (out, "--%s%s", place.name, place.value[0] != '\0' ? " " : "");
  g_string_append_printf (out, "%s%s%s", place.value, place.repeated ? "..." : "", optional ? "]" : "");
}

/* "  --host      doc" */
static void
add_row (GString *out, guint indent, guint doc_at, const char *what, const char *doc)
{
  guint column = indent + (guint) strlen (what);

  g_string_append_printf (out, "%*s%s", (int) indent, "", what);
  if (column + 2 > doc_at)
    {
      g_string_append_c (out, '\n');
      column = 0;
    }
  g_string_append_printf (out, "%*s", (int) (doc_at - column), "");
  vc_help_add_wrapped (out, doc, doc_at, doc_at);
}

static void
add_rows (GString *out, guint indent, const VcField *rows)
{
  for (; rows != NULL && rows->xml != NULL; rows++)
    {
      g_autofree char *choices
          = rows->choices != NULL ? g_strjoinv (", ", (char **) rows->choices + 1) : NULL;
      g_autofree char *doc
          = choices != NULL ? g_strdup_printf ("%s: %s", rows->doc, choices) : g_strdup (rows->doc);

      add_row (out, indent, DOC_AT, rows->xml, doc);
    }
}

static void
add_status (GString *out, const VcStatus *row)
{
  g_autofree char *number = g_strdup_printf ("%d", row->status);

  add_row (out, 4, STATUS_AT, number, row->doc);
}

static int
put (const GString *text)
{
  return vc_put (text->str) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

int
vc_help_put_all (void)
{
  g_autoptr (GString) out
      = g_string_new ("virtcard - virtual smartcards for QEMU guests\n\n"
                      "usage: virtcard [--root DIR] COMMAND [ARGUMENT]...\n\ncommands:\n");

  for (guint i = 0; vc_commands[i] != NULL; i++)
    add_row (out, 2, DOC_AT, vc_commands[i]->name, vc_commands[i]->summary);
  g_string_append (out, "\noptions of every command:\n");
  add_rows (out, 2, vc_cli_options);
  g_string_append (out, "\n'virtcard help COMMAND' says more about one; the manual is virtcard(1).\n");
  return put (out);
}

int
vc_help_put_command (const VcCommand *command)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GString) synopsis = g_string_new (vc_command_title (command));
  const VcStatus *status = command->statuses != NULL ? command->statuses : vc_cli_statuses;

  g_string_append_printf (out, "  NAME\n    %s - %s\n\n  SYNOPSIS\n    ", command->name, command->summary);
  for (const VcField *row = command->options; row != NULL && row->xml != NULL; row++)
    {
      g_string_append_c (synopsis, ' ');
      vc_help_add_synopsis (synopsis, row);
    }
  vc_help_add_wrapped (out, synopsis->str, 6, 4);
  g_string_append (out, "\n  DESCRIPTION\n    ");
  vc_help_add_wrapped (out, command->about, 4, 4);
  if (command->options != NULL)
    g_string_append (out, "\n  OPTIONS\n");
  add_rows (out, 4, command->options);
  g_string_append (out, "\n  EXIT STATUS\n");
  for (; status->doc != NULL; status++)
    add_status (out, status);
  add_status (out, &vc_cli_usage_status);
  return put (out);
}

int
vc_help_put_version (void)
{
  return vc_put ("virtcard " VC_VERSION "\n") ? VC_EXIT_OK : VC_EXIT_FAILED;
}
