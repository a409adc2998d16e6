/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/certificate.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/wipe.h"
#include "pki/fingerprint.h"
#include "pki/text.h"

#define MAX_NAMES    256u /* of a certificate that are kept       */
#define MAX_PURPOSES 64u
#define MIN_RSA_BITS 2048u

static char *
take_datum (gnutls_datum_t *datum)
{
  char *text = datum->data != NULL ? vc_pki_text (datum->data, datum->size) : g_strdup ("");

  gnutls_free (datum->data);
  datum->data = NULL;
  return text;
}

static char *
get_name (gnutls_x509_crt_t crt, int (*get) (gnutls_x509_crt_t, gnutls_datum_t *, unsigned))
{
  gnutls_datum_t name = { 0 };

  return get (crt, &name, 0) >= 0 ? take_datum (&name) : g_strdup ("");
}

static char *
get_common_name (gnutls_x509_crt_t crt)
{
  g_autofree char *name = NULL;
  size_t size = 0;

  if (gnutls_x509_crt_get_dn_by_oid (crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, NULL, &size)
      != GNUTLS_E_SHORT_MEMORY_BUFFER)
    return NULL;
  name = g_malloc0 (size + 1);
  if (gnutls_x509_crt_get_dn_by_oid (crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) < 0)
    return NULL;
  return vc_pki_text (name, strlen (name));
}

