/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A USB smartcard reader with one slot.
 *
 *   <controller type='ccid' index='0'/>
 */
#include "devices/kind.h"

static const VcField rows[]
    = { VC_U32 (VcController, index, "@index", .max = 255, .doc = "number of the reader"), { 0 } };

static char *
name_it (const VcDevice *dev, const VcPeers *peers)
{
  return g_strdup_printf ("ccid%u", ((const VcController *) dev)->index.value);
}

const VcKind vc_kind_controller_ccid = {
  .name = "controller-ccid",
  .element = "controller",
  .select = "@type",
  .value = "ccid",
  .summary = "A USB smartcard reader with one slot.",
  .size = sizeof (VcController),
  .rows = rows,
  .driver = "usb-ccid",
  .plugs_into = &vc_bus_usb,
  .name_it = name_it,
};
