/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manager/internal.h"

typedef struct
{
  guint number; /* 0: left while the others were being called */
  VcEventFn fn;
  gpointer data;
} Listener;

GArray *
vc_listeners_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (Listener));
}

guint
vc_manager_listen (VcManager *manager, VcEventFn fn, gpointer data)
{
  const Listener listener = { ++manager->last_listener, fn, data };

  g_array_append_val (manager->listeners, listener);
  return listener.number;
}

void
vc_manager_unlisten (VcManager *manager, guint number)
{
  for (guint n = 0; n < manager->listeners->len; n++)
    if (g_array_index (manager->listeners, Listener, n).number == number)
      g_array_index (manager->listeners, Listener, n).number = 0;
}

void
vc_event_send (VcManager *manager, const VcEvent *event)
{
  guint len = manager->listeners->len; /* not those that come meanwhile */

  for (guint n = 0; n < len; n++)
    {
      const Listener listener = g_array_index (manager->listeners, Listener, n);

      if (listener.number != 0)
        listener.fn (event, listener.data);
    }
  for (guint n = manager->listeners->len; n > 0; n--)
    if (g_array_index (manager->listeners, Listener, n - 1).number == 0)
      g_array_remove_index (manager->listeners, n - 1);
}

static VcEvent
new_event (const VcGuest *guest, VcEventKind kind)
{
  return (VcEvent){ .kind = kind, .name = guest->name, .uuid = guest->uuid, .id = vc_guest_id (guest) };
}

void
vc_event_tell (VcGuest *guest, VcEventKind kind, const char *text)
{
  VcEvent event = new_event (guest, kind);

  event.text = text;
  vc_later_event (guest->manager, &event);
}

void
vc_event_agent (VcGuest *guest, gboolean is_connected)
{
  VcEvent event = new_event (guest, VC_EVENT_AGENT);

  event.event = is_connected ? VC_AGENT_CONNECTED : VC_AGENT_DISCONNECTED;
  event.detail = VC_AGENT_BY_CHANNEL;
  vc_later_event (guest->manager, &event);
}

void
vc_event_life (VcGuest *guest, VcLife what, int detail)
{
  VcEvent event = new_event (guest, VC_EVENT_LIFECYCLE);

  event.event = (int) what;
  event.detail = detail;
  vc_later_event (guest->manager, &event);
}

void
vc_event_stopped (VcGuest *guest, int detail, const char *why)
{
  VcEvent event = new_event (guest, VC_EVENT_LIFECYCLE);

  event.event = VC_LIFE_STOPPED;
  event.detail = detail;
  event.text = why;
  vc_later_event (guest->manager, &event);
}

void
vc_event_monitor (VcGuest *guest, const char *name, VcJson *values)
{
  VcEvent event = new_event (guest, VC_EVENT_MONITOR);
  g_autofree char *more = NULL;
  gint64 now = g_get_real_time ();

  if (guest->manager->listeners->len == 0)
    return;
  event.text = name;
  event.more = more = values != NULL ? vc_json_print (values) : NULL;
  event.number = now / G_USEC_PER_SEC;
  event.micros = now % G_USEC_PER_SEC;
  vc_later_event (guest->manager, &event);
}
