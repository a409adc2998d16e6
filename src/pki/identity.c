/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/identity.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "pki/crl.h"
#include "pki/key.h"

/* How this works
 *
 * One file after the other, in the order in which QEMU reads them; each adds what is wrong with it.  What
 * needs two files is looked at when both could be read.  Where QEMU is more lenient than the other end
 * would be (a client's certificate on a server, say), the other end counts: the connection would fail.
 */

#define QEMU_MAX_CAS 16u /* it silently reads no more of ca-cert.pem */
#define DAY          (24 * 3600)
#define MIN_DH_BITS  2048u

typedef struct
{
  const VcPkiFolder *folder;
  VcPkiEnd end;
  gboolean verify;
  gint64 now;
  GPtrArray *problems; /* never NULL */
} Check;

/* Takes the error. */
static void
add_error (Check *check, GError *error_taken)
{
  vc_pki_problem_add_error (check->problems, error_taken);
  g_error_free (error_taken);
}

static void G_GNUC_PRINTF (4, 5) add (Check *check, gboolean is_warning, VcPkiPart part, const char *fmt, ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, fmt);
  words = g_strdup_vprintf (fmt, args);
  va_end (args);
  vc_pki_problem_add (check->problems, is_warning, VC_ERROR_INVALID, check->folder->files[part].path, "%s",
                      words);
}

/* Who wants it so. */
static const char *
reader (const Check *check)
{
  return check->folder->layout == VC_PKI_QEMU ? "QEMU" : "libvirt";
}

static const VcPkiFile *
get (const Check *check, VcPkiPart part)
{
  return &check->folder->files[part];
}

/* The file of a part, if it could be read.  One that has to be there and is not is a problem. */
static const VcPkiFile *
need (Check *check, VcPkiPart part, gboolean required)
{
  const VcPkiFile *file = get (check, part);
  const char *who = check->folder->who;

  if (file->errsv == 0)
    return file;
  if (file->errsv == ENOENT && !required)
    return NULL;
  if (file->errsv == ENOENT)
    vc_pki_problem_add (check->problems, FALSE, VC_ERROR_NOT_FOUND, file->path, "does not exist");
  else if (file->errsv == EACCES || file->errsv == EPERM)
    vc_pki_problem_add (check->problems, FALSE, VC_ERROR_DENIED, file->path,
                        "cannot be read%s%s: permission denied", who != NULL ? " by " : "",
                        who != NULL ? who : "");
  else if (file->errsv == EFBIG)
    add (check, FALSE, part, "has more than %u bytes", VC_PKI_MAX_BYTES);
  else if (file->errsv == EISDIR)
    add (check, FALSE, part, "is a folder");
  else if (file->errsv == EINVAL)
    add (check, FALSE, part, "is not a file");
  else
    add (check, FALSE, part, "cannot be read: %s", g_strerror (file->errsv));
  return NULL;
}

static GPtrArray *
read_certificates (Check *check, VcPkiPart part, gboolean required)
{
  const VcPkiFile *file = need (check, part, required);
  GError *error = NULL;
  GPtrArray *list
      = file != NULL ? vc_certificates_read_text (file->bytes, file->len, file->path, &error) : NULL;

  if (error != NULL)
    add_error (check, error);
  return list;
}

/* "CA 'CN=x' " where there may be several, else nothing. */
static char *
which (VcPkiPart part, const VcCertificate *one)
{
  return part == VC_PKI_CA_CERT ? g_strdup_printf ("CA '%s' ", one->subject) : g_strdup ("");
}

static void
check_dates (Check *check, VcPkiPart part, const VcCertificate *one)
{
  g_autofree char *name = which (part, one);
  g_autofree char *begin = vc_pki_time_print (one->not_before);
  g_autofree char *end = vc_pki_time_print (one->not_after);
  gint64 days = (one->not_after - check->now) / DAY;

  if (check->now < one->not_before)
    add (check, FALSE, part, "%sis not valid before %s", name, begin);
  else if (check->now > one->not_after)
    add (check, FALSE, part, "%sexpired on %s", name, end);
  else if (days < VC_PKI_WARN_DAYS)
    add (check, TRUE, part, "%sexpires on %s, in %" G_GINT64_FORMAT " days", name, end, days);
}

