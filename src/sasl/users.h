/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The users of a database of libsasl2's, by its own programs saslpasswd2 and sasldblistusers2. */

#define VC_SASL_MAX_PASSWORD 1024u

/* vc_sasl_user_check - can somebody be called so?  FALSE with VC_ERROR_INVALID */
gboolean vc_sasl_user_check (const char *name, GError **error);

/* vc_sasl_users_list - those in a database; one that is not there has none
 *
 * Returns: new, in their order, NULL ends it; NULL with error.
 */
char **vc_sasl_users_list (const char *database, GError **error);

/* vc_sasl_users_set - add a user, or give one another password
 *
 * A database that is not there is made, for nobody but us to read.  Where replace is FALSE, one who is there
 * is VC_ERROR_EXISTS.
 *
 * Returns: FALSE with error.
 */
gboolean vc_sasl_users_set (const char *database, const char *name, const char *password, gsize len,
                            gboolean replace, GError **error);

/* vc_sasl_users_remove - FALSE with error, VC_ERROR_NOT_FOUND for one who is not there */
gboolean vc_sasl_users_remove (const char *database, const char *name, GError **error);
