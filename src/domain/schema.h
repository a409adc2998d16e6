/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* vc_schema_print - RELAX NG schema of what vc_domain_read accepts, from the rows
 *
 * For editors and for checking in CI; reading does not use it.  Rules over several facts are not in
 * it.
 *
 * Returns: new string.
 */
char *vc_schema_print (void);

/* vc_manual_print - docs/domain.md, from the rows
 *
 * Returns: new string.
 */
char *vc_manual_print (void);
