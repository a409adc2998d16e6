/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "base/wipe.h"

#define MAX_LINE 1100 /* bytes that are typed as an answer */
#define CTRL_C   '\x03'

/* Up to the end, or of a terminal a line.  Returns: bytes, or -1 with errno. */
static gssize
read_all (int fd, char *bytes, gsize size, gboolean is_line)
{
  gsize len = 0;

  while (len < size)
    {
      ssize_t n = read (fd, bytes + len, size - len);

      if (n < 0 && errno != EINTR)
        return -1;
      if (n == 0)
        break;
      if (n > 0)
        len += (gsize) n;
      if (is_line && len > 0 && bytes[len - 1] == '\n')
        break;
    }
  return (gssize) len;
}

static gssize
ask (int fd, int out, const char *question, gboolean is_secret, char *bytes, gsize size)
{
  struct termios before, quiet;
  gssize len;

  if (tcgetattr (fd, &before) < 0)
    return -1;
  quiet = before;
  /* Ctrl-C must not leave the terminal like that. */
  quiet.c_lflag &= ~(tcflag_t) (ISIG | (is_secret ? (tcflag_t) ECHO : 0));
  quiet.c_lflag |= ECHONL;
  if (tcsetattr (fd, TCSAFLUSH, &quiet) < 0)
    return -1;
  if (write (out, question, strlen (question)) < 0)
    len = -1;
  else
    len = read_all (fd, bytes, size, TRUE);
  tcsetattr (fd, TCSAFLUSH, &before);
  /* The end of the input is no answer, and not an empty one either. */
  if (len == 0 || (len > 0 && memchr (bytes, CTRL_C, (gsize) len) != NULL))
    {
      errno = ECANCELED;
      len = -1;
    }
  return len;
}

static gsize
drop_line_end (const char *bytes, gsize len)
{
  if (len > 0 && bytes[len - 1] == '\n')
    len -= len > 1 && bytes[len - 2] == '\r' ? 2 : 1;
  return len;
}

/* In its place. */
static gboolean
decode (char *bytes, gsize *len, GError **error)
{
  gsize digits = strcspn (bytes, "=");
  gsize before = *len;

  for (gsize i = 0; i < *len; i++)
    if (!(g_ascii_isalnum (bytes[i]) || bytes[i] == '+' || bytes[i] == '/' || g_ascii_isspace (bytes[i])
          || (bytes[i] == '=' && i >= digits)))
      return vc_fail (error, VC_ERROR_INVALID, "the value is not base64");
  if (*len > 0)
    g_base64_decode_inplace (bytes, len);
  explicit_bzero (bytes + *len, before - *len);
  return TRUE;
}

char *
vc_passphrase_ask (const char *question, gboolean is_secret, GError **error)
{
  char bytes[MAX_LINE] = { 0 };
  int fd = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  gssize len = fd < 0 ? -1 : ask (fd, fd, question, is_secret, bytes, sizeof bytes - 1);
  char *text = len < 0 ? NULL : g_strndup (bytes, drop_line_end (bytes, (gsize) len));
  int errsv = errno;

  if (fd >= 0)
    close (fd);
  explicit_bzero (bytes, sizeof bytes);
  if (text == NULL)
    vc_fail_errno (error, errsv, "the terminal cannot be asked");
  return text;
}

char *
vc_passphrase_read (const char *file, gboolean base64, gsize max, gsize *ret_len, GError **error)
{
  gboolean is_stdin = file == NULL || strcmp (file, "-") == 0;
  gsize size = max * 2 + 2; /* base64 is longer, and so is what is too long */
  int fd = is_stdin ? STDIN_FILENO : open (file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  char *bytes = g_malloc0 (size + 1);
  gssize len = fd < 0        ? -1
               : isatty (fd) ? ask (fd, STDERR_FILENO, "value: ", TRUE, bytes, size)
                             : read_all (fd, bytes, size, FALSE);
  int errsv = errno;

  if (fd >= 0 && !is_stdin)
    close (fd);
  if (len >= 0)
    {
      *ret_len = drop_line_end (bytes, (gsize) len);
      explicit_bzero (bytes + *ret_len, size - *ret_len);
    }
  if (len >= 0 && (!base64 || decode (bytes, ret_len, error)))
    return bytes;
  vc_wipe_free (bytes, size);
  if (len < 0)
    vc_fail_errno (error, errsv, "%s", is_stdin ? "(standard input)" : file);
  return NULL;
}
