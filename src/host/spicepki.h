/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/conf.h"

#define VC_SPICE_PKI "/etc/pki/libvirt-spice"

/* vc_spice_pki_find - the folder of the certificates of SPICE's TLS port
 *
 * qemu.conf's spice_tls = 0: there is none; = 1: it must be complete; unsaid: where it is complete.
 *
 * Returns: TRUE, with a new string in *ret_folder or NULL there for no TLS; or FALSE with
 * VC_ERROR_NOT_FOUND when a file is missing that must be there.
 */
gboolean vc_spice_pki_find (const VcQemuConf *conf, char **ret_folder, GError **error);
