/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "daemon/facts.h"
#include "plan/caps.h"

/* What host and guests can do, as libvirt's XML.  Nothing here looks at anything: facts in, text out. */

typedef struct
{
  const char *arch; /* "x86_64"                              */
  VcCaps *caps;     /* of its emulator; NULL: not installed  */
  gboolean has_kvm;
} VcGuestArch;

/* vc_caps_print_host - <capabilities>
 *
 * arches ends with one without a name.  Returns: new string.
 */
char *vc_caps_print_host (const VcHostFacts *facts, const VcGuestArch *arches);

/* vc_caps_print_domain - <domainCapabilities>: what virtcard supports of what this QEMU has
 *
 * Returns: new string.
 */
char *vc_caps_print_domain (const VcCaps *caps, const char *arch, const VcMachine *machine, gboolean is_kvm);
