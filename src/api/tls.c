/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "api/tls.h"
#include "base/error.h"
#include "base/file.h"
#include "base/wipe.h"
#include "client/certificates.h"
#include "client/secure.h"
#include "pki/fingerprint.h"
#include "pki/problem.h"
#include "pki/token.h"

#define TIMEOUT_S   30u
#define KEEPALIVE_S 5u
#define KEEPALIVE_N 5u
#define MAX_SECRET  1024u

G_STATIC_ASSERT ((int) VIRTCARD_SECRET_AGAIN == (int) VC_SECRET_AGAIN);
G_STATIC_ASSERT ((int) VIRTCARD_SECRET_LAST_TRY == (int) VC_SECRET_LAST_TRY);
G_STATIC_ASSERT ((int) VIRTCARD_POLICY_CA_OR_REMEMBERED == (int) VC_POLICY_CA_OR_REMEMBERED);
G_STATIC_ASSERT ((int) VIRTCARD_POLICY_ASK == (int) VC_POLICY_ASK);
G_STATIC_ASSERT ((int) VIRTCARD_POLICY_ASK_ALWAYS == (int) VC_POLICY_ASK_ALWAYS);

static const struct
{
  VcPkiPart part;
  const char *name; /* in the place of a path */
} parts[] = {
  [VIRTCARD_TLS_CA_CERTIFICATE] = { VC_PKI_CA_CERT, "(CA certificate)" },
  [VIRTCARD_TLS_CA_CRL] = { VC_PKI_CA_CRL, "(CA CRL)" },
  [VIRTCARD_TLS_CLIENT_CERTIFICATE] = { VC_PKI_CLIENT_CERT, "(client certificate)" },
  [VIRTCARD_TLS_CLIENT_KEY] = { VC_PKI_CLIENT_KEY, "(client key)" },
};

VirtcardTls *
virtcard_tls_new (void)
{
  VirtcardTls *tls = g_new0 (VirtcardTls, 1);

  tls->folder = vc_pki_folder_new ("", VC_PKI_LIBVIRT);
  tls->folder->missing_ca = g_strdup ("none was given");
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    vc_pki_folder_set_path (tls->folder, parts[i].part, parts[i].name);
  tls->timeout_s = TIMEOUT_S;
  tls->keepalive_s = KEEPALIVE_S;
  tls->keepalive_n = KEEPALIVE_N;
  return tls;
}

void
virtcard_tls_free (VirtcardTls *tls)
{
  if (tls == NULL)
    return;
  vc_pki_folder_free (tls->folder);
  vc_wipe_text (tls->secret_text);
  for (guint i = 0; i < G_N_ELEMENTS (tls->uris); i++)
    g_free (tls->uris[i]);
  g_free (tls->known_servers);
  g_free (tls->fingerprint);
  g_free (tls);
}

gboolean
virtcard_tls_set_data (VirtcardTls *tls, VirtcardTlsPart part, const char *pem, gsize len, GError **error)
{
  if ((guint) part >= G_N_ELEMENTS (parts))
    return vc_fail (error, VC_ERROR_INVALID, "unknown part %d", (int) part);
  if (len > VC_PKI_MAX_BYTES)
    return vc_fail (error, VC_ERROR_LIMIT, "%s: has more than %u bytes", parts[part].name, VC_PKI_MAX_BYTES);
  vc_pki_folder_set (tls->folder, parts[part].part, pem, len, 0600);
  vc_pki_folder_set_path (tls->folder, parts[part].part, parts[part].name);
  g_clear_pointer (&tls->uris[part], g_free);
  tls->has_parts = TRUE;
  return TRUE;
}

gboolean
virtcard_tls_set_file (VirtcardTls *tls, VirtcardTlsPart part, const char *path, GError **error)
{
  gsize len = 0;
  char *pem = vc_file_read (path, VC_PKI_MAX_BYTES, &len, error);
  gboolean is_set = pem != NULL && virtcard_tls_set_data (tls, part, pem, len, error);

  if (is_set)
    vc_pki_folder_set_path (tls->folder, parts[part].part, path);
  vc_wipe_free (pem, len);
  return is_set;
}

