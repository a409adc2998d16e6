/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/kind.h"

gboolean
vc_iothread_check (const VcDevice *dev, VcU32 number, const VcPeers *peers, GError **error)
{
  if (!number.set || peers->iothreads == NULL)
    return TRUE;
  for (guint i = 0; i < peers->iothreads->len; i++)
    if (g_array_index (peers->iothreads, guint32, i) == number.value)
      return TRUE;
  return vc_device_fail (dev, error, "driver/@iothread: the guest has no thread with the number %u",
                         number.value);
}
