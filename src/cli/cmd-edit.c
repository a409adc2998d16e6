/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/input.h"
#include "cli/say.h"

/* How this works
 *
 * The definition, with its passwords, goes into a file only we can read; the editor changes it.  The file is
 * removed when its text is in force, or was not changed; else it is kept and named, so that nobody's work is
 * lost. */

/* $VISUAL and $EDITOR are words of a shell: "emacs -nw". */
static gboolean
run_editor (const char *path, GError **error)
{
  const char *visual = g_getenv ("VISUAL");
  const char *editor = visual != NULL && *visual != '\0' ? visual : g_getenv ("EDITOR");
  g_autofree char *script = g_strconcat (editor != NULL && *editor != '\0' ? editor : "vi", " \"$1\"", NULL);
  const char *const argv[] = { "/bin/sh", "-c", script, "sh", path, NULL };
  g_autoptr (GError) why = NULL;
  int status;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, NULL, NULL,
                     &status, &why))
    return vc_fail (error, VC_ERROR_FAILED, "cannot start the editor: %s", why->message);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
    return TRUE;
  return vc_fail (error, VC_ERROR_FAILED, "the editor failed: nothing was changed");
}

/* Returns: the path of a new file with text, ours alone; or NULL with error. */
static char *
make_file (const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "virtcard-XXXXXX.xml", NULL);
  int fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  gsize len = strlen (text);
  gboolean is_written;

  if (fd < 0)
    {
      vc_fail_errno (error, errno, "cannot make file '%s'", path);
      return NULL;
    }
  is_written = write (fd, text, len) == (ssize_t) len;
  if (!is_written)
    vc_fail_errno (error, errno, "cannot write file '%s'", path);
  close (fd);
  if (!is_written)
    {
      g_unlink (path);
      return NULL;
    }
  return g_steal_pointer (&path);
}

/* Nobody else shall have changed it while it was edited. */
static gboolean
check_same (VirtcardDomain *domain, const char *before, GError **error)
{
  g_autofree char *now = virtcard_domain_get_xml (domain, VIRTCARD_XML_SECURE | VIRTCARD_XML_INACTIVE, error);

  if (now == NULL)
    return FALSE;
  if (strcmp (now, before) != 0)
    return vc_fail (error, VC_ERROR_STATE, "it was changed by somebody else meanwhile");
  return TRUE;
}

/* ret_is_changed: FALSE, with TRUE: the text is as it was. */
static gboolean
edit_once (VirtcardConnect *connect, VirtcardDomain *domain, const char *path, const char *before,
           gboolean *ret_is_changed, GError **error)
{
  g_autoptr (VirtcardDomain) defined = NULL;
  g_autofree char *text = NULL;
  gsize len;

  if (!run_editor (path, error))
    return FALSE;
  text = vc_file_read (path, VC_XML_MAX_BYTES, &len, error);
  if (text == NULL)
    return FALSE;
  *ret_is_changed = strcmp (text, before) != 0;
  if (!*ret_is_changed)
    return TRUE;
  if (!check_same (domain, before, error))
    return FALSE;
  defined = virtcard_domain_define (connect, text, error);
  return defined != NULL;
}

/* Only who sits at a terminal can be asked. */
static gboolean
wants_again (void)
{
  char answer[16];

  if (!isatty (STDIN_FILENO) || !isatty (STDERR_FILENO))
    return FALSE;
  vc_say ("edit it again? [y/n]");
  return fgets (answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

static int
edit (VirtcardConnect *connect, VirtcardDomain *domain, const char *path, const char *before)
{
  const char *name = virtcard_domain_name (domain);
  gboolean is_changed = FALSE;

  for (;;)
    {
      g_autoptr (GError) error = NULL;

      if (edit_once (connect, domain, path, before, &is_changed, &error))
        {
          g_unlink (path);
          return vc_reach_put ("Domain '%s' XML configuration %s", name,
                               is_changed ? "edited." : "not changed.");
        }
      vc_say ("domain '%s': %s", name, error->message);
      if (!wants_again ())
        {
          vc_say ("the edited text is kept in '%s'", path);
          return VC_EXIT_FAILED;
        }
    }
}

static int
run (const VcCli *cli, gconstpointer data)
{
  g_autoptr (VirtcardConnect) connect = vc_reach (cli);
  g_autoptr (VirtcardDomain) domain
      = connect != NULL ? vc_reach_domain (connect, ((const VcReachOptions *) data)->domain) : NULL;
  g_autofree char *before = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  if (domain == NULL)
    return VC_EXIT_FAILED;
  before = virtcard_domain_get_xml (domain, VIRTCARD_XML_SECURE | VIRTCARD_XML_INACTIVE, &error);
  path = before != NULL ? make_file (before, &error) : NULL;
  if (path == NULL)
    {
      vc_say ("domain '%s': %s", virtcard_domain_name (domain), error->message);
      return VC_EXIT_FAILED;
    }
  return edit (connect, domain, path, before);
}

const VcCommand vc_command_edit = {
  .name = "edit",
  .summary = "edit a guest's definition",
  .about
  = "Opens the definition in the editor that the environment variables VISUAL or EDITOR name, else in "
    "vi, and takes over what is written. What is refused can be edited again; what is given up stays in "
    "a file that is named. A guest that runs gets the new definition with its next start.",
  .options = vc_reach_options,
  .size = sizeof (VcReachOptions),
  .connects = TRUE,
  .run = run,
};
