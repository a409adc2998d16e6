/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "manager/internal.h"

typedef struct
{
  char *uuid;
  guint serial;
  VcLaterFn fn;   /* or: */
  VcEvent *event; /* or: */
  VcGuestFn done;
  gpointer data;
  GError *error;
} Later;

static void
event_free (VcEvent *event)
{
  g_free ((char *) event->name);
  g_free ((char *) event->uuid);
  g_free ((char *) event->text);
  g_free ((char *) event->more);
  g_free (event);
}

static void
later_free (Later *self)
{
  g_free (self->uuid);
  g_clear_pointer (&self->event, event_free);
  g_clear_error (&self->error);
  g_free (self);
}

static void
answer (VcManager *manager, const Later *self)
{
  VcGuest *guest = self->error == NULL ? vc_manager_find_uuid (manager, self->uuid, NULL) : NULL;

  if (self->done != NULL)
    self->done (guest, self->error, self->data);
}

static gboolean
on_idle (gpointer data)
{
  VcManager *manager = data;
  /* Those that come meanwhile wait for the next time. */
  GQueue due = manager->later;
  Later *self;

  manager->later_source = 0;
  g_queue_init (&manager->later);
  while ((self = g_queue_pop_head (&due)) != NULL)
    {
      if (self->fn != NULL)
        self->fn (manager, self->uuid, self->serial);
      else if (self->event != NULL)
        vc_event_send (manager, self->event);
      else
        answer (manager, self);
      later_free (self);
    }
  return G_SOURCE_REMOVE;
}

static void
push (VcManager *manager, Later *self)
{
  g_queue_push_tail (&manager->later, self);
  if (manager->later_source == 0)
    manager->later_source = g_idle_add_full (G_PRIORITY_DEFAULT, on_idle, manager, NULL);
}

void
vc_later_done (VcManager *manager, const char *uuid, VcGuestFn done, gpointer data, const GError *error)
{
  Later *self = g_new0 (Later, 1);

  self->uuid = g_strdup (uuid);
  self->done = done;
  self->data = data;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  push (manager, self);
}

void
vc_later_event (VcManager *manager, const VcEvent *event)
{
  Later *self = g_new0 (Later, 1);

  self->event = g_new (VcEvent, 1);
  *self->event = *event;
  self->event->name = g_strdup (event->name);
  self->event->uuid = g_strdup (event->uuid);
  self->event->text = g_strdup (event->text);
  self->event->more = g_strdup (event->more);
  push (manager, self);
}

void
vc_later_call (VcManager *manager, const VcGuest *guest, VcLaterFn fn)
{
  Later *self = g_new0 (Later, 1);

  self->uuid = g_strdup (guest->uuid);
  self->serial = guest->serial;
  self->fn = fn;
  push (manager, self);
}

void
vc_later_flush (VcManager *manager)
{
  g_autoptr (GError) gone = NULL;
  Later *self;

  vc_fail (&gone, VC_ERROR_GONE, "the manager of guests ends");
  g_clear_handle_id (&manager->later_source, g_source_remove);
  while ((self = g_queue_pop_head (&manager->later)) != NULL)
    {
      if (self->done != NULL)
        self->done (NULL, self->error != NULL ? self->error : gone, self->data);
      later_free (self);
    }
}

void
vc_wait_add (GArray *waits, VcGuestFn done, gpointer data)
{
  const VcWait wait = { done, data };

  g_array_append_val (waits, wait);
}

void
vc_wait_answer (VcManager *manager, GArray *waits, const char *uuid, const GError *error)
{
  for (guint n = 0; n < waits->len; n++)
    {
      const VcWait *wait = &g_array_index (waits, VcWait, n);

      vc_later_done (manager, uuid, wait->done, wait->data, error);
    }
  g_array_set_size (waits, 0);
}
