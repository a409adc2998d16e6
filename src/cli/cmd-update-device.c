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
  .about = "Changes a device in the definition, in what runs, or in both. In a guest that runs it can be the "
           "medium of a CD-ROM or floppy drive, put in, taken out or exchanged, and the cable of a network "
           "interface (<link state='up'/> or 'down'); a device that is to be other than it is in anything "
           "else is refused. A drive that the guest has locked is asked to open, and not forced.",
  .options = options,
  .size = sizeof (VcDeviceOptions),
  .connects = TRUE,
  .run = run,
};
