/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What a server of libsasl2 is told: a file in the format of libsasl2's own (`key: value`, one a line,
 * comments behind # at the beginning of a line), and what holds where it says nothing. */
typedef struct VcSaslOptions VcSaslOptions;

#define VC_SASL_SERVICE "libvirt"  /* the name of the service, for every mechanism                  */
#define VC_SASL_REALM   "virtcard" /* of users without one: what the host is called does not matter */
#define VC_SASL_USUAL   "SCRAM-SHA-256"
#define VC_SASL_INVENT  "virtcard" /* our own source of passwords, behind all others: invent.h      */

/* vc_sasl_options_read - read a file; one that is not there says nothing
 *
 * database: where users are, unless the file says so.
 *
 * Returns: new (free with vc_sasl_options_free), or NULL with "PATH:LINE: …".
 */
VcSaslOptions *vc_sasl_options_read (const char *path, const char *database, GError **error);

/* vc_sasl_options_find - the same for the files of a root: sasl2/libvirt.conf and passwd.db in folder etc */
VcSaslOptions *vc_sasl_options_find (const char *etc, GError **error);

/* vc_sasl_options_read_text - the same for len bytes of text, which came from origin */
VcSaslOptions *vc_sasl_options_read_text (const char *text, gsize len, const char *origin,
                                          const char *database, GError **error);

/* vc_sasl_options_get - what a key is set to; borrowed.  NULL: to nothing */
const char *vc_sasl_options_get (const VcSaslOptions *options, const char *key);

/* vc_sasl_options_free - NULL is fine */
void vc_sasl_options_free (VcSaslOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcSaslOptions, vc_sasl_options_free)