gboolean
virtcard_tls_set_uri (VirtcardTls *tls, VirtcardTlsPart part, const char *uri, GError **error)
{
  if (part != VIRTCARD_TLS_CLIENT_CERTIFICATE && part != VIRTCARD_TLS_CLIENT_KEY)
    return vc_fail (error, VC_ERROR_INVALID, "only a client's certificate and key can be in a token");
  if (!vc_token_check_uri (uri, error))
    return FALSE;
  g_free (tls->uris[part]);
  tls->uris[part] = g_strdup (uri);
  tls->has_parts = TRUE;
  return TRUE;
}

void
virtcard_tls_set_system_ca (VirtcardTls *tls, gboolean on)
{
  tls->has_system_ca = on;
}

static char *
get_part (const VirtcardTls *tls, VirtcardTlsPart part, GError **error)
{
  const VcPkiFile *file = &tls->folder->files[parts[part].part];

  if (tls->uris[part] != NULL)
    return vc_fail_null (error, VC_ERROR_UNSUPPORTED, "%s: is in a token: %s", parts[part].name,
                         tls->uris[part]);
  if (file->bytes == NULL)
    return vc_fail_null (error, VC_ERROR_NOT_FOUND, "%s: none was given", parts[part].name);
  return g_strndup (file->bytes, file->len);
}

char *
virtcard_tls_get_data (const VirtcardTls *tls, VirtcardTlsPart part, GError **error)
{
  if ((guint) part >= G_N_ELEMENTS (parts))
    return vc_fail_null (error, VC_ERROR_INVALID, "unknown part %d", (int) part);
  if (part == VIRTCARD_TLS_CLIENT_KEY)
    return vc_fail_null (error, VC_ERROR_DENIED, "%s: is given by virtcard_tls_get_key only",
                         parts[part].name);
  return get_part (tls, part, error);
}

char *
virtcard_tls_get_key (const VirtcardTls *tls, GError **error)
{
  return get_part (tls, VIRTCARD_TLS_CLIENT_KEY, error);
}

/* What opens the key */

void
virtcard_tls_set_secret (VirtcardTls *tls, VirtcardSecretFn fn, gpointer data)
{
  tls->secret = fn;
  tls->secret_data = data;
}

gboolean
virtcard_tls_set_secret_file (VirtcardTls *tls, const char *path, GError **error)
{
  gsize len = 0;
  char *text = vc_file_read (path, MAX_SECRET, &len, error);

  if (text == NULL)
    return FALSE;
  if (memchr (text, '\0', len) != NULL)
    {
      vc_wipe_free (text, len);
      return vc_fail (error, VC_ERROR_INVALID, "%s: holds a zero byte", path);
    }
  if (len > 0 && text[len - 1] == '\n')
    text[len - 1] = '\0';
  vc_wipe_text (tls->secret_text);
  tls->secret_text = text;
  return TRUE;
}

/* A file cannot say anything else the second time, and is not to lock a token. */
static char *
ask_secret (VcSecretSort sort, const char *what, guint flags, gpointer data)
{
  const VirtcardTls *tls = data;

  if (tls->secret_text != NULL)
    return flags == 0 ? g_strdup (tls->secret_text) : NULL;
  return tls->secret != NULL
             ? tls->secret (sort == VC_SECRET_PIN ? VIRTCARD_SECRET_PIN : VIRTCARD_SECRET_PASSPHRASE, what,
                            flags, tls->secret_data)
             : NULL;
}

void
virtcard_tls_set_timeout (VirtcardTls *tls, guint seconds)
{
  tls->timeout_s = seconds;
}

void
virtcard_tls_set_keepalive (VirtcardTls *tls, guint seconds, guint count)
{
  tls->keepalive_s = seconds;
  tls->keepalive_n = count;
}

/* Which server is spoken to */

