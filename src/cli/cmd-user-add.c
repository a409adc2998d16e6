/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/wipe.h"
#include "cli/command.h"
#include "cli/passphrase.h"
#include "cli/say.h"
#include "cli/user.h"
#include "sasl/users.h"

typedef struct
{
  char *name;
  char *file;
  gboolean replace;
} UserAdd;

static const VcField options[]
    = { VC_NAME (UserAdd, name, "[--name] NAME", .flags = VC_REQUIRED, .doc = "name of the user"),
        VC_FILE (UserAdd, file, "--file FILE",
                 .doc = "file that holds the password; without it the standard input, a terminal is asked "
                        "twice"),
        VC_FLAG (UserAdd, replace, "--replace", .doc = "give one who is there another password"),
        { 0 } };

/* Who types without seeing it does so twice. */
static char *
ask_twice (const char *name, gsize *ret_len, GError **error)
{
  g_autofree char *question = g_strdup_printf ("password of '%s': ", name);
  char *one = vc_passphrase_ask (question, TRUE, error);
  char *two = one != NULL ? vc_passphrase_ask ("once more: ", TRUE, error) : NULL;
  gboolean is_same = two != NULL && strcmp (one, two) == 0;

  if (two != NULL && !is_same)
    vc_fail (error, VC_ERROR_INVALID, "they are not the same");
  vc_wipe_text (two);
  if (!is_same)
    {
      vc_wipe_text (one);
      return NULL;
    }
  *ret_len = strlen (one);
  return one;
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const UserAdd *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *database = vc_user_database (cli, &error);
  gboolean asks = self->file == NULL && isatty (STDIN_FILENO);
  char *password = NULL;
  gboolean done;
  gsize len = 0;

  if (database != NULL && vc_sasl_user_check (self->name, &error))
    password = asks ? ask_twice (self->name, &len, &error)
                    : vc_passphrase_read (self->file, FALSE, VC_SASL_MAX_PASSWORD, &len, &error);
  done = password != NULL && vc_sasl_users_set (database, self->name, password, len, self->replace, &error);
  vc_wipe_free (password, len);
  if (!done)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  return vc_put ("User added\n") ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_user_add = {
  .name = "user-add",
  .words = "user add",
  .summary = "let a user log in with a password",
  .about
  = "Adds a user to those whom virtcardd lets log in (auth_tls, auth_unix_rw or auth_unix_ro = \"sasl\" in "
    "virtcardd.conf). The password is asked for twice on a terminal, or read; it cannot be given on the "
    "command "
    "line, where others could see it. It is kept in passwd.db beside virtcardd.conf, or where sasldb_path in "
    "sasl2/libvirt.conf says, which only its owner can read, and counts from the next login on.",
  .options = options,
  .size = sizeof (UserAdd),
  .run = run,
};
