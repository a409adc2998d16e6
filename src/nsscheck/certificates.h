/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "json/json.h"

/* certificates_look - what the open database holds under those nicknames
 *
 * Looks the way QEMU's card does: the certificate by nickname, its private key in the database itself.
 * A key behind a password counts as there when its public half is stored beside it, which is what NSS
 * itself goes by; no password is asked.
 *
 * Returns: new object: "login" (the database has a password) and "certificates", one object a nickname
 * in their order: "nickname", "found" and, when found, "key", "subject", "not_before", "not_after".
 */
VcJson *certificates_look (const char *const *nicknames);
