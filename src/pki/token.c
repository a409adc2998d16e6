/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki/token.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/pkcs11.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/error.h"
#include "base/wipe.h"
#include "pki/certificate.h"

#define MAX_PINS 3

gboolean
vc_token_check_uri (const char *uri, GError **error)
{
  if (strstr (uri, "pin-value") != NULL)
    return vc_fail (
        error, VC_ERROR_INVALID,
        "a PIN does not belong into a PKCS#11 URI, which others can see: it is asked for, or read from "
        "a file by pin-source=file:PATH");
  if (!g_str_has_prefix (uri, VC_TOKEN_SCHEME))
    return vc_fail (error, VC_ERROR_INVALID,
                    "'%s' is no PKCS#11 URI: it does not begin with " VC_TOKEN_SCHEME, uri);
  return TRUE;
}

char *
vc_token_certificate_uri (const char *key_uri)
{
  gsize path_len = strcspn (key_uri, "?");
  g_autofree char *path = g_strndup (key_uri, path_len);
  g_auto (GStrv) parts = g_strsplit (path + strlen (VC_TOKEN_SCHEME), ";", -1);
  GString *out = g_string_new (VC_TOKEN_SCHEME);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0' && !g_str_has_prefix (parts[i], "type=")
        && !g_str_has_prefix (parts[i], "object-type="))
      g_string_append_printf (out, "%s;", parts[i]);
  g_string_append_printf (out, "type=cert%s", key_uri + path_len);
  return g_string_free (out, FALSE);
}

gpointer
vc_token_fail (GError **error, const char *uri, int rc)
{
  switch (rc)
    {
    case GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE:
    case GNUTLS_E_PKCS11_REQUESTED_OBJECT_NOT_AVAILBLE:
    case GNUTLS_E_PKCS11_SLOT_ERROR:
    case GNUTLS_E_PKCS11_TOKEN_ERROR:
      return vc_fail_null (error, VC_ERROR_NOT_FOUND, "%s: no token that is there has it", uri);
    case GNUTLS_E_PKCS11_PIN_ERROR:
    case GNUTLS_E_PKCS11_PIN_LOCKED:
    case GNUTLS_E_PKCS11_PIN_EXPIRED:
      return vc_fail_null (error, VC_ERROR_DENIED, "%s: the token does not open: %s", uri,
                           rc == GNUTLS_E_PKCS11_PIN_LOCKED    ? "its PIN is locked"
                           : rc == GNUTLS_E_PKCS11_PIN_EXPIRED ? "its PIN has expired"
                                                               : "there is no PIN for it, or a wrong one");
    case GNUTLS_E_PARSING_ERROR:
      return vc_fail_null (error, VC_ERROR_INVALID, "%s: is no PKCS#11 URI", uri);
    case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
      return vc_fail_null (error, VC_ERROR_INVALID, "%s: is not the key of the client's certificate", uri);
    default:
      return vc_fail_null (error, VC_ERROR_FAILED, "%s: the token fails: %s", uri, gnutls_strerror (rc));
    }
}

static int
ask_pin (void *data, int attempt, const char *token_url, const char *token_label, unsigned flags, char *pin,
         size_t pin_max)
{
  const VcSecretAsk *ask = data;
  gboolean is_last = (flags & GNUTLS_PIN_FINAL_TRY) != 0;
  guint ours = (attempt > 0 || (flags & GNUTLS_PIN_WRONG) != 0 ? VC_SECRET_AGAIN : 0u)
               | (is_last ? VC_SECRET_LAST_TRY : 0u);
  char *text = ask->ask != NULL && attempt < MAX_PINS ? ask->ask (VC_SECRET_PIN, token_label, ours, ask->data)
                                                      : NULL;
  gboolean fits = text != NULL && strlen (text) < pin_max;

  if (fits)
    strcpy (pin, text);
  vc_wipe_text (text);
  return fits ? 0 : GNUTLS_E_PKCS11_PIN_ERROR;
}

/* As GnuTLS wants it: the path of a pin-source without "file:", which the RFC has before it. */
static char *
spell (const char *uri)
{
  GString *out = g_string_new (uri);

  g_string_replace (out, "pin-source=file:", "pin-source=", 1);
  return g_string_free (out, FALSE);
}

static char *
print_pem (gnutls_x509_crt_t *crts, unsigned n)
{
  GString *out = g_string_new (NULL);

  for (unsigned i = 0; i < n; i++)
    {
      gnutls_datum_t pem = { 0 };

      if (gnutls_x509_crt_export2 (crts[i], GNUTLS_X509_FMT_PEM, &pem) >= 0)
        g_string_append_len (out, (const char *) pem.data, pem.size);
      gnutls_free (pem.data);
      gnutls_x509_crt_deinit (crts[i]);
    }
  gnutls_free (crts);
  return g_string_free (out, FALSE);
}

char *
vc_token_read_certificate (const char *uri, const VcSecretAsk *ask, GError **error)
{
  g_autofree char *spelled = spell (uri);
  gnutls_x509_crt_t *crts = NULL;
  unsigned n = 0;
  int rc;

  if (!vc_token_check_uri (uri, error))
    return NULL;
  /* Most are there for everybody; some only for who has the PIN. */
  rc = gnutls_x509_crt_list_import_url (&crts, &n, spelled, ask_pin, (void *) ask, 0);
  if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
    rc = gnutls_x509_crt_list_import_url (&crts, &n, spelled, ask_pin, (void *) ask,
                                          GNUTLS_PKCS11_OBJ_FLAG_LOGIN);
  if (rc < 0)
    return vc_token_fail (error, uri, rc);
  return print_pem (crts, n);
}

gnutls_privkey_t
vc_token_find_key (const char *uri, VcSecretAsk *ask, GError **error)
{
  g_autofree char *spelled = spell (uri);
  gnutls_privkey_t key = NULL;
  int rc;

  if (!vc_token_check_uri (uri, error))
    return NULL;
  rc = gnutls_privkey_init (&key);
  if (rc < 0)
    return vc_token_fail (error, uri, rc);
  gnutls_privkey_set_pin_function (key, ask_pin, ask);
  rc = gnutls_privkey_import_url (key, spelled, 0);
  if (rc >= 0)
    return key;
  gnutls_privkey_deinit (key);
  return vc_token_fail (error, uri, rc);
}
