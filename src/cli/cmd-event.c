/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"

#include <glib-unix.h>
#include <signal.h>

#include "cli/say.h"

typedef struct
{
  int event; /* 0: none; else an index of events */
  char *domain;
  gboolean loop, timestamp;
  VcU32 timeout;
} Event;

static const char *const events[] = { "",
                                      "lifecycle",
                                      "reboot",
                                      "balloon-change",
                                      "device-removed",
                                      "agent-lifecycle",
                                      "device-added",
                                      "device-removal-failed",
                                      "metadata-change",
                                      "monitor",
                                      NULL };

static const VirtcardEventKind kinds[] = { VIRTCARD_EVENT_LIFECYCLE,
                                           VIRTCARD_EVENT_REBOOT,
                                           VIRTCARD_EVENT_BALLOON_CHANGE,
                                           VIRTCARD_EVENT_DEVICE_REMOVED,
                                           VIRTCARD_EVENT_AGENT_LIFECYCLE,
                                           VIRTCARD_EVENT_DEVICE_ADDED,
                                           VIRTCARD_EVENT_DEVICE_REMOVAL_FAILED,
                                           VIRTCARD_EVENT_METADATA_CHANGE,
                                           VIRTCARD_EVENT_MONITOR };

G_STATIC_ASSERT (G_N_ELEMENTS (events) == G_N_ELEMENTS (kinds) + 2);

static const VcField options[] = {
  VC_CHOICE (Event, event, "--event EVENT", events, .doc = "only this one; without it all but QEMU's own"),
  VC_DOMAIN (Event, domain, "--domain DOMAIN", .doc = "only of this guest"),
  VC_FLAG (Event, loop, "--loop", .doc = "go on after the first one, until Ctrl-C or --timeout"),
  VC_FLAG (Event, timestamp, "--timestamp", .doc = "begin every line with the time"),
  VC_U32 (Event, timeout, "--timeout SECONDS", .min = 1, .max = 30 * 24 * 3600, .doc = "wait no longer"),
  { 0 },
};

typedef struct
{
  const Event *options;
  guint n;
  gboolean is_over;
  gboolean failed;
} Session;

static const char *const agent_states[] = { NULL, "connected", "disconnected", NULL };
static const char *const agent_reasons[] = { "unknown", "domain started", "channel event", NULL };

static const char *
choose (const char *const *words, int number)
{
  return number >= 0 && number < 3 && words[number] != NULL ? words[number] : "unknown";
}

static void
add_rest (GString *line, const VirtcardEvent *event)
{
  static const char *const metadata[] = { "description", "title", "element" };
  const char *detail = NULL;
  const char *words;

  switch (event->kind)
    {
    case VIRTCARD_EVENT_LIFECYCLE:
      words = virtcard_life_words (event->event, event->detail, &detail);
      g_string_append_printf (line, ": %s %s", words, detail != NULL ? detail : "unknown");
      break;
    case VIRTCARD_EVENT_AGENT_LIFECYCLE:
      g_string_append_printf (line, ": %s %s", choose (agent_states, event->event),
                              choose (agent_reasons, event->detail));
      break;
    case VIRTCARD_EVENT_BALLOON_CHANGE:
      g_string_append_printf (line, ": %" G_GUINT64_FORMAT "KiB", event->number);
      break;
    case VIRTCARD_EVENT_METADATA_CHANGE:
      words = event->event >= 0 && event->event < 3 ? metadata[event->event] : "unknown";
      g_string_append_printf (line, ": %s%s%s", words, event->text != NULL ? " " : "",
                              event->text != NULL ? event->text : "");
      break;
    case VIRTCARD_EVENT_MONITOR:
      g_string_append_printf (line, ": %s%s%s", event->text, event->more != NULL ? " " : "",
                              event->more != NULL ? event->more : "");
      break;
    case VIRTCARD_EVENT_REBOOT:
      break;
    case VIRTCARD_EVENT_DEVICE_REMOVED:
    case VIRTCARD_EVENT_DEVICE_ADDED:
    case VIRTCARD_EVENT_DEVICE_REMOVAL_FAILED:
      g_string_append_printf (line, ": %s", event->text);
      break;
    }
}

static void
on_event (VirtcardConnect *connect, const VirtcardEvent *event, gpointer data)
{
  Session *session = data;
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *safe = NULL;

  if (session->is_over)
    return;
  if (session->options->timestamp)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_local ();
      g_autofree char *time = g_date_time_format (now, "%Y-%m-%d %H:%M:%S");

      g_string_append_printf (line, "%s.%03d: ", time, g_date_time_get_microsecond (now) / 1000);
    }
  g_string_append_printf (line, "event '%s' for domain '%s'", virtcard_event_name ((int) event->kind),
                          event->name);
  add_rest (line, event);
  /* A line is one event, also where no terminal is. */
  safe = vc_say_safe (line->str, FALSE);
  session->n++;
  session->failed = vc_reach_put ("%s", safe) != VC_EXIT_OK;
  session->is_over = session->failed || !session->options->loop;
}

static void
on_close (VirtcardConnect *connect, const GError *error, gpointer data)
{
  Session *session = data;

  vc_say ("%s", error->message);
  session->failed = session->is_over = TRUE;
}

static gboolean
on_end (gpointer data)
{
  ((Session *) data)->is_over = TRUE;
  return G_SOURCE_CONTINUE;
}

static gboolean
listen_to_all (VirtcardConnect *connect, VirtcardDomain *domain, Session *session, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      gboolean is_wanted = session->options->event == 0 ? kinds[i] != VIRTCARD_EVENT_MONITOR
                                                        : session->options->event == (int) i + 1;

      if (is_wanted && virtcard_connect_listen (connect, kinds[i], domain, on_event, session, error) == 0)
        return FALSE;
    }
  return TRUE;
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const Event *self = data;
  Session session = { .options = self };
  g_autoptr (VirtcardConnect) connect = vc_reach (cli);
  g_autoptr (VirtcardDomain) domain = NULL;
  g_autoptr (GError) error = NULL;

  if (connect == NULL)
    return VC_EXIT_FAILED;
  if (self->domain != NULL)
    domain = vc_reach_domain (connect, self->domain);
  if (self->domain != NULL && domain == NULL)
    return VC_EXIT_FAILED;
  virtcard_connect_watch (connect, on_close, &session);
  if (!listen_to_all (connect, domain, &session, &error))
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  g_unix_signal_add (SIGINT, on_end, &session);
  g_unix_signal_add (SIGTERM, on_end, &session);
  if (self->timeout.set)
    g_timeout_add_seconds (self->timeout.value, on_end, &session);
  vc_say ("waiting for events");
  while (!session.is_over)
    g_main_context_iteration (NULL, TRUE);
  vc_say ("events received: %u", session.n);
  return session.n > 0 && !session.failed ? VC_EXIT_OK : VC_EXIT_FAILED;
}

static const VcStatus statuses[]
    = { { VC_EXIT_OK, "at least one event came" },
        { VC_EXIT_FAILED, "none came before --timeout or Ctrl-C, or the connection ended" },
        { 0 } };

const VcCommand vc_command_event = {
  .name = "event",
  .summary = "print what happens to guests",
  .about = "Waits for an event and prints it in a line, with --loop one after the other.",
  .options = options,
  .size = sizeof (Event),
  .connects = TRUE,
  .statuses = statuses,
  .run = run,
};
