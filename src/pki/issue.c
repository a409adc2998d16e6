/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/issue.h"

#include <arpa/inet.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/error.h"
#include "base/wipe.h"

#define HOUR         3600
#define DAY          (24 * 3600)
#define MAX_CN       64u /* characters, X.520      */
#define MAX_DNS_NAME 253u

static gpointer
fail (GError **error, int rc)
{
  return vc_fail_null (error, VC_ERROR_FAILED, "cannot make a certificate: %s", gnutls_strerror (rc));
}

/* 4 or 16 bytes, or 0: it is no address. */
static gsize
read_address (const char *name, guint8 *bytes)
{
  if (inet_pton (AF_INET, name, bytes) == 1)
    return 4;
  return inet_pton (AF_INET6, name, bytes) == 1 ? 16 : 0;
}

/* Labels of letters, digits, - and _; "*" may be the first of several. */
static gboolean
is_dns_name (const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);
  guint n = g_strv_length (labels);

  if (n == 0 || strlen (name) > MAX_DNS_NAME)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      gsize len = strlen (labels[i]);

      if (i == 0 && n > 2 && strcmp (labels[i], "*") == 0)
        continue;
      if (len == 0 || len > 63 || labels[i][0] == '-' || labels[i][len - 1] == '-')
        return FALSE;
      for (gsize at = 0; at < len; at++)
        if (!g_ascii_isalnum (labels[i][at]) && labels[i][at] != '-' && labels[i][at] != '_')
          return FALSE;
    }
  /* "10.0.0.256" is a mistake, not a host. */
  return strspn (labels[n - 1], "0123456789") != strlen (labels[n - 1]) || n == 1;
}

static gboolean
check_cn (const char *name, GError **error)
{
  if (*name == '\0')
    return vc_fail (error, VC_ERROR_INVALID, "a name is empty");
  if (!g_utf8_validate (name, -1, NULL))
    return vc_fail (error, VC_ERROR_INVALID, "a name is not UTF-8");
  if (g_utf8_strlen (name, -1) > MAX_CN)
    return vc_fail (error, VC_ERROR_INVALID, "'%s' has more than %u characters: begin with a shorter name",
                    name, MAX_CN);
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return vc_fail (error, VC_ERROR_INVALID, "a name has a control character in it");
  return TRUE;
}

static gboolean
check_names (char *const *names, VcPkiEnd end, GError **error)
{
  guint8 bytes[16];

  if (names[0] == NULL)
    return vc_fail (error, VC_ERROR_INVALID, "there is no name");
  if (!check_cn (names[0], error))
    return FALSE;
  for (guint i = end == VC_PKI_CLIENT ? 1 : 0; names[i] != NULL; i++)
    if (read_address (names[i], bytes) == 0 && !is_dns_name (names[i]))
      return vc_fail (error, VC_ERROR_INVALID, "'%s' is neither the DNS name of a host nor an IP address",
                      names[i]);
  return TRUE;
}

static int
set_names (gnutls_x509_crt_t crt, char *const *names)
{
  for (; *names != NULL; names++)
    {
      guint8 bytes[16];
      gsize len = read_address (*names, bytes);
      int rc = 0;

      if (len > 0)
        rc = gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_IPADDRESS, bytes, (unsigned) len,
                                                   GNUTLS_FSAN_APPEND);
      else if (is_dns_name (*names))
        rc = gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_DNSNAME, *names,
                                                   (unsigned) strlen (*names), GNUTLS_FSAN_APPEND);
      if (rc < 0)
        return rc;
    }
  return 0;
}

static int
set_own_key (gnutls_x509_crt_t crt, const VcKey *key)
{
  return gnutls_x509_crt_set_key (crt, key->key);
}

