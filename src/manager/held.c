/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "manager/internal.h"

/* What is asked of a guest whose QEMU has not answered its new manager yet waits for that answer. */

struct VcHeld
{
  VcHeldFn verb;
  char *text;
  guint flags;
  VcGuestFn done;
  gpointer data;
};

gboolean
vc_held_add (VcGuest *guest, VcHeldFn verb, const char *text, gsize len, guint flags, VcGuestFn done,
             gpointer data)
{
  VcHeld *held;

  if (guest->phase == VC_PHASE_OFF || guest->settled)
    return FALSE;
  held = g_new (VcHeld, 1);
  *held = (VcHeld){ verb, g_strndup (text, len), flags, done, data };
  g_ptr_array_add (guest->held, held);
  return TRUE;
}

static void
held_free (VcHeld *held)
{
  g_free (held->text);
  g_free (held);
}

void
vc_held_go_on (VcManager *manager, const char *uuid, guint serial)
{
  VcGuest *guest = vc_guest_find_run (manager, uuid, serial);
  g_autoptr (GPtrArray) list = NULL;

  if (guest == NULL)
    return;
  list = g_ptr_array_copy (guest->held, NULL, NULL);
  g_ptr_array_set_size (guest->held, 0);
  for (guint n = 0; n < list->len; n++)
    {
      VcHeld *held = list->pdata[n];

      held->verb (guest, held->text, strlen (held->text), held->flags, held->done, held->data);
      held_free (held);
    }
}

void
vc_held_fail (VcGuest *guest, const GError *error)
{
  for (guint n = 0; n < guest->held->len; n++)
    {
      VcHeld *held = guest->held->pdata[n];

      vc_later_done (guest->manager, guest->uuid, held->done, held->data, error);
      held_free (held);
    }
  g_ptr_array_set_size (guest->held, 0);
}
