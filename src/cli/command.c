/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/command.h"

#include <string.h>

#include "base/error.h"
#include "cli/help.h"
#include "cli/say.h"

const VcField vc_cli_options[] = {
  VC_FOLDER (VcCli, root, "--root DIR",
             .doc
             = "folder that everything virtcard owns is kept below, in etc/virtcard, var/lib/virtcard and "
               "run/virtcard; without it the environment variable VIRTCARD_ROOT names it"),
  VC_NAME (VcCli, connect, "-c, --connect URI",
           .doc = "who holds the guests, for commands that act on them: qemu:///system, qemu:///session, "
                  "qemu+unix:///system?socket=PATH, qemu+tls://HOST/system or qemu+ssh://HOST/system for "
                  "another host's (see OTHER "
                  "HOSTS), or qemu:///embed?root=DIR for no daemon at all; without it the "
                  "daemon of the root when one listens, else none"),
  VC_NAME (VcCli, fingerprint, "--fingerprint FINGERPRINT",
           .doc
           = "SHA256:..., which the key of the server has to have that --connect names; then no CA and no "
             "list of known servers is asked, and nobody at a terminal"),
  VC_NAME (VcCli, user, "--user NAME",
           .doc = "who logs in, where the server wants a user to; without it the USER@ of the URI, else the "
                  "terminal is asked"),
  VC_FILE (VcCli, password, "--password-file FILE",
           .doc = "file that holds the password, where the server wants a user to log in; /dev/fd/N is what "
                  "comes from descriptor N; without it the terminal is asked"),
  VC_FILE (
      VcCli, passphrase, "--passphrase-file FILE",
      .doc
      = "file that holds the passphrase of the client's own key for --connect, or the PIN of the token it "
        "is in; without it the terminal is asked"),
  VC_FLAG (VcCli, help, "-h, --help",
           .doc = "show help, after a command about that command, and do nothing else"),
  VC_FLAG (VcCli, version, "-v, --version", .doc = "show the version and do nothing else"),
  { 0 }
};

const VcStatus vc_cli_statuses[]
    = { { VC_EXIT_OK, "done" }, { VC_EXIT_FAILED, "it failed; the reason is on the standard error" }, { 0 } };

const VcStatus vc_cli_usage_status = { VC_EXIT_USAGE, "the command line is wrong" };

const VcCommand *
vc_command_find (const char *name)
{
  for (guint i = 0; vc_commands[i] != NULL; i++)
    if (strcmp (vc_commands[i]->name, name) == 0)
      return vc_commands[i];
  return NULL;
}

const char *
vc_command_title (const VcCommand *command)
{
  return command->words != NULL ? command->words : command->name;
}

/* Does text begin with the word and a space? */
static gboolean
begins_with (const char *text, const char *word)
{
  return g_str_has_prefix (text, word) && text[strlen (word)] == ' ';
}

/* The command that words begin with; steps over its one or two words. */
static const VcCommand *
find_words (char *const **words, GError **error)
{
  const char *first = **words;
  const char *second = (*words)[1];
  const VcCommand *command = vc_command_find (first);
  g_autoptr (GString) others = g_string_new (NULL);

  *words += 1;
  for (guint i = 0; command == NULL && vc_commands[i] != NULL; i++)
    if (vc_commands[i]->words != NULL && begins_with (vc_commands[i]->words, first))
      {
        const char *rest = vc_commands[i]->words + strlen (first) + 1;

        if (second != NULL && strcmp (rest, second) == 0)
          {
            *words += 1;
            return vc_commands[i];
          }
        g_string_append_printf (others, "%s%s", others->len > 0 ? ", " : "", rest);
      }
  if (command == NULL && others->len > 0)
    vc_fail (error, VC_ERROR_INVALID, "'%s' is followed by one of: %s", first, others->str);
  else if (command == NULL)
    vc_fail (error, VC_ERROR_INVALID, "unknown command '%s'", first);
  return command;
}

static gboolean
read_command (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  *(const VcCommand **) at = vc_command_find (text);
  if (*(const VcCommand **) at == NULL)
    *ret_why = g_strdup_printf ("there is no command '%s'", text);
  return *(const VcCommand **) at != NULL;
}

const VcType vc_type_command = { .name = "command", .read = read_command };

static int
fail_usage (const VcCommand *command, const GError *error)
{
  if (command == NULL)
    {
      vc_say ("virtcard: %s", error->message);
      vc_say ("virtcard: try 'virtcard help'");
    }
  else
    {
      vc_say ("virtcard: %s: %s", vc_command_title (command), error->message);
      vc_say ("virtcard: try 'virtcard help %s'", command->name);
    }
  return VC_EXIT_USAGE;
}

/* Is there anything that the options about TLS can be for? */
static gboolean
has_server (const VcCli *cli, const VcCommand *command)
{
  return cli->connect != NULL || command->takes_uri;
}

static int
run (VcCli *cli, VcOptions *global, const VcCommand *command, gpointer obj, char *const *words)
{
  VcOptions own = { .rows = command->options, .obj = obj };
  g_autoptr (GError) error = NULL;

  if (!vc_options_read (&own, global, &words, &error))
    return fail_usage (command, error);
  if (cli->help)
    return vc_help_put_command (command);
  if (cli->version)
    return vc_help_put_version ();
  if (!vc_options_missing (&own, &error))
    return fail_usage (command, error);
  if (cli->connect != NULL && !command->connects)
    vc_fail (&error, VC_ERROR_INVALID, "acts on no guest: --connect has no use");
  else if (cli->fingerprint != NULL && !has_server (cli, command))
    vc_fail (&error, VC_ERROR_INVALID, "--fingerprint is for the server of --connect");
  else if ((cli->user != NULL || cli->password != NULL) && !command->connects)
    vc_fail (&error, VC_ERROR_INVALID, "acts on no guest: %s has no use",
             cli->user != NULL ? "--user" : "--password-file");
  else if (cli->passphrase != NULL && !has_server (cli, command))
    vc_fail (&error, VC_ERROR_INVALID, "--passphrase-file is for the key of --connect");
  else if (cli->connect != NULL && cli->root != NULL)
    vc_fail (&error, VC_ERROR_INVALID, "--connect and --root exclude each other");
  if (error != NULL)
    return fail_usage (command, error);
  cli->paths = vc_paths_new (cli->root, &error);
  if (cli->paths == NULL)
    return fail_usage (NULL, error);
  return command->run (cli, obj);
}

static int
find_and_run (VcCli *cli, char *const *words)
{
  VcOptions global = { .rows = vc_cli_options, .obj = cli };
  g_autoptr (GError) error = NULL;
  const VcCommand *command = NULL;
  g_autofree char *obj = NULL;
  int status;

  if (!vc_options_read (NULL, &global, &words, &error))
    return fail_usage (NULL, error);
  if (*words == NULL && cli->help)
    return vc_help_put_all ();
  if (*words == NULL && cli->version)
    return vc_help_put_version ();
  if (*words == NULL)
    vc_fail (&error, VC_ERROR_INVALID, "no command is given");
  else
    command = find_words (&words, &error);
  if (error != NULL)
    return fail_usage (NULL, error);
  obj = g_malloc0 (command->size + 1);
  status = run (cli, &global, command, obj, words);
  if (command->options != NULL)
    vc_fields_clear (command->options, obj);
  return status;
}

int
vc_cli_run (char *const *words)
{
  VcCli cli = { 0 };
  int status = find_and_run (&cli, words);

  vc_paths_free (cli.paths);
  vc_fields_clear (vc_cli_options, &cli);
  return status;
}