static void
check_ca (Check *check, const VcCertificate *ca)
{
  gboolean is_root = strcmp (ca->subject, ca->issuer) == 0;

  check_dates (check, VC_PKI_CA_CERT, ca);
  if (!ca->is_ca)
    add (check, FALSE, VC_PKI_CA_CERT, "'%s' is not the certificate of a CA%s", ca->subject,
         ca->says_ca ? "" : ": it has no basic constraints");
  else if (!ca->may_sign_certificates)
    add (check, FALSE, VC_PKI_CA_CERT, "the key usage of CA '%s' does not allow to sign certificates",
         ca->subject);
  if (ca->is_weak_key)
    add (check, FALSE, VC_PKI_CA_CERT, "the key of CA '%s' is weak: %s", ca->subject, ca->key);
  /* Nobody looks at what a root says about itself. */
  if (ca->is_weak_signature && !is_root)
    add (check, FALSE, VC_PKI_CA_CERT, "CA '%s' is signed with %s, which is not secure", ca->subject,
         ca->signature);
}

static GPtrArray *
check_cas (Check *check)
{
  GPtrArray *cas = read_certificates (check, VC_PKI_CA_CERT, check->folder->missing_ca == NULL);

  for (guint i = 0; cas != NULL && i < cas->len; i++)
    check_ca (check, cas->pdata[i]);
  if (cas != NULL && cas->len > QEMU_MAX_CAS)
    add (check, TRUE, VC_PKI_CA_CERT, "holds %u certificates, and %s looks at the first %u", cas->len,
         reader (check), QEMU_MAX_CAS);
  return cas;
}

static char *
print_subjects (const GPtrArray *list)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    g_string_append_printf (out, "%s'%s'", i > 0 ? ", " : "", ((VcCertificate *) list->pdata[i])->subject);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static gboolean
has_subject (const GPtrArray *list, guint from, const char *subject)
{
  for (guint i = from; i < list->len; i++)
    if (strcmp (((VcCertificate *) list->pdata[i])->subject, subject) == 0)
      return TRUE;
  return FALSE;
}

/* GnuTLS' verdict on the first n of chain; dates are somebody else's. */
static unsigned
verify (const GPtrArray *chain, guint n, const GPtrArray *cas)
{
  gnutls_x509_crt_t own[VC_PKI_MAX_CERTIFICATES], trusted[VC_PKI_MAX_CERTIFICATES];
  unsigned status = GNUTLS_CERT_INVALID;

  for (guint i = 0; i < n; i++)
    own[i] = ((VcCertificate *) chain->pdata[i])->crt;
  for (guint i = 0; i < cas->len; i++)
    trusted[i] = ((VcCertificate *) cas->pdata[i])->crt;
  if (gnutls_x509_crt_list_verify (
          own, (int) n, trusted, (int) cas->len, NULL, 0,
          GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS, &status)
      < 0)
    return GNUTLS_CERT_INVALID;
  return status;
}

