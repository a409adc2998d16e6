/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/keys.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/log.h"
#include "pki/crl.h"
#include "pki/problem.h"

/* How this works
 *
 * Four files are looked at (stat, so that links and folders that are replaced count too).  Once they have
 * changed and then stayed the same for one look, they are read: who replaces key and certificate is given
 * the time to replace both.
 */

#define LOOK_MS       300
#define AGAIN_SECONDS 60 /* what is no good is read again for the clock's sake: "not valid before" */

struct VcKeys
{
  const VcTlsConf *conf;
  void (*on_change) (gpointer data);
  gpointer data;
  VcCredential *credential; /* NULL: none was ever good           */
  GPtrArray *crls;          /* VcCrl, of files that were no good otherwise; or NULL */
  char *trouble;            /* of the last reading; NULL: all well */
  char *read, *seen;        /* what the files looked like         */
  gint64 read_at;           /* s, monotonic                       */
  guint timer;
};

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* libvirt's places: of the host for root, else of the user. */
VcPkiFolder *
vc_keys_folder (const VcTlsConf *conf)
{
  g_autofree char *home = g_build_filename (g_get_home_dir (), ".pki", "libvirt", NULL);
  gboolean is_root = getuid () == 0;
  VcPkiFolder *folder = vc_pki_folder_new (is_root ? "/etc/pki/libvirt" : home, VC_PKI_LIBVIRT);
  g_autofree char *key = g_build_filename (home, "serverkey.pem", NULL);
  const struct
  {
    VcPkiPart part;
    const char *set, *usual; /* NULL: where the layout has it */
  } rows[] = {
    { VC_PKI_CA_CERT, conf->ca, is_root ? "/etc/pki/CA/cacert.pem" : NULL },
    { VC_PKI_CA_CRL, conf->crl, is_root ? "/etc/pki/CA/cacrl.pem" : NULL },
    { VC_PKI_SERVER_CERT, conf->cert, NULL },
    { VC_PKI_SERVER_KEY, conf->key, is_root ? NULL : key },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].set != NULL || rows[i].usual != NULL)
      vc_pki_folder_set_path (folder, rows[i].part, rows[i].set != NULL ? rows[i].set : rows[i].usual);
  vc_pki_folder_set_path (folder, VC_PKI_CLIENT_CERT, NULL);
  vc_pki_folder_set_path (folder, VC_PKI_CLIENT_KEY, NULL);
  return folder;
}

VcCredential *
vc_keys_check (const VcTlsConf *conf, GPtrArray *problems, GError **error)
{
  g_autoptr (VcPkiFolder) folder = vc_keys_folder (conf);
  const VcPkiFile *crl = &folder->files[VC_PKI_CA_CRL];

  vc_pki_folder_fill (folder);
  if (conf->crl != NULL && crl->errsv == ENOENT)
    {
      vc_pki_problem_add (problems, FALSE, VC_ERROR_NOT_FOUND, crl->path, "does not exist");
      return vc_fail_null (error, VC_ERROR_NOT_FOUND, "%s: does not exist", crl->path);
    }
  return vc_credential_new (folder, conf->priority, now_s (), problems, error);
}

