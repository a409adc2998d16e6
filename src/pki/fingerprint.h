/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* How a key is named to people: "SHA256:" and the digest of its SubjectPublicKeyInfo in base64, without '='.
 *
 * It stays when a certificate is renewed with the same key. */

#define VC_FINGERPRINT_DIGEST 32u /* bytes of SHA-256                       */
#define VC_FINGERPRINT_CHARS  50u /* of the text: "SHA256:" and 43 of base64 */

/* vc_fingerprint_print - Returns: new string */
char *vc_fingerprint_print (const guint8 digest[VC_FINGERPRINT_DIGEST]);

/* vc_fingerprint_read - a fingerprint as somebody typed or pasted it
 *
 * Blanks around it and one '=' at its end are passed over.
 *
 * Returns: new string, as vc_fingerprint_print has it, or NULL with VC_ERROR_INVALID.
 */
char *vc_fingerprint_read (const char *text, GError **error);
