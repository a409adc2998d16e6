/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/spicepki.h"

#include "base/error.h"

gboolean
vc_spice_pki_find (const VcQemuConf *conf, char **ret_folder, GError **error)
{
  static const char *const files[] = { "ca-cert.pem", "server-cert.pem", "server-key.pem" };
  const char *folder = conf->spice_tls_cert_dir != NULL ? conf->spice_tls_cert_dir : VC_SPICE_PKI;

  *ret_folder = NULL;
  if (conf->spice_tls == VC_TRI_NO)
    return TRUE;
  for (gsize n = 0; n < G_N_ELEMENTS (files); n++)
    {
      g_autofree char *path = g_build_filename (folder, files[n], NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      if (conf->spice_tls == VC_TRI_YES)
        return vc_fail (error, VC_ERROR_NOT_FOUND, "qemu.conf has spice_tls = 1, and '%s' does not exist",
                        path);
      return TRUE;
    }
  *ret_folder = g_strdup (folder);
  return TRUE;
}
