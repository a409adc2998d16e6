/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "host/user.h"

/* Does KVM work here?
 *
 * On some machines /dev/kvm is there and a guest never gets anywhere.  A probe guest (the firmware of
 * the binary and a boot sector that ends it) must answer in time.  It is asked once per boot and binary; the
 * answer stands in a file.
 */
typedef struct
{
  const char *binary; /* QEMU for x86, absolute path                        */
  const char *folder; /* where answers are kept; NULL or unwritable: nowhere */
  const VcUser *user; /* who QEMU will run as                               */
  const char *device; /* NULL: /dev/kvm                                     */
  guint timeout_ms;   /* 0: VC_KVM_TIMEOUT_MS                               */
} VcKvm;

#define VC_KVM_TIMEOUT_MS 2000

/* vc_kvm_check - can QEMU run a guest with KVM?
 *
 * Borrows kvm.  Takes up to the timeout where it was not asked since the boot, under half a second where
 * KVM works.  On a machine that is not x86 it looks at the device only.
 *
 * Returns: TRUE, or FALSE with error: VC_ERROR_UNSUPPORTED (no device; a probe guest that did not answer,
 * now or earlier), VC_ERROR_DENIED (user may not use it), VC_ERROR_QEMU (QEMU refused, with its words).
 */
gboolean vc_kvm_check (const VcKvm *kvm, GError **error);
