/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/progress.h"

#include <string.h>
#include <unistd.h>

#include "cli/say.h"

/* What is waited for blocks the only thread that owns anything, so the line has a thread of its own, which
 * owns nothing but the line. */

struct VcProgress
{
  GMutex lock;
  GCond changed;
  GThread *thread; /* NULL: it is not needed yet, or there is no terminal */
  char *words;     /* NULL: nothing                  */
  gint64 since;
  gboolean is_shown;
  gboolean is_done;
};

static void
put (const char *text)
{
  ssize_t done = write (STDERR_FILENO, text, strlen (text));

  (void) done; /* a line that is not shown is no loss */
}

static void
wipe (VcProgress *progress)
{
  if (progress->is_shown)
    put ("\r\033[K");
  progress->is_shown = FALSE;
}

static void
show (VcProgress *progress)
{
  gint64 seconds = (g_get_monotonic_time () - progress->since) / G_USEC_PER_SEC;
  g_autofree char *safe = vc_say_safe (progress->words, FALSE);
  g_autofree char *line = g_strdup_printf ("\r\033[K%s ... %" G_GINT64_FORMAT " s", safe, seconds);

  put (line);
  progress->is_shown = TRUE;
}

static gpointer
run (gpointer data)
{
  VcProgress *progress = data;

  g_mutex_lock (&progress->lock);
  while (!progress->is_done)
    {
      gint64 second = (g_get_monotonic_time () - progress->since) / G_USEC_PER_SEC + 1;

      if (progress->words == NULL)
        g_cond_wait (&progress->changed, &progress->lock);
      else if (!g_cond_wait_until (&progress->changed, &progress->lock,
                                   progress->since + second * G_USEC_PER_SEC)
               && progress->words != NULL)
        show (progress);
    }
  g_mutex_unlock (&progress->lock);
  return NULL;
}

VcProgress *
vc_progress_new (void)
{
  VcProgress *progress = g_new0 (VcProgress, 1);

  g_mutex_init (&progress->lock);
  g_cond_init (&progress->changed);
  return progress;
}

void
vc_progress_set (VcProgress *progress, const char *words)
{
  if (!isatty (STDERR_FILENO))
    return;
  g_mutex_lock (&progress->lock);
  wipe (progress);
  g_free (progress->words);
  progress->words = g_strdup (words);
  progress->since = g_get_monotonic_time ();
  g_cond_signal (&progress->changed);
  g_mutex_unlock (&progress->lock);
  if (words != NULL && progress->thread == NULL)
    progress->thread = g_thread_new ("progress", run, progress);
}

void
vc_progress_free (VcProgress *progress)
{
  if (progress == NULL)
    return;
  vc_progress_set (progress, NULL);
  g_mutex_lock (&progress->lock);
  progress->is_done = TRUE;
  g_cond_signal (&progress->changed);
  g_mutex_unlock (&progress->lock);
  if (progress->thread != NULL)
    g_thread_join (progress->thread);
  g_mutex_clear (&progress->lock);
  g_cond_clear (&progress->changed);
  g_free (progress);
}
