/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "xml/xml.h"

/* Elements of other programs below one of ours, <metadata>, each known by its name space. */

/* vc_space_get - the element of a name space, without that name space
 *
 * holder: text of the element above it, or NULL for none.
 *
 * Returns: new string; NULL with VC_ERROR_NOT_FOUND, or with what is wrong with holder.
 */
char *vc_space_get (const char *holder, const char *uri, GError **error);

/* vc_space_set - put an element in place of the one of a name space, or (text NULL) take that one away
 *
 * key: the prefix it gets.  What else is in holder stays as it is.
 *
 * Returns: new text of the holder, an element called name when there was none; or NULL with error:
 * VC_ERROR_INVALID.
 */
char *vc_space_set (const char *holder, const char *name, const char *uri, const char *key, const char *text,
                    GError **error);
