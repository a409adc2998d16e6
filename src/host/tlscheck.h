/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/user.h"
#include "pki/identity.h"

/* A folder of certificates as QEMU will find it: read as the user that QEMU runs as, by a short child. */

#define VC_TLS_CHECK_TIMEOUT_MS 10000

/* vc_tls_folder_read - all that user can read of a folder
 *
 * user may be NULL: ourselves.  A child reads only where we are somebody else.
 *
 * Returns: new (free with vc_pki_folder_free), or NULL with error when there was no answer.
 */
VcPkiFolder *vc_tls_folder_read (const char *folder, VcPkiLayout layout, const VcUser *user, GError **error);

/* vc_tls_folder_check - will TLS work with this folder, for that end of a connection?
 *
 * passphrase: of the key, or NULL.  verify: a server asks its clients for certificates.  Adds warnings
 * (char *) to warnings, which may be NULL.
 *
 * Returns: TRUE, or FALSE with the first thing that is wrong: "FOLDER/server-key.pem: …".
 */
gboolean vc_tls_folder_check (const char *folder, VcPkiEnd end, const char *passphrase, gboolean verify,
                              const VcUser *user, GPtrArray *warnings, GError **error);
