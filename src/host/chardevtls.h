/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/tls.h"
#include "host/conf.h"
#include "host/paths.h"
#include "host/user.h"
#include "plan/plan.h"
#include "pki/identity.h"

/* What qemu.conf says about TLS of character devices, with libvirt's order of what stands in for what. */
typedef struct
{
  gboolean on;         /* a device that does not say has TLS                                 */
  char *folder;        /* of the certificates                                                */
  char *folder_origin; /* "qemu.conf:3: chardev_tls_x509_cert_dir"; NULL: it is a usual one  */
  gboolean verify;     /* a server end asks clients for a certificate                        */
  char *secret;        /* uuid of the secret that opens the key, or NULL                     */
  char *secret_origin; /* "qemu.conf:4: chardev_tls_x509_secret_uuid", or NULL               */
  char *looked;        /* where a folder was looked for: "'/a', which does not exist, …"     */
} VcChardevTls;

/* The usual folders: the first where it exists, else the second.  A test has its own. */
typedef struct
{
  const char *chardev;
  const char *others;
} VcPkiPlaces;

extern const VcPkiPlaces vc_pki_places; /* /etc/pki/libvirt-chardev, /etc/pki/qemu */

/* vc_chardev_tls_find - the settings
 *
 * places NULL: the usual ones.
 *
 * Returns: new (free with vc_chardev_tls_free), or NULL with "qemu.conf:LINE: …": VC_ERROR_NOT_FOUND for
 * a folder that is named and does not exist, VC_ERROR_INVALID for a secret that is no UUID.
 */
VcChardevTls *vc_chardev_tls_find (const VcQemuConf *conf, const VcPkiPlaces *places, GError **error);

/* vc_chardev_tls_facts - the same without a look at whether it is there, for what is only printed
 *
 * Returns: facts; the folder belongs to conf or places.
 */
VcTlsFacts vc_chardev_tls_facts (const VcQemuConf *conf, const VcPkiPlaces *places);

/* vc_chardev_tls_get_passphrase - the secret's value
 *
 * Returns: TRUE, with a new string in *ret_passphrase (free with vc_wipe_text), NULL there where no secret
 * is set; FALSE with error, which begins with the setting's place.
 */
gboolean vc_chardev_tls_get_passphrase (const VcChardevTls *self, const VcPaths *paths, char **ret_passphrase,
                                        GError **error);

/* vc_chardev_tls_seal - give a plan's secrets their value, encrypted under the key in the guest's folder
 *
 * For a start, and for what is plugged in later.  Does nothing where no device needs a secret.
 *
 * Returns: TRUE, or FALSE with error.
 */
gboolean vc_chardev_tls_seal (const VcChardevTls *self, const VcPaths *paths, const char *folder,
                              VcPlan *plan, GError **error);

/* vc_chardev_tls_check - will TLS work for that end, started as user?
 *
 * Adds warnings (char *) to warnings, which may be NULL.
 *
 * Returns: TRUE, or FALSE with the file and reason; where a usual folder lacks a file also with the folders
 * that were looked at.
 */
gboolean vc_chardev_tls_check (const VcChardevTls *self, VcPkiEnd end, const VcPaths *paths,
                               const VcUser *user, GPtrArray *warnings, GError **error);

/* vc_chardev_tls_free - NULL is fine */
void vc_chardev_tls_free (VcChardevTls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcChardevTls, vc_chardev_tls_free)
