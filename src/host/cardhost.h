/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "host/user.h"

/* vc_cardhost_check - can QEMU find a host card for mode 'host'?
 *
 * QEMU opens the NSS database VC_NSS_DATABASE and mirrors one removable hardware slot of its PKCS#11
 * modules; when there is none it starts and says nothing.  database: that path (another one in tests);
 * helper: NULL for the usual one.  Adds to warnings (of char *, owned) what may still come right: an empty
 * reader, several readers, a module that cannot be loaded beside one that can.
 *
 * May take seconds: modules read the cards they find.
 *
 * Returns: TRUE, or FALSE with error: as vc_nss_find_modules for the database; VC_ERROR_NOT_FOUND (no
 * module, no reader), VC_ERROR_UNSUPPORTED (no removable hardware slot), VC_ERROR_FAILED (a module cannot
 * be loaded, PC/SC does not answer).
 */
gboolean vc_cardhost_check (const char *database, const VcUser *user, const char *helper, GPtrArray *warnings,
                            GError **error);
