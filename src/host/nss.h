/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "host/user.h"
#include "json/json.h"

/* What an NSS database holds for a smartcard, asked before QEMU starts.
 *
 * QEMU itself says nothing when a nickname is missing.  NSS never loads here: the program
 * virtcard-nss-check looks, as the user QEMU will run as.
 */

#define VC_NSS_DATABASE "/etc/pki/nssdb" /* libvirt's default, and QEMU's only one for mode 'host' */

/* vc_nss_get_helper - the path of virtcard-nss-check, as vc_libexec_find has it; Returns: new string */
char *vc_nss_get_helper (void);

/* vc_nss_check_certificates - can user make a card of these certificates?
 *
 * Borrows everything.  helper: NULL for vc_nss_get_helper.  Adds to warnings (of char *, owned) what does
 * not hinder the start: a certificate that has expired, or is not valid yet.
 *
 * Returns: TRUE, or FALSE with error: VC_ERROR_NOT_FOUND (database, nickname or private key is missing),
 * VC_ERROR_DENIED (user cannot read it), VC_ERROR_UNSUPPORTED (old format), VC_ERROR_INVALID (no
 * database), VC_ERROR_FAILED (it could not be looked at).
 */
gboolean vc_nss_check_certificates (const char *database, const char *const *nicknames, const VcUser *user,
                                    const char *helper, GPtrArray *warnings, GError **error);

/* vc_nss_find_modules - the PKCS#11 modules of a database and what PC/SC has
 *
 * Returns: new object as nsscheck/modules.h describes it, or NULL with error as above.
 */
VcJson *vc_nss_find_modules (const char *database, const VcUser *user, const char *helper, GError **error);
