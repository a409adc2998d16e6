/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/tlsplace.h"

#include <unistd.h>

#include "base/error.h"
#include "base/wipe.h"

static gboolean
set_passphrase (VcTlsPlace *self, const VcPaths *paths, const VcQemuConf *conf, const char *secret,
                gboolean is_confs, GError **error)
{
  g_autofree char *uuid = secret != NULL ? vc_secret_read_uuid (secret) : NULL;
  g_autoptr (VcChardevTls) tls = NULL;
  gsize len;

  if (secret != NULL)
    {
      self->passphrase = vc_secret_get_value (paths, uuid != NULL ? uuid : secret, &len, error);
      return self->passphrase != NULL;
    }
  if (!is_confs)
    return TRUE;
  tls = vc_chardev_tls_find (conf, NULL, error);
  return tls != NULL && vc_chardev_tls_get_passphrase (tls, paths, &self->passphrase, error);
}

VcTlsPlace *
vc_tls_place_new (const VcPaths *paths, const char *folder, const char *secret, gboolean needs_passphrase,
                  GError **error)
{
  g_autoptr (VcQemuConf) conf = vc_qemu_conf_read (paths->qemu_conf, error);
  g_autoptr (VcTlsPlace) self = g_new0 (VcTlsPlace, 1);
  VcTri verify;

  if (conf == NULL)
    return NULL;
  verify = conf->chardev_tls_verify != VC_TRI_UNSET ? conf->chardev_tls_verify : conf->default_tls_verify;
  self->verify = verify != VC_TRI_NO;
  self->folder = folder != NULL ? g_canonicalize_filename (folder, NULL)
                                : g_strdup (vc_chardev_tls_facts (conf, NULL).folder);
  /* Without such a user nothing would be started; certificates may still be made and looked at. */
  if (geteuid () == 0)
    self->user = vc_user_find (conf, NULL);
  if (needs_passphrase && !set_passphrase (self, paths, conf, secret, folder == NULL, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
vc_tls_place_free (VcTlsPlace *self)
{
  if (self == NULL)
    return;
  g_free (self->folder);
  vc_wipe_text (self->passphrase);
  vc_user_free (self->user);
  g_free (self);
}
