/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/chardevtls.h"
#include "host/secret.h"
#include "host/tlscheck.h"

/* A folder of certificates as this host would use it: which one, whose, and with which passphrase. */
typedef struct
{
  char *folder;
  gboolean verify;  /* a server end asks clients for a certificate                          */
  char *passphrase; /* of the keys, or NULL                                                 */
  VcUser *user;     /* who QEMU runs as; NULL: we do, or there is nobody to run it          */
} VcTlsPlace;

/* vc_tls_place_new - one folder, or what qemu.conf says of character devices
 *
 * folder may be NULL, secret (a UUID) too: then qemu.conf's, each.  The passphrase is looked up only where
 * needs_passphrase.
 *
 * Returns: new (free with vc_tls_place_free), or NULL with error; whether the folder exists is not asked.
 */
VcTlsPlace *vc_tls_place_new (const VcPaths *paths, const char *folder, const char *secret,
                              gboolean needs_passphrase, GError **error);

/* vc_tls_place_free - wipes the passphrase; NULL is fine */
void vc_tls_place_free (VcTlsPlace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcTlsPlace, vc_tls_place_free)
