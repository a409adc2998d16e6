/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/reconnect.h"

void
vc_reconnect_fill (VcReconnect *self)
{
  if (self->enabled == VC_TRI_NO)
    self->timeout.set = FALSE;
}

gboolean
vc_reconnect_check (const VcReconnect *self, gboolean connecting, const VcDevice *holder, GError **error)
{
  if (self->enabled == VC_TRI_UNSET && !self->timeout.set)
    return TRUE;
  if (!connecting)
    return vc_device_fail (holder, error, "<reconnect> is only for a source that connects (mode='connect')");
  if (self->enabled == VC_TRI_UNSET)
    return vc_device_fail (holder, error, "<reconnect> needs @enabled");
  if (self->enabled == VC_TRI_YES && !self->timeout.set)
    return vc_device_fail (holder, error, "<reconnect> needs @timeout, the seconds between tries");
  if (self->enabled == VC_TRI_YES && self->timeout.value == 0)
    return vc_device_fail (holder, error, "<reconnect> @timeout cannot be 0 seconds");
  return TRUE;
}

void
vc_reconnect_put (const VcReconnect *self, VcProps *props)
{
  if (self->enabled != VC_TRI_UNSET)
    vc_props_u64 (props, "reconnect", self->enabled == VC_TRI_YES ? self->timeout.value : 0);
}