void
virtcard_tls_set_policy (VirtcardTls *tls, VirtcardPolicy policy, VirtcardValidatorFn fn, gpointer data)
{
  tls->policy = policy;
  tls->validator = fn;
  tls->validator_data = data;
}

void
virtcard_tls_set_known_servers (VirtcardTls *tls, const char *path)
{
  g_free (tls->known_servers);
  tls->known_servers = g_strdup (path);
}

gboolean
virtcard_tls_set_fingerprint (VirtcardTls *tls, const char *fingerprint, GError **error)
{
  char *read = vc_fingerprint_read (fingerprint, error);

  if (read == NULL)
    return FALSE;
  g_free (tls->fingerprint);
  tls->fingerprint = read;
  return TRUE;
}

static VcDecision
ask_validator (const VcServer *server, gpointer data)
{
  const VirtcardTls *tls = data;
  g_autoptr (VirtcardCertificate) certificate
      = vc_api_certificate_new (server->host, server->port, server->chain, server->flaws);
  VirtcardDecision decision = tls->validator (certificate, tls->validator_data);

  /* Anything else that a program may say is a refusal. */
  return decision == VIRTCARD_DECISION_REMEMBER ? VC_DECISION_REMEMBER
         : decision == VIRTCARD_DECISION_ONCE   ? VC_DECISION_ONCE
                                                : VC_DECISION_REJECT;
}

/* Connecting */

/* What was given, or what is in libvirt's places, with what the URI and the program say of it. */
static VcPkiFolder *
find_parts (const VirtcardTls *tls, const VcUri *uri, GError **error)
{
  gboolean has_system_ca = tls->has_system_ca || uri->system_ca;
  gboolean needs_ca = tls->policy == VIRTCARD_POLICY_CA && tls->fingerprint == NULL && !has_system_ca;
  const char *key_uri = tls->uris[VIRTCARD_TLS_CLIENT_KEY],
             *cert_uri = tls->uris[VIRTCARD_TLS_CLIENT_CERTIFICATE];
  g_autoptr (VcPkiFolder) folder = NULL;

  if (tls->has_parts && (uri->pkipath != NULL || uri->client_key != NULL))
    return vc_fail_null (error, VC_ERROR_INVALID,
                         "parameter '%s' and certificates that the program gives exclude each other",
                         uri->pkipath != NULL ? "pkipath" : "client_key");
  if (needs_ca && tls->has_parts && tls->folder->files[VC_PKI_CA_CERT].bytes == NULL)
    return vc_fail_null (error, VC_ERROR_NOT_FOUND,
                         "there is no certificate of a CA to check the server's with: %s",
                         tls->folder->missing_ca);
  if (cert_uri != NULL && key_uri == NULL)
    return vc_fail_null (error, VC_ERROR_INVALID,
                         "the client's certificate is in a token, and its key is not");
  folder = tls->has_parts ? vc_pki_folder_copy (tls->folder)
                          : vc_client_certificates (uri->pkipath, needs_ca, error);
  if (folder == NULL)
    return NULL;
  folder->has_system_cas = has_system_ca;
  folder->ask = (VcSecretAsk){ ask_secret, (gpointer) tls };
  if (key_uri == NULL)
    {
      key_uri = uri->client_key;
      cert_uri = uri->client_cert;
    }
  else if (cert_uri == NULL && folder->files[VC_PKI_CLIENT_CERT].bytes != NULL)
    {
      folder->client_key_uri = g_strdup (key_uri);
      return g_steal_pointer (&folder);
    }
  if (key_uri != NULL && !vc_client_take_token (folder, key_uri, cert_uri, error))
    return NULL;
  return g_steal_pointer (&folder);
}

static void
add_found (GString *out, const char *what, const VcPkiFile *file)
{
  if (file->bytes != NULL)
    g_string_append_printf (out, "%s %s, ", what, file->path);
}

