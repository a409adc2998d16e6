/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/folder.h"

/* vc_client_certificates - a client's files, where libvirt has them, read
 *
 * Of pkipath all, where it is not NULL.  Else each of the user's own ~/.pki/libvirt where it is there, and of
 * the system where it is not: /etc/pki/CA/cacert.pem, cacrl.pem there, /etc/pki/libvirt/clientcert.pem and
 * private/clientkey.pem.  Certificate and key come from one place.  root looks at the system's only.
 * needs_ca: a CA's certificate has to be there; else the folder's missing_ca tells where it is not.
 *
 * Returns: new (free with vc_pki_folder_free), or NULL with VC_ERROR_NOT_FOUND: there is no CA's certificate,
 * and where it was looked for.
 */
VcPkiFolder *vc_client_certificates (const char *pkipath, gboolean needs_ca, GError **error);