/* "ab:cd", or without the colons. */
static char *
print_hex (const guint8 *bytes, gsize len, const char *between)
{
  static const char digits[] = "0123456789abcdef";
  g_autoptr (GString) out = g_string_new (NULL);

  for (gsize i = 0; i < len; i++)
    {
      g_string_append (out, i > 0 ? between : "");
      g_string_append_c (out, digits[bytes[i] >> 4]);
      g_string_append_c (out, digits[bytes[i] & 15]);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
print_address (const guint8 *bytes, gsize len)
{
  char text[INET6_ADDRSTRLEN];

  if ((len == 4 && inet_ntop (AF_INET, bytes, text, sizeof text) != NULL)
      || (len == 16 && inet_ntop (AF_INET6, bytes, text, sizeof text) != NULL))
    return g_strdup (text);
  return print_hex (bytes, len, ":");
}

static char *
print_alternative (unsigned type, const guint8 *bytes, gsize len)
{
  static const char *const words[] = {
    [GNUTLS_SAN_DNSNAME] = "DNS",
    [GNUTLS_SAN_RFC822NAME] = "EMAIL",
    [GNUTLS_SAN_URI] = "URI",
  };
  g_autofree char *text = NULL;

  if (type == GNUTLS_SAN_IPADDRESS)
    {
      text = print_address (bytes, len);
      return g_strconcat ("IP:", text, NULL);
    }
  if (type >= G_N_ELEMENTS (words) || words[type] == NULL)
    return g_strdup ("another sort of name");
  text = vc_pki_text (bytes, len);
  return g_strconcat (words[type], ":", text, NULL);
}

static char **
get_alternatives (gnutls_x509_crt_t crt)
{
  g_autoptr (GStrvBuilder) out = g_strv_builder_new ();

  for (unsigned i = 0; i < MAX_NAMES; i++)
    {
      g_autofree guint8 *bytes = NULL;
      g_autofree char *text = NULL;
      size_t size = 0;
      unsigned type;
      int rc = gnutls_x509_crt_get_subject_alt_name2 (crt, i, NULL, &size, &type, NULL);

      if (rc != GNUTLS_E_SHORT_MEMORY_BUFFER)
        break;
      bytes = g_malloc0 (size + 1);
      rc = gnutls_x509_crt_get_subject_alt_name2 (crt, i, bytes, &size, &type, NULL);
      if (rc < 0)
        break;
      text = print_alternative (type, bytes, size);
      g_strv_builder_add (out, text);
    }
  return g_strv_builder_end (out);
}

static void
read_usage (VcCertificate *self)
{
  static const struct
  {
    unsigned bit;
    const char *words;
  } rows[] = {
    { GNUTLS_KEY_DIGITAL_SIGNATURE, "digital signature" },
    { GNUTLS_KEY_NON_REPUDIATION, "non-repudiation" },
    { GNUTLS_KEY_KEY_ENCIPHERMENT, "key encipherment" },
    { GNUTLS_KEY_DATA_ENCIPHERMENT, "data encipherment" },
    { GNUTLS_KEY_KEY_AGREEMENT, "key agreement" },
    { GNUTLS_KEY_KEY_CERT_SIGN, "signing of certificates" },
    { GNUTLS_KEY_CRL_SIGN, "signing of CRLs" },
    { GNUTLS_KEY_ENCIPHER_ONLY, "encipherment only" },
    { GNUTLS_KEY_DECIPHER_ONLY, "decipherment only" },
  };
  g_autoptr (GStrvBuilder) out = g_strv_builder_new ();
  unsigned usage = 0, critical = 0;
  gboolean said = gnutls_x509_crt_get_key_usage (self->crt, &usage, &critical) >= 0;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if ((usage & rows[i].bit) != 0)
      g_strv_builder_add (out, rows[i].words);
  self->usages = said ? g_strv_builder_end (out) : NULL;
  self->usage_is_critical = said && critical != 0;
  self->may_sign = !said || (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) != 0;
  self->may_encipher = !said || (usage & GNUTLS_KEY_KEY_ENCIPHERMENT) != 0;
  self->may_sign_certificates = !said || (usage & GNUTLS_KEY_KEY_CERT_SIGN) != 0;
  self->may_sign_crls = !said || (usage & GNUTLS_KEY_CRL_SIGN) != 0;
}

static void
read_purposes (VcCertificate *self)
{
  static const struct
  {
    const char *oid, *words;
  } rows[] = { { GNUTLS_KP_TLS_WWW_SERVER, "TLS server" },
               { GNUTLS_KP_TLS_WWW_CLIENT, "TLS client" },
               { GNUTLS_KP_ANY, "any" },
               { GNUTLS_KP_CODE_SIGNING, "code signing" },
               { GNUTLS_KP_EMAIL_PROTECTION, "e-mail" },
               { GNUTLS_KP_OCSP_SIGNING, "OCSP signing" },
               { GNUTLS_KP_TIME_STAMPING, "time stamping" } };
  g_autoptr (GStrvBuilder) out = g_strv_builder_new ();
  gboolean said = FALSE;

  for (unsigned i = 0; i < MAX_PURPOSES; i++)
    {
      char oid[128] = "";
      size_t size = sizeof oid;
      const char *words = oid;

      if (gnutls_x509_crt_get_key_purpose_oid (self->crt, i, oid, &size, NULL) < 0)
        break;
      said = TRUE;
      for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
        if (strcmp (oid, rows[n].oid) == 0)
          words = rows[n].words;
      self->may_serve |= strcmp (oid, GNUTLS_KP_TLS_WWW_SERVER) == 0 || strcmp (oid, GNUTLS_KP_ANY) == 0;
      self->may_connect |= strcmp (oid, GNUTLS_KP_TLS_WWW_CLIENT) == 0 || strcmp (oid, GNUTLS_KP_ANY) == 0;
      g_strv_builder_add (out, words);
    }
  self->purposes = said ? g_strv_builder_end (out) : NULL;
  self->may_serve |= !said;
  self->may_connect |= !said;
}

static void
read_key (VcCertificate *self)
{
  unsigned bits = 0;
  int algorithm = gnutls_x509_crt_get_pk_algorithm (self->crt, &bits);
  int signature = gnutls_x509_crt_get_signature_algorithm (self->crt);
  const char *name = algorithm >= 0 ? gnutls_pk_get_name (algorithm) : NULL;
  const char *how = signature >= 0 ? gnutls_sign_get_name (signature) : NULL;

  self->is_rsa = algorithm == GNUTLS_PK_RSA || algorithm == GNUTLS_PK_RSA_PSS;
  self->key_bits = bits;
  if (name == NULL)
    self->key = g_strdup ("of an unknown sort");
  else
    self->key = g_strdup_printf ("%s %u bits", g_str_has_prefix (name, "EC/") ? "EC" : name, bits);
  self->is_weak_key = (self->is_rsa || algorithm == GNUTLS_PK_DSA) && bits < MIN_RSA_BITS;
  self->signature = g_strdup (how != NULL ? how : "unknown");
  self->is_weak_signature
      = signature >= 0 && gnutls_sign_is_secure2 (signature, GNUTLS_SIGN_FLAG_SECURE_FOR_CERTS) == 0;
}

VcCertificate *
vc_certificate_read_crt (gnutls_x509_crt_t crt_taken, const char *origin, GError **error)
{
  g_autoptr (VcCertificate) self = g_new0 (VcCertificate, 1);
  unsigned critical, ca = 0;
  guint8 serial[128], print[VC_FINGERPRINT_DIGEST];
  size_t serial_size = sizeof serial, print_size = sizeof print;

  self->crt = crt_taken;
  self->origin = g_strdup (origin);
  self->subject = get_name (crt_taken, gnutls_x509_crt_get_dn3);
  self->issuer = get_name (crt_taken, gnutls_x509_crt_get_issuer_dn3);
  self->common_name = get_common_name (crt_taken);
  self->names = get_alternatives (crt_taken);
  self->not_before = gnutls_x509_crt_get_activation_time (crt_taken);
  self->not_after = gnutls_x509_crt_get_expiration_time (crt_taken);
  if (self->not_before == -1 || self->not_after == -1)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: a certificate's dates cannot be read", origin);
  if (gnutls_x509_crt_get_serial (crt_taken, serial, &serial_size) < 0)
    serial_size = 0;
  self->serial = print_hex (serial, serial_size, "");
  if (gnutls_x509_crt_get_fingerprint (crt_taken, GNUTLS_DIG_SHA256, print, &print_size) < 0)
    print_size = 0;
  self->fingerprint = print_hex (print, print_size, ":");
  print_size = sizeof print;
  if (gnutls_x509_crt_get_key_id (crt_taken, GNUTLS_KEYID_USE_SHA256, print, &print_size) < 0
      || print_size != VC_FINGERPRINT_DIGEST)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: a certificate's key cannot be read", origin);
  self->key_fingerprint = vc_fingerprint_print (print);
  self->says_ca = gnutls_x509_crt_get_basic_constraints (crt_taken, &critical, &ca, NULL) >= 0;
  self->is_ca = self->says_ca && ca != 0;
  read_key (self);
  read_usage (self);
  read_purposes (self);
  return g_steal_pointer (&self);
}

VcCertificate *
vc_certificate_read_der (const guint8 *bytes, guint len, const char *origin, GError **error)
{
  const gnutls_datum_t der = { .data = (guchar *) bytes, .size = len };
  gnutls_x509_crt_t crt;

  if (gnutls_x509_crt_init (&crt) < 0)
    return vc_fail_null (error, VC_ERROR_FAILED, "%s cannot be read", origin);
  if (gnutls_x509_crt_import (crt, &der, GNUTLS_X509_FMT_DER) >= 0)
    return vc_certificate_read_crt (crt, origin, error);
  gnutls_x509_crt_deinit (crt);
  return vc_fail_null (error, VC_ERROR_INVALID, "%s cannot be read", origin);
}

static gboolean
has (const char *text, gsize len, const char *part)
{
  return text != NULL && memmem (text, len, part, strlen (part)) != NULL;
}

static gpointer
fail_import (const char *text, gsize len, const char *origin, int rc, GError **error)
{
  if (rc == GNUTLS_E_SHORT_MEMORY_BUFFER)
    return vc_fail_null (error, VC_ERROR_LIMIT, "%s: holds more than %u certificates", origin,
                         VC_PKI_MAX_CERTIFICATES);
  if (len == 0)
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: is empty", origin);
  if (has (text, len, "-----BEGIN CERTIFICATE-----") || has (text, len, "-----BEGIN X509 CERTIFICATE-----"))
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: holds a damaged certificate", origin);
  if (has (text, len, "PRIVATE KEY-----"))
    return vc_fail_null (error, VC_ERROR_INVALID, "%s: holds a private key and no certificate", origin);
  return vc_fail_null (error, VC_ERROR_INVALID, "%s: holds no certificate in PEM form", origin);
}

GPtrArray *
vc_certificates_read_text (const char *text, gsize len, const char *origin, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) vc_certificate_free);
  const gnutls_datum_t pem = { .data = (guchar *) text, .size = (unsigned) len };
  gnutls_x509_crt_t crts[VC_PKI_MAX_CERTIFICATES];
  unsigned n = G_N_ELEMENTS (crts);
  GError *why = NULL;
  int rc;

  if (len > VC_PKI_MAX_BYTES)
    return vc_fail_null (error, VC_ERROR_LIMIT, "%s: has more than %u bytes", origin, VC_PKI_MAX_BYTES);
  rc = len > 0 ? gnutls_x509_crt_list_import (crts, &n, &pem, GNUTLS_X509_FMT_PEM,
                                              GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED)
               : GNUTLS_E_NO_CERTIFICATE_FOUND;
  if (rc <= 0)
    return fail_import (text, len, origin, rc, error);
  for (int i = 0; i < rc; i++)
    {
      VcCertificate *one = vc_certificate_read_crt (crts[i], origin, why == NULL ? &why : NULL);

      if (one != NULL)
        g_ptr_array_add (list, one);
    }
  if (why == NULL)
    return g_steal_pointer (&list);
  g_propagate_error (error, why);
  return NULL;
}

