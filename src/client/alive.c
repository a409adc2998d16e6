/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <poll.h>

#include "base/error.h"
#include "client/internal.h"

/* How this works
 *
 * Whatever comes in is a sign of life.  The silence is measured while a call waits and while the main context
 * runs; a program that does neither for a while asks first when it comes back, and is not cut off for its own
 * silence: every question has its time to be answered.
 */

enum
{
  PING = 1,
  PONG = 2,
};

static void
say (VcClient *client, guint32 what)
{
  const VcFrame frame = {
    .program = VC_PROGRAM_KEEPALIVE, .version = VC_PROGRAM_VERSION, .procedure = what, .type = VC_FRAME_EVENT
  };

  vc_client_send (client, &frame, NULL, 0);
}

static void
set_due (VcClient *client)
{
  client->alive.due = g_get_monotonic_time () + client->alive.every;
  if (client->alive.source != NULL)
    g_source_set_ready_time (client->alive.source, client->alive.due);
}

void
vc_client_heard (VcClient *client)
{
  client->alive.asked = 0;
  if (client->alive.every > 0)
    set_due (client);
}

void
vc_client_alive_take (VcClient *client, const VcFrame *frame)
{
  if (frame->procedure == PING)
    say (client, PONG);
}

int
vc_client_alive_wait (const VcClient *client)
{
  gint64 left_ms = (client->alive.due - g_get_monotonic_time () + 999) / 1000;

  return client->alive.every > 0 ? (int) CLAMP (left_ms, 0, G_MAXINT) : -1;
}

static gboolean
is_readable (const VcClient *client)
{
  struct pollfd p = { .fd = client->wire.fd, .events = POLLIN };

  return vc_wire_has_more (&client->wire) || poll (&p, 1, 0) > 0;
}

void
vc_client_alive_ask (VcClient *client)
{
  Alive *alive = &client->alive;

  if (alive->every == 0 || client->wire.fd < 0 || g_get_monotonic_time () < alive->due)
    return;
  if (alive->asked == alive->n && is_readable (client))
    {
      set_due (client); /* it has answered, and nobody has looked */
      return;
    }
  if (alive->asked == alive->n)
    {
      g_autofree char *why
          = g_strdup_printf ("the other side did not answer for %" G_GINT64_FORMAT " seconds",
                             alive->every * (alive->n + 1) / G_USEC_PER_SEC);

      vc_client_end (client, VC_ERROR_GONE, why);
      return;
    }
  alive->asked++;
  set_due (client);
  say (client, PING);
  vc_client_flush (client); /* now: its answer is waited for from now on */
}

static gboolean
on_due (gpointer data)
{
  VcClient *client = data;

  vc_client_alive_ask (client);
  if (client->wire.fd >= 0)
    return G_SOURCE_CONTINUE;
  vc_client_drop_source (&client->alive.source);
  return G_SOURCE_REMOVE;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  return callback (data);
}

static GSourceFuncs due_funcs = { .dispatch = dispatch };

void
vc_client_ask_alive (VcClient *client, guint every_ms, guint n)
{
  Alive *alive = &client->alive;

  vc_client_drop_source (&alive->source);
  alive->every = (gint64) every_ms * 1000;
  alive->n = n;
  alive->asked = 0;
  if (every_ms == 0)
    return;
  alive->source = g_source_new (&due_funcs, sizeof (GSource));
  g_source_set_callback (alive->source, on_due, client, NULL);
  g_source_attach (alive->source, NULL);
  set_due (client);
}