/* What the files look like from outside.  Returns: new string. */
static char *
look (const VcTlsConf *conf)
{
  g_autoptr (VcPkiFolder) folder = vc_keys_folder (conf);
  g_autoptr (GString) out = g_string_new (NULL);

  for (int part = 0; part < VC_PKI_N_PARTS; part++)
    {
      struct stat s;

      if (part == VC_PKI_CA_KEY || folder->files[part].path == NULL)
        continue;
      if (stat (folder->files[part].path, &s) < 0)
        g_string_append (out, "-;");
      else
        g_string_append_printf (out, "%lu:%lu:%ld:%u:%ld.%ld:%ld.%ld;", (unsigned long) s.st_dev,
                                (unsigned long) s.st_ino, (long) s.st_size, (guint) s.st_mode,
                                (long) s.st_mtim.tv_sec, s.st_mtim.tv_nsec, (long) s.st_ctim.tv_sec,
                                s.st_ctim.tv_nsec);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* A list of revoked certificates that is gone would let them in again. */
static gboolean
check_crl (const VcKeys *self, const VcCredential *fresh, GError **error)
{
  if (self->credential == NULL || !vc_credential_has_crl (self->credential) || vc_credential_has_crl (fresh))
    return TRUE;
  return vc_fail (error, VC_ERROR_NOT_FOUND, "the list of revoked certificates is gone");
}

/* While there is trouble. */
static const char *
print_state (const VcKeys *self)
{
  return self->credential != NULL ? "TLS goes on with the certificates it has"
                                  : "TLS connections are refused";
}

/* Returns: new string. */
static char *
print_served (const VcKeys *self)
{
  const VcCertificate *own = vc_credential_own (self->credential);
  g_autofree char *until = vc_pki_time_print (own->not_after);

  return g_strdup_printf ("TLS is served with the certificate of '%s', until %s", own->subject, until);
}

static void
say_trouble (VcKeys *self, const GPtrArray *problems, const GError *error)
{
  gboolean is_known = g_strcmp0 (self->trouble, error->message) == 0;

  g_free (self->trouble);
  self->trouble = g_strdup (error->message);
  if (is_known)
    return;
  for (guint i = 0; i < problems->len; i++)
    {
      const VcPkiProblem *problem = problems->pdata[i];

      if (!problem->is_warning && g_strcmp0 (problem->text, error->message) != 0)
        vc_log (VC_LOG_ERROR, "%s", problem->text);
    }
  vc_log (VC_LOG_ERROR, "%s: %s", print_state (self), error->message);
}

/* What was revoked is revoked, whatever is wrong with the others. */
static void
take_crls (VcKeys *self)
{
  g_autoptr (VcPkiFolder) folder = vc_keys_folder (self->conf);
  const VcPkiFile *file = &folder->files[VC_PKI_CA_CRL];
  GPtrArray *crls;

  vc_pki_folder_fill (folder);
  crls = file->bytes != NULL ? vc_crls_read_text (file->bytes, file->len, file->path, NULL) : NULL;
  if (crls == NULL)
    return;
  g_clear_pointer (&self->crls, g_ptr_array_unref);
  self->crls = crls;
  self->on_change (self->data);
}

static void
read_them (VcKeys *self)
{
  g_autoptr (GPtrArray) problems = vc_pki_problems_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VcCredential) fresh = NULL;
  g_autofree char *served = NULL;

  g_free (self->read);
  self->read = look (self->conf);
  self->read_at = g_get_monotonic_time () / G_USEC_PER_SEC;
  fresh = vc_keys_check (self->conf, problems, &error);
  if (fresh == NULL || !check_crl (self, fresh, &error))
    {
      say_trouble (self, problems, error);
      take_crls (self);
      return;
    }
  for (guint i = 0; i < problems->len; i++)
    vc_log (VC_LOG_WARNING, "%s", ((const VcPkiProblem *) problems->pdata[i])->text);
  g_clear_pointer (&self->trouble, g_free);
  g_clear_pointer (&self->crls, g_ptr_array_unref);
  vc_credential_unref (self->credential);
  self->credential = g_steal_pointer (&fresh);
  served = print_served (self);
  vc_log (VC_LOG_INFO, "%s", served);
  self->on_change (self->data);
}

static gboolean
on_look (gpointer data)
{
  VcKeys *self = data;
  g_autofree char *seen = look (self->conf);
  gboolean is_still = g_strcmp0 (seen, self->seen) == 0;
  gboolean is_old
      = self->trouble != NULL && g_get_monotonic_time () / G_USEC_PER_SEC >= self->read_at + AGAIN_SECONDS;

  if (is_still && (is_old || g_strcmp0 (seen, self->read) != 0))
    read_them (self);
  g_free (self->seen);
  self->seen = g_steal_pointer (&seen);
  return G_SOURCE_CONTINUE;
}

VcKeys *
vc_keys_new (const VcTlsConf *conf, void (*on_change) (gpointer data), gpointer data)
{
  VcKeys *self = g_new0 (VcKeys, 1);

  self->conf = conf;
  self->on_change = on_change;
  self->data = data;
  read_them (self);
  self->timer = g_timeout_add (LOOK_MS, on_look, self);
  return self;
}

VcCredential *
vc_keys_get (const VcKeys *self, GError **error)
{
  const VcCertificate *own;

  if (self->credential == NULL)
    return vc_fail_null (error, VC_ERROR_STATE, "TLS is not ready: %s", self->trouble);
  own = vc_credential_own (self->credential);
  if (now_s () > own->not_after)
    {
      g_autofree char *end = vc_pki_time_print (own->not_after);

      return vc_fail_null (error, VC_ERROR_STATE, "TLS is not ready: %s: expired on %s", own->origin, end);
    }
  return self->credential;
}

gboolean
vc_keys_check_session (const VcKeys *self, const VcTlsSession *session, GError **error)
{
  if (self->credential != NULL && !vc_tls_session_check_again (session, self->credential, error))
    return FALSE;
  return self->crls == NULL || vc_tls_session_check_crls (session, self->crls, error);
}

char *
vc_keys_read_again (VcKeys *self, GError **error)
{
  g_clear_pointer (&self->trouble, g_free); /* whoever asks is told */
  read_them (self);
  if (self->trouble == NULL)
    return print_served (self);
  return vc_fail_null (error, VC_ERROR_INVALID, "%s: %s", print_state (self), self->trouble);
}

void
vc_keys_free (VcKeys *self)
{
  if (self == NULL)
    return;
  if (self->timer != 0)
    g_source_remove (self->timer);
  vc_credential_unref (self->credential);
  g_clear_pointer (&self->crls, g_ptr_array_unref);
  g_free (self->trouble);
  g_free (self->read);
  g_free (self->seen);
  g_free (self);
}
