/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/reach.h"

/* What attach-device, detach-device and update-device share. */
typedef struct
{
  gboolean live, config, current;
  char *domain;
  char *file;
} VcDeviceOptions;

#define VC_DEVICE_ROWS(FILE_DOC)                                                                             \
  VC_FLAG (VcDeviceOptions, live, "--live", .doc = "what runs"),                                             \
      VC_FLAG (VcDeviceOptions, config, "--config", .doc = "the definition: from the next start on"),        \
      VC_FLAG (VcDeviceOptions, current, "--current",                                                        \
               .doc = "what runs, if it runs, else the definition; the usual"),                              \
      VC_DOMAIN (VcDeviceOptions, domain, "[--domain] DOMAIN", .flags = VC_REQUIRED,                         \
                 .doc = "name, UUID or number of the guest"),                                                \
      VC_FILE (VcDeviceOptions, file, "[--file] FILE", .flags = VC_REQUIRED, .doc = FILE_DOC)

/* VcDeviceFn - one of libvirtcard's functions that take the XML of a device */
typedef gboolean (*VcDeviceFn) (VirtcardDomain *domain, const char *xml, guint parts, GError **error);

/* vc_device_run - read the file, do it and say done_words; verb names the command in errors
 *
 * Returns: a VC_EXIT_ status.
 */
int vc_device_run (const VcCli *cli, const VcDeviceOptions *options, const char *verb, VcDeviceFn fn,
                   const char *done_words);
