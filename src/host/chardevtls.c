/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/chardevtls.h"

#include <string.h>

#include "base/error.h"
#include "base/wipe.h"
#include "host/masterkey.h"
#include "host/secret.h"
#include "host/tlscheck.h"

const VcPkiPlaces vc_pki_places = { "/etc/pki/libvirt-chardev", "/etc/pki/qemu" };

static gboolean
is_folder (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_DIR);
}

static const char *
find_folder (const VcQemuConf *conf, const VcPkiPlaces *places)
{
  if (conf->chardev_tls_cert_dir != NULL)
    return conf->chardev_tls_cert_dir;
  if (is_folder (places->chardev))
    return places->chardev;
  return conf->default_tls_cert_dir != NULL ? conf->default_tls_cert_dir : places->others;
}

/* The secret of other keys is not for those of a folder of its own. */
static const char *
find_secret (const VcQemuConf *conf)
{
  if (conf->chardev_tls_secret != NULL)
    return conf->chardev_tls_secret;
  return conf->chardev_tls_cert_dir == NULL ? conf->default_tls_secret : NULL;
}

VcTlsFacts
vc_chardev_tls_facts (const VcQemuConf *conf, const VcPkiPlaces *places)
{
  VcTri verify
      = conf->chardev_tls_verify != VC_TRI_UNSET ? conf->chardev_tls_verify : conf->default_tls_verify;

  return (VcTlsFacts){ .on = conf->chardev_tls == VC_TRI_YES,
                       .folder = find_folder (conf, places != NULL ? places : &vc_pki_places),
                       .verify = verify != VC_TRI_NO,
                       .has_secret = find_secret (conf) != NULL };
}

/* Also one that is not used: libvirt stops there, and a wrong name is a mistake. */
static gboolean
check_named (const VcQemuConf *conf, const char *key, guint line, const char *folder, GError **error)
{
  return folder == NULL || is_folder (folder)
         || vc_fail (error, VC_ERROR_NOT_FOUND, "%s:%u: %s: folder '%s' does not exist", conf->origin, line,
                     key, folder);
}

static void
set_folder (VcChardevTls *self, const VcQemuConf *conf, const VcPkiPlaces *places)
{
  self->folder = g_strdup (find_folder (conf, places));
  if (conf->chardev_tls_cert_dir != NULL)
    self->folder_origin
        = g_strdup_printf ("%s:%u: chardev_tls_x509_cert_dir", conf->origin, conf->chardev_tls_cert_dir_line);
  else if (is_folder (places->chardev))
    self->looked = g_strdup_printf ("'%s'", places->chardev);
  else if (conf->default_tls_cert_dir != NULL)
    self->folder_origin
        = g_strdup_printf ("%s:%u: default_tls_x509_cert_dir", conf->origin, conf->default_tls_cert_dir_line);
  else
    self->looked = g_strdup_printf ("'%s', which does not exist, and '%s'%s", places->chardev, places->others,
                                    is_folder (places->others) ? "" : ", which does not exist either");
}

static gboolean
set_secret (VcChardevTls *self, const VcQemuConf *conf, GError **error)
{
  gboolean own = conf->chardev_tls_secret != NULL;
  const char *uuid = find_secret (conf);

  if (uuid == NULL)
    return TRUE;
  self->secret_origin = g_strdup_printf ("%s:%u: %s_tls_x509_secret_uuid", conf->origin,
                                         own ? conf->chardev_tls_secret_line : conf->default_tls_secret_line,
                                         own ? "chardev" : "default");
  self->secret = vc_secret_read_uuid (uuid);
  return self->secret != NULL
         || vc_fail (error, VC_ERROR_INVALID, "%s: malformed TLS secret uuid '%s' provided",
                     self->secret_origin, uuid);
}

VcChardevTls *
vc_chardev_tls_find (const VcQemuConf *conf, const VcPkiPlaces *places, GError **error)
{
  g_autoptr (VcChardevTls) self = g_new0 (VcChardevTls, 1);
  VcTlsFacts facts = vc_chardev_tls_facts (conf, places);

  if (!check_named (conf, "chardev_tls_x509_cert_dir", conf->chardev_tls_cert_dir_line,
                    conf->chardev_tls_cert_dir, error)
      || !check_named (conf, "default_tls_x509_cert_dir", conf->default_tls_cert_dir_line,
                       conf->default_tls_cert_dir, error))
    return NULL;
  self->on = facts.on;
  self->verify = facts.verify;
  set_folder (self, conf, places != NULL ? places : &vc_pki_places);
  return set_secret (self, conf, error) ? g_steal_pointer (&self) : NULL;
}

gboolean
vc_chardev_tls_get_passphrase (const VcChardevTls *self, const VcPaths *paths, char **ret_passphrase,
                               GError **error)
{
  gsize len;
  char *value;

  *ret_passphrase = NULL;
  if (self->secret == NULL)
    return TRUE;
  value = vc_secret_get_value (paths, self->secret, &len, error);
  if (value == NULL)
    return vc_prefix (error, "%s: ", self->secret_origin);
  *ret_passphrase = value;
  return TRUE;
}

gboolean
vc_chardev_tls_seal (const VcChardevTls *self, const VcPaths *paths, const char *folder, VcPlan *plan,
                     GError **error)
{
  char *passphrase = NULL;
  gboolean done;

  if (!vc_master_key_wants (plan))
    return TRUE;
  if (!vc_chardev_tls_get_passphrase (self, paths, &passphrase, error))
    return FALSE;
  g_assert (passphrase != NULL); /* a plan has secrets only where one is set */
  done = vc_master_key_seal (folder, passphrase, plan, error);
  vc_wipe_text (passphrase);
  return done;
}

gboolean
vc_chardev_tls_check (const VcChardevTls *self, VcPkiEnd end, const VcPaths *paths, const VcUser *user,
                      GPtrArray *warnings, GError **error)
{
  g_autoptr (GError) why = NULL;
  char *passphrase = NULL;
  gboolean good = vc_chardev_tls_get_passphrase (self, paths, &passphrase, &why)
                  && vc_tls_folder_check (self->folder, end, passphrase, self->verify, user, warnings, &why);

  vc_wipe_text (passphrase);
  if (good)
    return TRUE;
  if (why->code == VC_ERROR_NOT_FOUND && self->looked != NULL
      && g_str_has_prefix (why->message, self->folder))
    return vc_fail (error, VC_ERROR_NOT_FOUND, "%s; TLS is not set up: looked in %s", why->message,
                    self->looked);
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

void
vc_chardev_tls_free (VcChardevTls *self)
{
  if (self == NULL)
    return;
  g_free (self->folder);
  g_free (self->folder_origin);
  g_free (self->secret);
  g_free (self->secret_origin);
  g_free (self->looked);
  g_free (self);
}
