/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* An invitation as it is handed over: one word of letters, digits, - and _.
 *
 *   virtcard1-BASE64URL      of: id, secret, print of the server's key, port, host, 4 bytes of SHA-256 of it
 * all
 */
#define VC_TOKEN_PREFIX    "virtcard1-"
#define VC_TOKEN_ID        8u
#define VC_TOKEN_SECRET    16u
#define VC_TOKEN_KEY_PRINT 32u
#define VC_TOKEN_MAX_HOST  253u
#define VC_TOKEN_MAX       512u /* characters */

typedef struct
{
  guint8 id[VC_TOKEN_ID];
  guint8 secret[VC_TOKEN_SECRET];
  guint8 key_print[VC_TOKEN_KEY_PRINT]; /* vc_tls_key_print */
  guint port;
  char *host;
} VcToken;

/* vc_token_print - Returns: new string (free with vc_wipe_text) */
char *vc_token_print (const VcToken *self);

/* vc_token_read - the one way it can be written, and nothing around it
 *
 * Messages tell nothing of it.
 *
 * Returns: new (free with vc_token_free), or NULL with VC_ERROR_INVALID.
 */
VcToken *vc_token_read (const char *text, GError **error);

/* vc_token_is_host - a DNS name, or an address without brackets? */
gboolean vc_token_is_host (const char *text, gsize len);

/* vc_token_free - wipes it; NULL is fine */
void vc_token_free (VcToken *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcToken, vc_token_free)
