/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A USB hub with eight ports.
 *
 *   <hub type='usb'/>
 */
#include "devices/kind.h"

static const VcField rows[] = { { 0 } };

const VcKind vc_kind_hub_usb = {
  .name = "hub-usb",
  .element = "hub",
  .select = "@type",
  .value = "usb",
  .summary = "A USB hub with eight ports.",
  .size = sizeof (VcDevice),
  .rows = rows,
  .alias = "hub",
  .driver = "usb-hub",
  .plugs_into = &vc_bus_usb,
};
