/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "daemon/conf.h"
#include "pki/credential.h"
#include "pki/session.h"

/* The daemon's certificate, key, CA and CRL: read at the start and whenever the files change.
 *
 * What cannot be used leaves what was there before as it is, and the log says so; but a list of revoked
 * certificates counts as soon as it can be read, whatever is wrong with the others.  Looks at the files in
 * the default main context, a few times a second. */
typedef struct VcKeys VcKeys;

/* vc_keys_new - read them; that they are no good is no error here; borrows conf
 *
 * on_change: there are others now, and the list of revoked certificates may be another.  Returns: new (free
 * with vc_keys_free).
 */
VcKeys *vc_keys_new (const VcTlsConf *conf, void (*on_change) (gpointer data), gpointer data);

/* vc_keys_get - what to begin a session with
 *
 * Returns: borrowed; NULL with error: what was wrong when they were read, or that ours has expired.
 */
VcCredential *vc_keys_get (const VcKeys *self, GError **error);

/* vc_keys_check_session - may who came in, or is about to, be here, with what is known now?
 *
 * Returns: FALSE with VC_ERROR_DENIED.
 */
gboolean vc_keys_check_session (const VcKeys *self, const VcTlsSession *session, GError **error);

/* vc_keys_read_again - now, whether they have changed or not
 *
 * Returns: new string, what is served now; or NULL with error: why those before, or none, stay.
 */
char *vc_keys_read_again (VcKeys *self, GError **error);

/* vc_keys_free - NULL is fine */
void vc_keys_free (VcKeys *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcKeys, vc_keys_free)

/* vc_keys_folder - which files they are; nothing is read.  Returns: new (free with vc_pki_folder_free) */
VcPkiFolder *vc_keys_folder (const VcTlsConf *conf);

/* vc_keys_check - read them once, and say what is wrong: adds to problems (of VcPkiProblem)
 *
 * Returns: new (let go with vc_credential_unref), or NULL with the first error.
 */
VcCredential *vc_keys_check (const VcTlsConf *conf, GPtrArray *problems, GError **error);
