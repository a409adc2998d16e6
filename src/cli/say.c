/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/say.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static gboolean
is_plain (gunichar c)
{
  if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
    return FALSE;
  /* Marks that turn the direction of writing, and two more ends of line. */
  return !(c >= 0x200e && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

static void
put_escape (GString *out, gunichar c)
{
  if (c == '\n')
    g_string_append (out, "\\n");
  else if (c == '\t')
    g_string_append (out, "\\t");
  else if (c == '\r')
    g_string_append (out, "\\r");
  else
    g_string_append_printf (out, c < 0x80 ? "\\x%02x" : "\\u%04x", c);
}

char *
vc_say_safe (const char *text, gboolean keep_layout)
{
  GString *out = g_string_new (NULL);

  while (*text != '\0')
    {
      gunichar c = g_utf8_get_char_validated (text, -1);
      const char *next = text + 1;

      if (c == (gunichar) -1 || c == (gunichar) -2)
        g_string_append_printf (out, "\\x%02x", (guchar) *text);
      else
        {
          next = g_utf8_next_char (text);
          if (is_plain (c) || (keep_layout && (c == '\n' || c == '\t')))
            g_string_append_len (out, text, next - text);
          else
            put_escape (out, c);
        }
      text = next;
    }
  return g_string_free (out, FALSE);
}

/* Returns: 0, or the number of the system error. */
static int
write_all (int fd, const char *text)
{
  gsize len = strlen (text);

  while (len > 0)
    {
      ssize_t done = write (fd, text, len);

      if (done < 0 && errno != EINTR)
        return errno;
      if (done > 0)
        {
          text += done;
          len -= (gsize) done;
        }
    }
  return 0;
}

void
vc_say (const char *fmt, ...)
{
  g_autofree char *words = NULL;
  g_autofree char *safe = NULL;
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, fmt);
  words = g_strdup_vprintf (fmt, args);
  va_end (args);
  safe = vc_say_safe (words, FALSE);
  line = g_strconcat (safe, "\n", NULL);
  write_all (STDERR_FILENO, line); /* there is nobody else to tell */
}

gboolean
vc_put (const char *text)
{
  g_autofree char *safe = isatty (STDOUT_FILENO) ? vc_say_safe (text, TRUE) : NULL;
  int errsv = write_all (STDOUT_FILENO, safe != NULL ? safe : text);

  if (errsv != 0)
    vc_say ("virtcard: cannot write to the standard output: %s", g_strerror (errsv));
  return errsv == 0;
}

void
vc_say_open (void)
{
  for (int fd = 0; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0 && errno == EBADF)
      {
        /* The lowest free number is this one, and it opens the wrong way round. */
        int opened = open ("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);

        if (opened >= 0 && opened != fd)
          close (opened);
      }
}
