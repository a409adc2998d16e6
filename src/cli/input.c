/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/say.h"

#define FIRST_BYTES 65536u

const char *
vc_input_origin (const char *file)
{
  return strcmp (file, "-") == 0 ? "(standard input)" : file;
}

static char *
read_all (int fd, gsize *ret_len)
{
  const gsize max = VC_XML_MAX_BYTES + 1;
  struct stat info = { 0 };
  gsize size = FIRST_BYTES, len = 0;
  g_autofree char *text = NULL;

  /* A file's size is right as a rule, and one more byte sees that it ended. */
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode))
    size = MIN ((gsize) info.st_size + 1, max);
  text = g_malloc (size + 1);
  for (;;)
    {
      ssize_t got = read (fd, text + len, size - len);

      if (got < 0 && errno != EINTR)
        return NULL;
      if (got > 0)
        len += (gsize) got;
      if (got == 0 || len == max)
        break;
      if (len == size)
        {
          size = MIN (size * 2, max);
          text = g_realloc (text, size + 1);
        }
    }
  text[len] = '\0';
  *ret_len = len;
  return g_steal_pointer (&text);
}

char *
vc_input_read (const char *file, gsize *ret_len, GError **error)
{
  gboolean is_stdin = strcmp (file, "-") == 0;
  int fd = is_stdin ? STDIN_FILENO : open (file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  char *text = fd >= 0 ? read_all (fd, ret_len) : NULL;
  int errsv = errno;

  if (fd >= 0 && !is_stdin)
    close (fd);
  if (text == NULL)
    vc_fail_errno (error, errsv, "%s", vc_input_origin (file));
  return text;
}

VcDescription *
vc_input_describe (const VcCli *cli, const char *file, gboolean all_errors)
{
  g_autoptr (GPtrArray) errors = vc_describe_new_errors ();
  g_autoptr (VcDescription) description = NULL;
  g_autofree char *text = NULL;
  GError *error = NULL;
  gsize len;

  text = vc_input_read (file, &len, &error);
  if (text == NULL)
    g_ptr_array_add (errors, error);
  else
    description = vc_describe (text, len, vc_input_origin (file), cli->paths, errors);
  for (guint i = 0; i < errors->len && (all_errors || i == 0); i++)
    vc_say ("%s", ((const GError *) errors->pdata[i])->message);
  for (guint i = 0; description != NULL && i < description->warnings->len; i++)
    vc_say ("%s", (const char *) description->warnings->pdata[i]);
  return g_steal_pointer (&description);
}
