/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/device.h"

static const VcField options[] = { VC_DEVICE_ROWS ("XML of one device; - is the standard input"), { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_device_run (cli, data, "detach-device", virtcard_domain_detach_device,
                        "Device detached successfully");
}

const VcCommand vc_command_detach_device = {
  .name = "detach-device",
  .summary = "take a device from a guest",
  .about
  = "Removes the device that an XML file describes, by its address or alias or by all that it says. Waits "
    "until the guest has let go of it; one that does not is an error, and the device may go later.",
  .options = options,
  .size = sizeof (VcDeviceOptions),
  .connects = TRUE,
  .run = run,
};
