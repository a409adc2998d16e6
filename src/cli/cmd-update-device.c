/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/device.h"

static const VcField options[]
    = { VC_DEVICE_ROWS ("XML of the device as it shall be; - is the standard input"), { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_device_run (cli, data, "update-device", virtcard_domain_update_device,
                        "Device updated successfully");
}

const VcCommand vc_command_update_device = {
  .name = "update-device",
  .summary = "change a device of a guest",
  .about = "Changes a device in the definition, from the next start on. In a guest that runs nothing can be "
           "changed yet: a device that is to be other than it is, is refused.",
  .options = options,
  .size = sizeof (VcDeviceOptions),
  .connects = TRUE,
  .run = run,
};
