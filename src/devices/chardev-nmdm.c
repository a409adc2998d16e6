/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* FreeBSD's pair of virtual terminals, known to libvirt and not to QEMU: always refused, with what to
 * write instead. */
#include "devices/chardev.h"

static const VcField rows[] = { VC_IGNORED ("source/@master", .doc = "one end"),
                                VC_IGNORED ("source/@slave", .doc = "the other end"),
                                { 0 } };

static gboolean
check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers, GError **error)
{
  return vc_device_fail_unsupported (
      holder, error,
      "type='nmdm' exists on FreeBSD only and QEMU has none: write type='pty', or "
      "type='unix' with a <source path=…>");
}

const VcChardevKind vc_chardev_nmdm = {
  .type = "nmdm",
  .summary = "FreeBSD's pair of virtual terminals: refused, since QEMU has none.",
  .size = sizeof (VcChardev),
  .rows = rows,
  .backend = "null",
  .check = check,
};
