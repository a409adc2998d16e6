/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "cli/help.h"

/* Prints what the manual and the completion of bash contain of the rows:
 *
 *   print-rows man           reStructuredText of the commands
 *   print-rows completion    functions that say what can stand where
 *
 * The rest of both is written by hand around it (tests/cli/test_cli.py compares and updates).
 */

static void
add_markup (GString *out, const char *text)
{
  for (; *text != '\0'; text++)
    {
      if (strchr ("\\*`|_", *text) != NULL)
        g_string_append_c (out, '\\');
      g_string_append_c (out, *text);
    }
}

static void
add_definition (GString *out, const char *term, const char *doc)
{
  g_string_append_printf (out, "``%s``\n  ", term);
  vc_help_add_wrapped (out, doc, 2, 2);
  g_string_append_c (out, '\n');
}

static void
add_definitions (GString *out, const VcField *rows)
{
  for (; rows != NULL && rows->xml != NULL; rows++)
    {
      g_autoptr (GString) doc = g_string_new (NULL);
      g_autofree char *choices
          = rows->choices != NULL ? g_strjoinv (", ", (char **) rows->choices + 1) : NULL;

      add_markup (doc, rows->doc);
      if (choices != NULL)
        g_string_append_printf (doc, ": %s", choices);
      add_definition (out, rows->xml, doc->str);
    }
}

static void
add_status (GString *out, const VcStatus *row)
{
  g_autoptr (GString) doc = g_string_new (NULL);
  g_autofree char *number = g_strdup_printf ("%d", row->status);

  add_markup (doc, row->doc);
  add_definition (out, number, doc->str);
}

static void
add_statuses (GString *out, const VcStatus *rows)
{
  for (; rows->doc != NULL; rows++)
    add_status (out, rows);
}

static void
add_title (GString *out, const char *title, char line)
{
  g_autofree char *under = g_strnfill (strlen (title), line);

  g_string_append_printf (out, "%s\n%s\n\n", title, under);
}

static void
add_manual (GString *out, const VcCommand *command)
{
  g_autoptr (GString) about = g_string_new (NULL);

  add_title (out, command->name, '-');
  g_string_append_printf (out, "``virtcard %s", vc_command_title (command));
  for (const VcField *row = command->options; row != NULL && row->xml != NULL; row++)
    {
      g_string_append_c (out, ' ');
      vc_help_add_synopsis (out, row);
    }
  g_string_append (out, "``\n\n");
  add_markup (about, command->about);
  vc_help_add_wrapped (out, about->str, 0, 0);
  g_string_append_c (out, '\n');
  add_definitions (out, command->options);
  if (command->statuses != NULL)
    {
      g_string_append (out, "Exit status:\n\n");
      add_statuses (out, command->statuses);
    }
}

static void
add_man (GString *out)
{
  add_title (out, "OPTIONS", '=');
  add_definitions (out, vc_cli_options);
  add_title (out, "COMMANDS", '=');
  for (guint i = 0; vc_commands[i] != NULL; i++)
    add_manual (out, vc_commands[i]);
  add_title (out, "EXIT STATUS", '=');
  g_string_append (out, "Of commands that name no others above:\n\n");
  add_statuses (out, vc_cli_statuses);
  g_string_append (out, "Of every command:\n\n");
  add_status (out, &vc_cli_usage_status);
}

/* What the completion can offer for a row's value. */
static char *
get_offer (const VcField *row)
{
  g_autofree char *choices = NULL;

  if (row->choices != NULL)
    {
      choices = g_strjoinv (" ", (char **) row->choices + 1);
      return g_strdup_printf ("words %s", choices);
    }
  if (row->type == &vc_type_command)
    return g_strdup ("commands");
  if (row->type == &vc_type_domain || row->type == &vc_type_domains)
    return g_strdup ("domains");
  if (row->type == &vc_type_folder)
    return g_strdup ("folders");
  return g_strdup (row->type == &vc_type_file || row->type == &vc_type_files ? "files" : "nothing");
}

static void
add_names (GString *out, const VcField *rows)
{
  VcPlace place;

  for (; rows != NULL && rows->xml != NULL; rows++)
    {
      vc_option_place (rows, &place);
      if (place.name[0] != '\0')
        g_string_append_printf (out, " --%s", place.name);
    }
}

/* "validate:--file" and "validate:1" for arguments; "validate:+" for all that follow. */
static void
add_offers (GString *out, const char *command, const VcField *rows)
{
  guint n = 0;

  for (; rows != NULL && rows->xml != NULL; rows++)
    {
      g_autofree char *offer = get_offer (rows);
      VcPlace place;

      vc_option_place (rows, &place);
      if (place.value[0] != '\0' && place.name[0] != '\0')
        g_string_append_printf (out, "    %s:--%s) echo %s ;;\n", command, place.name, offer);
      if (place.value[0] != '\0' && place.letter != '\0')
        g_string_append_printf (out, "    %s:-%c) echo %s ;;\n", command, place.letter, offer);
      if (place.argument && place.repeated)
        g_string_append_printf (out, "    %s:[0-9]*) echo %s ;;\n", command, offer);
      else if (place.argument)
        g_string_append_printf (out, "    %s:%u) echo %s ;;\n", command, ++n, offer);
    }
}

static void
add_completion (GString *out)
{
  g_string_append (out, "_virtcard_commands=\"");
  for (guint i = 0; vc_commands[i] != NULL; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? " " : "", vc_commands[i]->name);
  g_string_append (out, "\"\n_virtcard_pairs=\"");
  for (guint i = 0; vc_commands[i] != NULL; i++)
    if (vc_commands[i]->words != NULL)
      g_string_append_printf (out, " %s", vc_commands[i]->name);
  g_string_append (out, " \"\n_virtcard_options=\"");
  add_names (out, vc_cli_options);
  g_string_append (out, "\"\n\n_virtcard_options_of ()\n{\n  case $1 in\n");
  for (guint i = 0; vc_commands[i] != NULL; i++)
    {
      g_string_append_printf (out, "    %s) echo \"", vc_commands[i]->name);
      add_names (out, vc_commands[i]->options);
      g_string_append (out, "\" ;;\n");
    }
  g_string_append (out, "  esac\n}\n\n_virtcard_offer ()\n{\n  case $1 in\n");
  add_offers (out, "*", vc_cli_options);
  for (guint i = 0; vc_commands[i] != NULL; i++)
    add_offers (out, vc_commands[i]->name, vc_commands[i]->options);
  g_string_append (out, "  esac\n}\n");
}

int
main (int argc, char **argv)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (argc != 2)
    return 2;
  if (strcmp (argv[1], "man") == 0)
    add_man (out);
  else
    add_completion (out);
  fputs (out->str, stdout);
  return 0;
}