static void
tell_certificates (const VirtcardConnect *connect, const VcPkiFolder *folder, const VcCredential *credential)
{
  const VcCertificate *own = vc_credential_own (credential);
  g_autofree char *until = own != NULL ? vc_pki_time_print (own->not_after) : NULL;
  g_autoptr (GString) out = g_string_new (NULL);

  add_found (out, "CA", &folder->files[VC_PKI_CA_CERT]);
  add_found (out, "revoked ones", &folder->files[VC_PKI_CA_CRL]);
  if (own != NULL)
    g_string_append_printf (out, "ours %s: '%s', until %s", own->origin, own->subject, until);
  else
    g_string_append_printf (out, "none of our own: %s is not there", folder->files[VC_PKI_CLIENT_CERT].path);
  vc_steps_ok (connect->steps, VC_STEP_CERTIFICATES, "%s", out->str);
}

static VcCredential *
make_credential (const VirtcardConnect *connect, const VirtcardTls *tls, const VcUri *uri,
                 GPtrArray *problems, GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (VcPkiFolder) folder = NULL;
  g_autoptr (VcCredential) credential = NULL;

  if (uri->tls_priority != NULL && !vc_tls_priority_check (uri->tls_priority, error))
    {
      vc_prefix (error, "parameter 'tls_priority': ");
      return NULL;
    }
  folder = find_parts (tls, uri, error);
  if (folder != NULL)
    credential = vc_credential_new_client (folder, !uri->no_sanity, uri->tls_priority, now, problems, error);
  if (credential != NULL && connect->steps != NULL)
    tell_certificates (connect, folder, credential);
  return g_steal_pointer (&credential);
}

static void
take_warnings (VirtcardConnect *connect, const GPtrArray *problems)
{
  for (guint i = 0; i < problems->len; i++)
    {
      const VcPkiProblem *problem = problems->pdata[i];

      if (problem->is_warning)
        g_ptr_array_add (connect->warnings, g_strdup (problem->text));
    }
}

gboolean
vc_api_dial_tls (VirtcardConnect *connect, const VirtcardTls *tls, const VcUri *uri, VcClient **ret_client,
                 const VcClientWatch *watch, GError **error)
{
  g_autoptr (VirtcardTls) own = tls == NULL ? virtcard_tls_new () : NULL;
  const VirtcardTls *how = tls != NULL ? tls : own;
  g_autoptr (GPtrArray) problems = vc_pki_problems_new ();
  g_autoptr (VcCredential) credential = make_credential (connect, how, uri, problems, error);
  g_autoptr (GPtrArray) flaws = vc_tls_flaws_new ();
  const VcPolicy policy = { .sort = (VcPolicySort) how->policy,
                            .list = how->known_servers,
                            .fingerprint = how->fingerprint,
                            .no_verify = uri->no_verify,
                            .ask = how->validator != NULL ? ask_validator : NULL,
                            .data = (gpointer) how };
  const VcSecureQuestion question
      = { .host = uri->host,
          .port = uri->port,
          .credential = credential,
          .deadline = g_get_monotonic_time () + (gint64) how->timeout_s * G_USEC_PER_SEC,
          .timeout_s = how->timeout_s,
          .policy = &policy,
          .steps = connect->steps };
  VcTlsCaller *caller = NULL;
  int fd;

  if (credential == NULL)
    return FALSE;
  take_warnings (connect, problems);
  fd = vc_secure_dial (&question, flaws, &caller, error);
  if (fd < 0)
    return FALSE;
  connect->server = vc_api_certificate_new (uri->host, uri->port, vc_tls_caller_chain (caller), flaws);
  connect->tls_bits = vc_tls_caller_bits (caller);
  *ret_client = vc_client_new_tls (fd, caller, watch, connect);
  return TRUE;
}

void
vc_api_ask_alive (VcClient *client, const VirtcardTls *tls)
{
  guint seconds = tls != NULL ? tls->keepalive_s : KEEPALIVE_S;

  vc_client_ask_alive (client, seconds * 1000, tls != NULL ? tls->keepalive_n : KEEPALIVE_N);
}

/* Policies and times are wishes for when it is TLS. */
gboolean
vc_api_is_for_tls_only (const VirtcardTls *tls)
{
  return tls->has_parts || tls->fingerprint != NULL;
}
