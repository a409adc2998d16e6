/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/device.h"

static const VcField options[] = { VC_DEVICE_ROWS ("XML of one device; - is the standard input"), { 0 } };

static int
run (const VcCli *cli, gconstpointer data)
{
  return vc_device_run (cli, data, "attach-device", virtcard_domain_attach_device,
                        "Device attached successfully");
}

const VcCommand vc_command_attach_device = {
  .name = "attach-device",
  .summary = "give a guest a device",
  .about = "Adds the device of an XML file to the guest, without stopping it when it runs. It is there when "
           "this returns; what is missing in the XML, such as its address, is filled in.",
  .options = options,
  .size = sizeof (VcDeviceOptions),
  .connects = TRUE,
  .run = run,
};