GPtrArray *
vc_certificates_read (const char *path, GError **error)
{
  gsize len;
  char *text = vc_file_read (path, VC_PKI_MAX_BYTES, &len, error);
  GPtrArray *list = text != NULL ? vc_certificates_read_text (text, len, path, error) : NULL;

  vc_wipe_free (text, text != NULL ? len : 0); /* there may be a key beside them */
  return list;
}

void
vc_certificate_free (VcCertificate *self)
{
  if (self == NULL)
    return;
  if (self->crt != NULL)
    gnutls_x509_crt_deinit (self->crt);
  g_free (self->origin);
  g_free (self->subject);
  g_free (self->issuer);
  g_free (self->common_name);
  g_strfreev (self->names);
  g_free (self->serial);
  g_free (self->fingerprint);
  g_free (self->key_fingerprint);
  g_free (self->key);
  g_free (self->signature);
  g_strfreev (self->usages);
  g_strfreev (self->purposes);
  g_free (self);
}

char *
vc_pki_time_print (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M:%S UTC")
                      : g_strdup_printf ("second %" G_GINT64_FORMAT, seconds);
}

static void G_GNUC_PRINTF (3, 4) add_fact (GString *out, const char *what, const char *fmt, ...)
{
  va_list args;

  g_string_append_printf (out, "%-13s", what);
  va_start (args, fmt);
  g_string_append_vprintf (out, fmt, args);
  va_end (args);
  g_string_append_c (out, '\n');
}