/* What every certificate has; its key was set. */
static int
set_common (gnutls_x509_crt_t crt, const char *name, gint64 begin, gint64 end)
{
  guint8 serial[16], id[64];
  size_t id_size = sizeof id;
  int rc = gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial);

  serial[0] = (serial[0] & 0x7f) | 0x40; /* positive, and always of this length */
  if (rc >= 0)
    rc = gnutls_x509_crt_set_version (crt, 3);
  if (rc >= 0)
    rc = gnutls_x509_crt_set_serial (crt, serial, sizeof serial);
  if (rc >= 0)
    rc = gnutls_x509_crt_set_dn_by_oid (crt, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned) strlen (name));
  if (rc >= 0)
    rc = gnutls_x509_crt_set_activation_time (crt, begin);
  if (rc >= 0)
    rc = gnutls_x509_crt_set_expiration_time (crt, end);
  if (rc >= 0)
    rc = gnutls_x509_crt_get_key_id (crt, GNUTLS_KEYID_USE_SHA1, id, &id_size);
  if (rc >= 0)
    rc = gnutls_x509_crt_set_subject_key_id (crt, id, id_size);
  return rc;
}

static int
set_ca (gnutls_x509_crt_t crt)
{
  int rc = gnutls_x509_crt_set_basic_constraints (crt, 1, -1);

  return rc < 0 ? rc : gnutls_x509_crt_set_key_usage (crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
}

static int
set_end (gnutls_x509_crt_t crt, const VcCertificate *ca, VcPkiEnd end, char *const *names, gboolean is_rsa)
{
  guint8 id[64];
  size_t id_size = sizeof id;
  int rc = gnutls_x509_crt_set_basic_constraints (crt, 0, -1);

  /* An EC key can only sign, and libvirt 9 warns at every connection about a key usage that says so. */
  if (rc >= 0 && is_rsa)
    rc = gnutls_x509_crt_set_key_usage (crt, GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT);
  if (rc >= 0)
    rc = gnutls_x509_crt_set_key_purpose_oid (
        crt, end == VC_PKI_SERVER ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT, 0);
  if (rc >= 0)
    rc = set_names (crt, names);
  if (rc >= 0 && gnutls_x509_crt_get_subject_key_id (ca->crt, id, &id_size, NULL) >= 0)
    rc = gnutls_x509_crt_set_authority_key_id (crt, id, id_size);
  return rc;
}

/* Borrows both; key NULL: it is somebody else's. */
static VcIssued *
print (gnutls_x509_crt_t crt, const VcKey *key, gint64 not_after, GError **error)
{
  g_autoptr (VcIssued) self = g_new0 (VcIssued, 1);
  gnutls_datum_t pem = { 0 };
  int rc = gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_PEM, &pem);

  if (rc < 0)
    return fail (error, rc);
  self->certificate = g_strndup ((const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  self->not_after = not_after;
  if (key == NULL)
    return g_steal_pointer (&self);
  self->key = vc_key_print (key, error);
  return self->key != NULL ? g_steal_pointer (&self) : NULL;
}

VcIssued *
vc_issue_ca (const char *name, VcKeySort sort, guint days, gint64 now, GError **error)
{
  gint64 not_after = now + (gint64) days * DAY;
  g_autoptr (VcKey) key = NULL;
  VcIssued *self = NULL;
  gnutls_x509_crt_t crt;
  int rc;

  if (!check_cn (name, error))
    return NULL;
  key = vc_key_new (sort, error);
  if (key == NULL)
    return NULL;
  rc = gnutls_x509_crt_init (&crt);
  if (rc < 0)
    return fail (error, rc);
  rc = set_own_key (crt, key);
  if (rc >= 0)
    rc = set_common (crt, name, now - HOUR, not_after);
  if (rc >= 0)
    rc = set_ca (crt);
  if (rc >= 0)
    rc = gnutls_x509_crt_sign2 (crt, crt, key->key, GNUTLS_DIG_SHA256, 0);
  self = rc < 0 ? fail (error, rc) : print (crt, key, not_after, error);
  gnutls_x509_crt_deinit (crt);
  return self;
}

static gboolean
check_issuer (const VcCertificate *ca, const VcKey *ca_key, gint64 now, GError **error)
{
  if (!ca->is_ca || !ca->may_sign_certificates)
    return vc_fail (error, VC_ERROR_INVALID, "%s: '%s' is not the certificate of a CA", ca->origin,
                    ca->subject);
  if (!vc_key_fits (ca_key, ca))
    return vc_fail (error, VC_ERROR_INVALID, "%s: the CA's key is not the key of this certificate",
                    ca->origin);
  if (now > ca->not_after)
    {
      g_autofree char *end = vc_pki_time_print (ca->not_after);

      return vc_fail (error, VC_ERROR_INVALID, "%s: the CA expired on %s", ca->origin, end);
    }
  return TRUE;
}

/* Of key, or of request where that is not NULL. */
static VcIssued *
sign (const VcCertificate *ca, const VcKey *ca_key, VcPkiEnd end, char *const *names, const VcKey *key,
      const VcRequest *request, guint days, gint64 now, GError **error)
{
  gint64 not_after = MIN (now + (gint64) days * DAY, ca->not_after);
  gnutls_x509_crt_t crt;
  int rc = gnutls_x509_crt_init (&crt);
  VcIssued *self = NULL;

  if (rc < 0)
    return fail (error, rc);
  rc = request != NULL ? gnutls_x509_crt_set_pubkey (crt, request->key) : set_own_key (crt, key);
  if (rc >= 0)
    rc = set_common (crt, names[0], MAX (now - HOUR, ca->not_before), not_after);
  if (rc >= 0)
    rc = set_end (crt, ca, end, names, gnutls_x509_crt_get_pk_algorithm (crt, NULL) == GNUTLS_PK_RSA);
  if (rc >= 0)
    rc = gnutls_x509_crt_sign2 (crt, ca->crt, ca_key->key, GNUTLS_DIG_SHA256, 0);
  self = rc < 0 ? fail (error, rc) : print (crt, key, not_after, error);
  gnutls_x509_crt_deinit (crt);
  return self;
}

VcIssued *
vc_issue (const VcCertificate *ca, const VcKey *ca_key, VcPkiEnd end, char *const *names, VcKeySort sort,
          guint days, gint64 now, GError **error)
{
  g_autoptr (VcKey) key = NULL;

  if (!check_names (names, end, error) || !check_issuer (ca, ca_key, now, error))
    return NULL;
  key = vc_key_new (sort, error);
  return key != NULL ? sign (ca, ca_key, end, names, key, NULL, days, now, error) : NULL;
}

gboolean
vc_issue_check (const VcCertificate *ca, const VcKey *ca_key, VcPkiEnd end, char *const *names, gint64 now,
                GError **error)
{
  return check_names (names, end, error) && check_issuer (ca, ca_key, now, error);
}

VcIssued *
vc_issue_requested (const VcCertificate *ca, const VcKey *ca_key, VcPkiEnd end, char *const *names,
                    const VcRequest *request, guint days, gint64 now, GError **error)
{
  return vc_issue_check (ca, ca_key, end, names, now, error)
             ? sign (ca, ca_key, end, names, NULL, request, days, now, error)
             : NULL;
}

char *
vc_issue_dh_params (GError **error)
{
  gnutls_dh_params_t params;
  gnutls_datum_t pem = { 0 };
  char *text = NULL;
  int rc = gnutls_dh_params_init (&params);

  if (rc < 0)
    return fail (error, rc);
  rc = gnutls_dh_params_import_raw3 (params, &gnutls_ffdhe_3072_group_prime, &gnutls_ffdhe_3072_group_q,
                                     &gnutls_ffdhe_3072_group_generator);
  if (rc >= 0)
    rc = gnutls_dh_params_export2_pkcs3 (params, GNUTLS_X509_FMT_PEM, &pem);
  if (rc >= 0)
    text = g_strndup ((const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  gnutls_dh_params_deinit (params);
  return text != NULL ? text : fail (error, rc);
}

void
vc_issued_free (VcIssued *self)
{
  if (self == NULL)
    return;
  g_free (self->certificate);
  vc_wipe_text (self->key);
  g_free (self);
}
