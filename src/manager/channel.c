/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/channel.h"

#include "domain/attach.h"
#include "manager/internal.h"

/* Which channels a guest has opened: QEMU tells when that changes, and is asked when a manager comes to a
 * guest that runs already. */

#define COMMAND_MS 30000

static void
set_open (VcGuest *guest, VcDevice *dev, gboolean is_open)
{
  if (!vc_channel_set_open (dev, is_open))
    return;
  if (vc_channel_is_agent (dev))
    vc_event_agent (guest, is_open);
  vc_status_note (guest);
}

void
vc_channels_on_change (VcGuest *guest, const VcJson *values)
{
  const char *alias = values != NULL ? vc_json_str (values, "id") : NULL;
  VcDevice *dev = alias != NULL ? vc_domain_find_alias (guest->live->domain, alias, NULL) : NULL;
  gboolean is_open = FALSE;

  if (dev != NULL && vc_json_bool (values, "open", &is_open))
    set_open (guest, dev, is_open);
}

void
vc_channels_begin (VcGuest *guest)
{
  const GPtrArray *devices = guest->live->domain->devices;

  for (guint n = 0; n < devices->len; n++)
    if (!vc_channel_is_known (devices->pdata[n]))
      vc_channel_set_open (devices->pdata[n], FALSE);
}

static const VcJson *
find_chardev (const VcJson *list, const VcDevice *dev)
{
  g_autofree char *id = g_strconcat ("char", dev->alias, NULL);

  for (gsize n = 0; n < json_array_size (list); n++)
    if (g_strcmp0 (vc_json_str (json_array_get (list, n), "label"), id) == 0)
      return json_array_get (list, n);
  return NULL;
}

static void
on_chardevs (VcJson *value, const GError *error, gpointer data)
{
  VcGuest *guest = data;

  for (guint n = 0; value != NULL && guest->live != NULL && n < guest->live->domain->devices->len; n++)
    {
      VcDevice *dev = guest->live->domain->devices->pdata[n];
      const VcJson *chardev = vc_is (dev, "channel", "virtio") ? find_chardev (value, dev) : NULL;
      gboolean is_open = FALSE;

      if (chardev != NULL && vc_json_bool (chardev, "frontend-open", &is_open))
        set_open (guest, dev, is_open);
    }
}

void
vc_channels_find (VcGuest *guest)
{
  vc_qmp_call (vc_vm_qmp (vc_run_vm (guest->run)), vc_qmp_command ("query-chardev", NULL), COMMAND_MS,
               on_chardevs, guest);
}
