/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The servers a user trusted before, each by its key: a file of lines
 *
 *   HOST PORT SHA256:FINGERPRINT YYYY-MM-DDTHH:MM:SSZ
 *
 * host as it was asked for, port, fingerprint of the key (pki/fingerprint.h) and when it was first seen.
 * Empty lines, and those that begin with '#', are people's.  A server has one line.  Whatever else stands
 * there is an error with its line, and nobody is trusted by a file that has one: it may be the very line that
 * would have shown another key.
 */
typedef struct VcTrust VcTrust;

typedef struct
{
  const char *host; /* lower case; of an IP address its usual form */
  guint port;
  const char *fingerprint; /* "SHA256:…"                                  */
  gint64 first_seen;       /* seconds since 1970                          */
  guint line;              /* where it stands, from 1; 0: not in a file yet */
} VcTrusted;

#define VC_TRUST_MAX_BYTES (1024u * 1024)

/* vc_trust_default_path - the user's own: known_servers in XDG_CONFIG_HOME/virtcard.  Returns: new string. */
char *vc_trust_default_path (void);

/* vc_trust_read_text - the list in a text; origin: its path, in messages "ORIGIN:LINE: …"
 *
 * Returns: new (free with vc_trust_free), or NULL with VC_ERROR_INVALID or VC_ERROR_LIMIT.
 */
VcTrust *vc_trust_read_text (const char *text, gsize len, const char *origin, GError **error);

/* vc_trust_load - the same of a file; one that is not there is an empty list
 *
 * Returns: as vc_trust_read_text; VC_ERROR_DENIED where others could have written it.
 */
VcTrust *vc_trust_load (const char *path, GError **error);

/* vc_trust_count, vc_trust_get - all of it, in the file's order; borrowed until it changes */
guint vc_trust_count (const VcTrust *self);
const VcTrusted *vc_trust_get (const VcTrust *self, guint index);

/* vc_trust_find - a server's; borrowed until the list changes.  NULL: it is not in it */
const VcTrusted *vc_trust_find (const VcTrust *self, const char *host, guint port);

/* vc_trust_add - one more server, at the end
 *
 * One that is there with that key stays as it is.
 *
 * Returns: FALSE with VC_ERROR_EXISTS, when it is there with another key; VC_ERROR_INVALID for a host or
 * fingerprint that cannot be.
 */
gboolean vc_trust_add (VcTrust *self, const char *host, guint port, const char *fingerprint, gint64 now,
                       GError **error);

/* vc_trust_remove - forget a server; Returns: FALSE with VC_ERROR_NOT_FOUND */
gboolean vc_trust_remove (VcTrust *self, const char *host, guint port, GError **error);

/* vc_trust_print - as it stands in a file, with what people wrote in it.  Returns: new string. */
char *vc_trust_print (const VcTrust *self);

/* vc_trust_remember - add a server to a file, now
 *
 * The file is 0600, in a folder made 0700 where there is none, and is there in full or as it was.  Who else
 * changes it meanwhile, by these functions, waits.  replaces: a line with another key goes.
 *
 * Returns: FALSE with error, and nothing changed: as vc_trust_load and vc_trust_add; VC_ERROR_BUSY.
 */
gboolean vc_trust_remember (const char *path, const char *host, guint port, const char *fingerprint,
                            gboolean replaces, GError **error);

/* vc_trust_forget - remove a server from a file; Returns: as vc_trust_remember, VC_ERROR_NOT_FOUND */
gboolean vc_trust_forget (const char *path, const char *host, guint port, GError **error);

/* vc_trust_free - NULL is fine */
void vc_trust_free (VcTrust *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcTrust, vc_trust_free)
