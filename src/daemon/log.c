/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pki/text.h"

#define MAX_LINE   4096
#define SELDOM     (10 * G_USEC_PER_SEC)
#define MAX_SELDOM 20
#define MAX_SECOND 200 /* lines: whoever makes us say more shall not fill the disk */

#define BOOK (VC_LOG_ERROR + 1)

static int least = VC_LOG_INFO;
static gboolean for_journal;

static const struct
{
  const char *word;
  const char *number; /* as the journal takes it, at the beginning of a line */
} levels[] = {
  [VC_LOG_DEBUG] = { "debug", "<7>" },
  [VC_LOG_INFO] = { "info", "<6>" },
  [VC_LOG_WARNING] = { "warning", "<4>" },
  [VC_LOG_ERROR] = { "error", "<3>" },
  [BOOK] = { "audit", "<5>" },
};

void
vc_log_open (int level)
{
  least = level;
  for_journal = g_getenv ("JOURNAL_STREAM") != NULL;
}

static void
put (int level, const char *words)
{
  g_autoptr (GString) line = g_string_new (for_journal ? levels[level].number : NULL);
  g_autofree char *text = vc_pki_text (words, strlen (words));
  gsize len = strlen (text), at = 0;

  if (!for_journal)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
      g_autofree char *time = g_date_time_format (now, "%Y-%m-%d %H:%M:%S.");

      g_string_append_printf (line, "%s%03d %s: ", time, g_date_time_get_microsecond (now) / 1000,
                              levels[level].word);
    }
  if (len > MAX_LINE)
    len = (gsize) (g_utf8_find_prev_char (text, text + MAX_LINE + 1) - text);
  g_string_append_len (line, text, (gssize) len);
  g_string_append_c (line, '\n');
  while (at < line->len)
    {
      gssize n = write (STDERR_FILENO, line->str + at, line->len - at);

      if (n < 0 && errno != EINTR)
        return;
      at += n > 0 ? (gsize) n : 0;
    }
}

void
vc_log_book (const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  g_autofree char *words = g_strdup_vprintf (fmt, args);
  va_end (args);
  put (BOOK, words);
}

/* As long as a certificate can hold, a name would leave no room for what was done. */
#define MAX_QUOTED 512u

char *
vc_log_quote (const char *text)
{
  g_autoptr (GString) out = g_string_new ("\"");

  for (gsize n = 0; *text != '\0'; text++, n++)
    {
      if (n == MAX_QUOTED)
        {
          g_string_append (out, "...");
          break;
        }
      if (*text == '"' || *text == '\\')
        g_string_append_c (out, '\\');
      g_string_append_c (out, *text);
    }
  g_string_append_c (out, '"');
  return g_string_free (g_steal_pointer (&out), FALSE);
}

void
vc_log (VcLogLevel level, const char *fmt, ...)
{
  static gint64 second;
  static guint n;
  gint64 now = g_get_monotonic_time () / G_USEC_PER_SEC;
  va_list args;

  if ((int) level < least)
    return;
  if (now != second)
    {
      if (n > MAX_SECOND)
        {
          g_autofree char *words = g_strdup_printf ("%u lines were left out", n - MAX_SECOND);

          put (VC_LOG_WARNING, words);
        }
      second = now;
      n = 0;
    }
  if (++n > MAX_SECOND)
    return;
  va_start (args, fmt);
  g_autofree char *words = g_strdup_vprintf (fmt, args);
  va_end (args);
  put (level, words);
}

void
vc_log_seldom (VcLogSeldom *seldom, VcLogLevel level, const char *fmt, ...)
{
  gint64 now = g_get_monotonic_time ();
  g_autofree char *words = NULL;
  va_list args;

  if (seldom->n == 0 || now - seldom->since >= SELDOM)
    {
      if (seldom->n > MAX_SELDOM)
        vc_log (level, "%u lines such as the next one were left out", seldom->n - MAX_SELDOM);
      seldom->since = now;
      seldom->n = 0;
    }
  if (++seldom->n > MAX_SELDOM)
    return;
  va_start (args, fmt);
  words = g_strdup_vprintf (fmt, args);
  va_end (args);
  vc_log (level, "%s", words);
}