static void
add_list (GString *out, const char *what, char *const *list, const char *unsaid)
{
  g_autofree char *text = list != NULL ? g_strjoinv (", ", (char **) list) : NULL;

  add_fact (out, what, "%s", text == NULL || *text == '\0' ? unsaid : text);
}

char *
vc_certificate_print (const VcCertificate *self, gint64 now)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *begin = vc_pki_time_print (self->not_before);
  g_autofree char *end = vc_pki_time_print (self->not_after);

  add_fact (out, "subject", "%s", *self->subject != '\0' ? self->subject : "(none)");
  add_fact (out, "issuer", "%s%s", *self->issuer != '\0' ? self->issuer : "(none)",
            strcmp (self->issuer, self->subject) == 0 ? " (itself)" : "");
  add_list (out, "names", self->names, "(none)");
  add_fact (out, "valid from", "%s%s", begin, now < self->not_before ? " (not yet)" : "");
  add_fact (out, "valid until", "%s%s", end, now > self->not_after ? " (expired)" : "");
  add_fact (out, "key", "%s%s", self->key, self->is_weak_key ? " (weak)" : "");
  add_fact (out, "signed with", "%s%s", self->signature, self->is_weak_signature ? " (weak)" : "");
  add_fact (out, "CA", "%s", self->is_ca ? "yes" : "no");
  add_list (out, "key usage", self->usages, "(any)");
  add_list (out, "purposes", self->purposes, "(any)");
  add_fact (out, "serial", "%s", self->serial);
  add_fact (out, "SHA-256", "%s", self->fingerprint);
  add_fact (out, "fingerprint", "%s", self->key_fingerprint);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

gboolean
vc_certificate_has_name (const VcCertificate *self, const char *host)
{
  return gnutls_x509_crt_check_hostname (self->crt, host) != 0;
}

char *
vc_certificate_print_pem (const VcCertificate *self)
{
  gnutls_datum_t pem = { 0 };
  char *text;

  if (gnutls_x509_crt_export2 (self->crt, GNUTLS_X509_FMT_PEM, &pem) < 0)
    return g_strdup (""); /* it was read: it can be written */
  text = g_strndup ((const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  return text;
}

gboolean
vc_certificate_is_signed_by (const VcCertificate *self, const VcCertificate *ca)
{
  const unsigned no
      = GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA | GNUTLS_CERT_SIGNATURE_FAILURE;
  unsigned status = 0;

  return gnutls_x509_crt_verify (self->crt, &ca->crt, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) >= 0
         && (status & no) == 0;
}
