/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fields/values.h"
#include "host/paths.h"

/* Secrets: what opens an encrypted key.
 *
 * A secret is described by libvirt's <secret> XML in ETC/secrets/UUID.xml; its value stands beside it in
 * UUID.value, readable by nobody else.  Values never go into messages, and are wiped from memory.
 */
typedef struct
{
  char *uuid;
  VcTri is_private; /* libvirt: nobody is told the value; here nobody ever is            */
  VcTri is_ephemeral;
  char *description;  /* or NULL                                                           */
  int usage;          /* 1: tls                                                            */
  char *name;         /* what it is for; no two secrets have the same                      */
  gboolean has_value; /* vc_secrets_list only: a value was set                            */
} VcSecret;

#define VC_SECRET_MAX_VALUE 65536u /* bytes, libvirt's limit */
#define VC_SECRET_MAX_XML   65536u

/* vc_secret_read - a secret's description
 *
 * One without a UUID is given one.  origin names the text in errors.
 *
 * Returns: new (free with vc_secret_free), or NULL with VC_ERROR_INVALID and the line;
 * VC_ERROR_UNSUPPORTED for an ephemeral one, which nobody would keep.
 */
VcSecret *vc_secret_read (const char *text, gsize len, const char *origin, GError **error);

/* vc_secret_print - the description as XML.  Returns: new string. */
char *vc_secret_print (const VcSecret *self);

/* vc_secret_define - keep it, or its new description
 *
 * Returns: TRUE; FALSE with VC_ERROR_EXISTS when the UUID or the name belongs to another.
 */
gboolean vc_secret_define (const VcPaths *paths, const VcSecret *self, GError **error);

/* vc_secrets_list - all that are kept
 *
 * Returns: new array of VcSecret in order of UUIDs, or NULL with error.
 */
GPtrArray *vc_secrets_list (const VcPaths *paths, GError **error);

/* vc_secret_set_value - give it its value
 *
 * UTF-8 without zeros, which is what a passphrase can be.
 *
 * Returns: TRUE; FALSE with VC_ERROR_NOT_FOUND for a secret that is not there, VC_ERROR_INVALID or
 * VC_ERROR_LIMIT for a value that cannot be.
 */
gboolean vc_secret_set_value (const VcPaths *paths, const char *uuid, const char *value, gsize len,
                              GError **error);

/* vc_secret_get_value - its value
 *
 * Returns: new bytes with a zero after them (free with vc_wipe_free or vc_wipe_text), or NULL with
 * VC_ERROR_NOT_FOUND.
 */
char *vc_secret_get_value (const VcPaths *paths, const char *uuid, gsize *ret_len, GError **error);

/* vc_secret_undefine - forget it and its value */
gboolean vc_secret_undefine (const VcPaths *paths, const char *uuid, GError **error);

/* vc_secret_read_uuid - a UUID in its usual form.  Returns: new string, or NULL where it is none. */
char *vc_secret_read_uuid (const char *text);

/* vc_secret_free - NULL is fine */
void vc_secret_free (VcSecret *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcSecret, vc_secret_free)
