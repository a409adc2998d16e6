/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "json/json.h"

/* Opening an NSS database to look at it.
 *
 * Read-only and without its password.  A folder that is missing, unreadable or not a database is told
 * apart here, because NSS has one error for all three.
 */

typedef enum
{
  DATABASE_CERTIFICATES, /* what lies in the database; other modules are not loaded      */
  DATABASE_MODULES,      /* with its PKCS#11 modules, as QEMU's mode 'host' would open it */
} DatabaseUse;

/* database_open - open folder (an absolute path, may begin with "sql:") for use
 *
 * Returns: NULL, or the reason as a new JSON object: "reason" (missing, unreadable, not-folder, legacy,
 * broken, unsupported), "path", and "detail" in words.
 */
VcJson *database_open (const char *folder, DatabaseUse use);

/* database_close - undo database_open */
void database_close (void);
