/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "manager/internal.h"

/* How this works
 *
 * Of a guest that is only defined little is kept in memory: its file is the definition.  What was asked for
 * last stays warm, as text and as structs; the coldest one makes room.  A transient guest has no file, and
 * keeps its text for as long as it runs. */

static void
cool (VcGuest *guest)
{
  if (guest->is_warm)
    g_queue_unlink (&guest->manager->warm, &guest->warm);
  guest->is_warm = FALSE;
  if (guest->persistent)
    g_clear_pointer (&guest->text, g_free);
  g_clear_pointer (&guest->config, vc_description_free);
}

static void
warm (VcGuest *guest)
{
  GQueue *queue = &guest->manager->warm;

  if (guest->is_warm)
    g_queue_unlink (queue, &guest->warm);
  guest->is_warm = TRUE;
  g_queue_push_head_link (queue, &guest->warm);
  while (queue->length > VC_MANAGER_MAX_WARM)
    cool (queue->tail->data);
}

const char *
vc_config_text (VcGuest *guest, GError **error)
{
  if (guest->text == NULL)
    guest->text = vc_store_get (guest, error);
  if (guest->text != NULL)
    warm (guest);
  return guest->text;
}

VcDescription *
vc_config_read (VcManager *manager, const char *text, gsize len, GError **error)
{
  g_autoptr (GPtrArray) errors = vc_describe_new_errors ();
  VcDescription *description = vc_describe (text, len, "(domain_definition)", manager->paths, errors);

  if (description == NULL)
    g_propagate_error (error, g_error_copy (errors->pdata[0]));
  return description;
}

VcDescription *
vc_config_get (VcGuest *guest, GError **error)
{
  const char *text = vc_config_text (guest, error);

  if (text != NULL && guest->config == NULL)
    guest->config = vc_config_read (guest->manager, text, strlen (text), error);
  return guest->config;
}

void
vc_config_take (VcGuest *guest, char *text_taken, VcDescription *config_taken)
{
  guest->edition++;
  g_free (guest->text);
  vc_description_free (guest->config);
  guest->text = text_taken;
  guest->config = config_taken;
  warm (guest);
}

void
vc_config_drop (VcGuest *guest)
{
  cool (guest);
  g_clear_pointer (&guest->text, g_free);
}
