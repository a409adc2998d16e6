/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/certificates.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

static const struct
{
  VcPkiPart part;
  VcPkiPart decides; /* which of a user's own must be there for this one to be the user's */
  const char *path;
} of_system[] = {
  { VC_PKI_CA_CERT, VC_PKI_CA_CERT, "/etc/pki/CA/cacert.pem" },
  { VC_PKI_CA_CRL, VC_PKI_CA_CRL, "/etc/pki/CA/cacrl.pem" },
  { VC_PKI_CLIENT_CERT, VC_PKI_CLIENT_CERT, "/etc/pki/libvirt/clientcert.pem" },
  { VC_PKI_CLIENT_KEY, VC_PKI_CLIENT_CERT, "/etc/pki/libvirt/private/clientkey.pem" },
};

static void
choose_paths (VcPkiFolder *folder, gboolean has_own)
{
  gboolean is_there[VC_PKI_N_PARTS] = { FALSE };

  for (int part = 0; part < VC_PKI_N_PARTS; part++)
    is_there[part]
        = has_own && folder->files[part].path != NULL && access (folder->files[part].path, F_OK) == 0;
  for (guint i = 0; i < G_N_ELEMENTS (of_system); i++)
    if (!is_there[of_system[i].decides])
      vc_pki_folder_set_path (folder, of_system[i].part, of_system[i].path);
}

VcPkiFolder *
vc_client_certificates (const char *pkipath, gboolean needs_ca, GError **error)
{
  gboolean has_own = pkipath == NULL && geteuid () != 0;
  g_autofree char *own = g_build_filename (g_get_home_dir (), ".pki", "libvirt", NULL);
  g_autoptr (VcPkiFolder) folder = vc_pki_folder_new (pkipath != NULL ? pkipath : own, VC_PKI_LIBVIRT);
  const VcPkiFile *ca = &folder->files[VC_PKI_CA_CERT];
  g_autofree char *first = has_own ? g_strdup (ca->path) : NULL;

  vc_pki_folder_set_path (folder, VC_PKI_SERVER_CERT, NULL);
  vc_pki_folder_set_path (folder, VC_PKI_SERVER_KEY, NULL);
  if (pkipath == NULL)
    choose_paths (folder, has_own);
  vc_pki_folder_fill (folder);
  if (ca->errsv != ENOENT)
    return g_steal_pointer (&folder);
  folder->missing_ca = first != NULL && strcmp (first, ca->path) != 0
                           ? g_strdup_printf ("neither %s nor %s is there", first, ca->path)
                           : g_strdup_printf ("%s is not there", ca->path);
  if (!needs_ca)
    return g_steal_pointer (&folder);
  return vc_fail_null (error, VC_ERROR_NOT_FOUND,
                       "there is no certificate of a CA to check the server's with: %s", folder->missing_ca);
}