static void
check_chain (Check *check, VcPkiPart part, const GPtrArray *chain, const GPtrArray *cas)
{
  const VcCertificate *own = chain->pdata[0];
  unsigned status = verify (chain, 1, cas);
  g_autofree char *names = print_subjects (cas);

  if (status == 0)
    return;
  if (chain->len > 1 && has_subject (chain, 1, own->issuer) && verify (chain, chain->len, cas) == 0)
    add (check, FALSE, part,
         "the CA that signed it, '%s', stands in this file, and %s looks for it in %s: put it there",
         own->issuer, reader (check), vc_pki_part_name (check->folder->layout, VC_PKI_CA_CERT));
  else if (has_subject (cas, 0, own->issuer)
           && (status & (GNUTLS_CERT_SIGNATURE_FAILURE | GNUTLS_CERT_SIGNER_NOT_FOUND)) != 0)
    add (check, FALSE, part, "was signed by another CA '%s' than the one of that name in %s", own->issuer,
         get (check, VC_PKI_CA_CERT)->path);
  else if ((status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0)
    add (check, FALSE, part, "was signed by CA '%s', which is not in %s; there is %s", own->issuer,
         get (check, VC_PKI_CA_CERT)->path, names);
  else if ((status & GNUTLS_CERT_INSECURE_ALGORITHM) != 0)
    {
      if (!own->is_weak_signature && !own->is_weak_key) /* that is said already */
        add (check, FALSE, part, "was signed by CA '%s' in a way that is not secure", own->issuer);
    }
  else if ((status & GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE) != 0)
    add (check, FALSE, part, "CA '%s' may not sign certificates for its names or purposes", own->issuer);
  else if ((status & GNUTLS_CERT_SIGNER_NOT_CA) == 0) /* that is said of the CA */
    add (check, FALSE, part, "does not fit CA '%s'", own->issuer);
}

/* TLS 1.3 and every modern key exchange sign; RSA alone may also encipher, in TLS 1.2. */
static void
check_usage (Check *check, VcPkiPart part, const VcCertificate *own)
{
  gboolean server = check->end == VC_PKI_SERVER;

  if (!own->may_sign && !(own->is_rsa && own->may_encipher))
    add (check, FALSE, part, "its key usage does not allow TLS: %s",
         own->is_rsa ? "neither digital signature nor key encipherment" : "no digital signature");
  else if (!own->may_sign && own->usage_is_critical)
    add (check, FALSE, part, "its key usage is critical and has no digital signature, and so %s refuses it",
         reader (check));
  else if (!own->may_sign)
    add (check, TRUE, part, "its key usage has no digital signature, and so TLS 1.3 cannot be used");
  if (server ? !own->may_serve : !own->may_connect)
    {
      g_autofree char *purposes = g_strjoinv (", ", own->purposes);

      add (check, FALSE, part, "is not for a TLS %s: its purposes are %s", server ? "server" : "client",
           purposes);
    }
}

static void
check_own (Check *check, VcPkiPart part, const GPtrArray *chain, const GPtrArray *cas)
{
  const VcCertificate *own = chain->pdata[0];

  check_dates (check, part, own);
  if (own->is_ca)
    add (check, FALSE, part, "is the certificate of a CA, and %s wants one that is not", reader (check));
  check_usage (check, part, own);
  if (own->is_weak_key)
    add (check, FALSE, part, "its key is weak: %s", own->key);
  if (own->is_weak_signature)
    add (check, FALSE, part, "is signed with %s, which is not secure", own->signature);
  if (cas != NULL)
    check_chain (check, part, chain, cas);
}

static void
check_key (Check *check, VcPkiPart key_part, VcPkiPart cert_part, const GPtrArray *chain,
           const char *passphrase)
{
  const VcPkiFile *file = need (check, key_part, TRUE);
  GError *error = NULL;
  g_autoptr (VcKey) key = NULL;

  if (file == NULL)
    return;
  key = vc_key_read_text (file->bytes, file->len, passphrase, file->path, &error);
  if (key == NULL)
    add_error (check, error);
  else if (chain != NULL && !vc_key_fits (key, chain->pdata[0]))
    add (check, FALSE, key_part, "is not the key of the certificate in %s", get (check, cert_part)->path);
  if ((file->mode & S_IROTH) != 0)
    add (check, TRUE, key_part, "everybody may read the key: its mode is %04o", (unsigned) file->mode);
}

static void
check_crl (Check *check, const VcCrl *crl, gboolean refuses)
{
  g_autofree char *made = vc_pki_time_print (crl->this_update);
  g_autofree char *next = vc_pki_time_print (crl->next_update);
  const char *why = refuses ? ", and so every client is refused" : "";

  if (crl->next_update != -1 && check->now > crl->next_update)
    add (check, !refuses, VC_PKI_CA_CRL, "the CRL of '%s' is out of date since %s%s", crl->issuer, next, why);
  else if (check->now < crl->this_update)
    add (check, !refuses, VC_PKI_CA_CRL, "the CRL of '%s' is not valid before %s%s", crl->issuer, made, why);
}

static void
check_crls (Check *check, const GPtrArray *cas, const GPtrArray *chain, VcPkiPart part)
{
  const VcPkiFile *file = need (check, VC_PKI_CA_CRL, FALSE);
  GError *error = NULL;
  g_autoptr (GPtrArray) crls
      = file != NULL ? vc_crls_read_text (file->bytes, file->len, file->path, &error) : NULL;

  if (error != NULL)
    add_error (check, error);
  if (file != NULL && check->end == VC_PKI_CLIENT && check->folder->layout == VC_PKI_QEMU)
    add (check, TRUE, VC_PKI_CA_CRL,
         "QEMU does not look at it where it connects: a revoked server is spoken to");
  for (guint i = 0; crls != NULL && i < crls->len; i++)
    {
      const VcCrl *crl = crls->pdata[i];

      check_crl (check, crl, check->end == VC_PKI_SERVER && check->verify);
      if (cas != NULL && !vc_crl_is_signed_by (crl, cas))
        add (check, FALSE, VC_PKI_CA_CRL, "the CRL of '%s' is signed by no CA of %s", crl->issuer,
             get (check, VC_PKI_CA_CERT)->path);
      else if (chain != NULL && vc_crl_has (crl, chain->pdata[0]))
        add (check, FALSE, part, "was revoked by CA '%s': it is in %s", crl->issuer, file->path);
    }
}

static void
check_dh (Check *check)
{
  const VcPkiFile *file;
  gnutls_datum_t pem, prime = { 0 }, generator = { 0 };
  gnutls_dh_params_t params;
  unsigned bits = 0;

  if (get (check, VC_PKI_DH_PARAMS)->path == NULL)
    return;
  if (get (check, VC_PKI_DH_PARAMS)->errsv == ENOENT)
    {
      add (check, TRUE, VC_PKI_DH_PARAMS,
           "does not exist: QEMU makes its own at every start, which takes up to 350 ms");
      return;
    }
  file = need (check, VC_PKI_DH_PARAMS, FALSE);
  if (file == NULL || gnutls_dh_params_init (&params) < 0)
    return;
  pem = (gnutls_datum_t){ .data = (guchar *) file->bytes, .size = (unsigned) file->len };
  if (gnutls_dh_params_import_pkcs3 (params, &pem, GNUTLS_X509_FMT_PEM) < 0)
    add (check, FALSE, VC_PKI_DH_PARAMS, "holds no Diffie-Hellman parameters in PEM form");
  else if (gnutls_dh_params_export_raw (params, &prime, &generator, &bits) >= 0)
    {
      guint zeros = prime.size > 0 && prime.data[0] == 0 ? 1 : 0;

      if ((prime.size - zeros) * 8 < MIN_DH_BITS)
        add (check, TRUE, VC_PKI_DH_PARAMS, "its group of %u bits is weak", (prime.size - zeros) * 8);
    }
  gnutls_free (prime.data);
  gnutls_free (generator.data);
  gnutls_dh_params_deinit (params);
}

gboolean
vc_pki_has_end (const VcPkiFolder *folder, VcPkiEnd end)
{
  gboolean server = end == VC_PKI_SERVER;

  return folder->files[server ? VC_PKI_SERVER_CERT : VC_PKI_CLIENT_CERT].errsv != ENOENT
         || folder->files[server ? VC_PKI_SERVER_KEY : VC_PKI_CLIENT_KEY].errsv != ENOENT;
}

gboolean
vc_pki_check (const VcPkiFolder *folder, VcPkiEnd end, const char *passphrase, gboolean verify_peer,
              gint64 now, GPtrArray *problems, GError **error)
{
  g_autoptr (GPtrArray) own_list = problems == NULL ? vc_pki_problems_new () : NULL;
  gboolean server = end == VC_PKI_SERVER;
  VcPkiPart cert_part = server ? VC_PKI_SERVER_CERT : VC_PKI_CLIENT_CERT;
  VcPkiPart key_part = server ? VC_PKI_SERVER_KEY : VC_PKI_CLIENT_KEY;
  gboolean has_own = server || vc_pki_has_end (folder, end);
  Check check = { .folder = folder,
                  .end = end,
                  .verify = verify_peer,
                  .now = now,
                  .problems = problems != NULL ? problems : own_list };
  guint from = check.problems->len;
  g_autoptr (GPtrArray) cas = check_cas (&check);
  g_autoptr (GPtrArray) chain = has_own ? read_certificates (&check, cert_part, TRUE) : NULL;

  if (chain != NULL)
    check_own (&check, cert_part, chain, cas);
  if (has_own)
    check_key (&check, key_part, cert_part, chain, passphrase);
  check_crls (&check, cas, chain, cert_part);
  if (server)
    check_dh (&check);
  return vc_pki_problems_fail (check.problems, from, error);
}
