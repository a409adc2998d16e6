/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "api/internal.h"
#include "base/error.h"
#include "base/wipe.h"
#include "sasl/caller.h"

#define MAX_PASSWORD 1024u
#define MAX_STEPS    32u /* of one login */

struct VirtcardAuth
{
  char *user;
  char *password;
  VirtcardCredentialFn fn;
  gpointer data;
};

VirtcardAuth *
virtcard_auth_new (void)
{
  return g_new0 (VirtcardAuth, 1);
}

void
virtcard_auth_free (VirtcardAuth *auth)
{
  if (auth == NULL)
    return;
  g_free (auth->user);
  vc_wipe_text (auth->password);
  g_free (auth);
}

void
virtcard_auth_set_user (VirtcardAuth *auth, const char *user)
{
  g_free (auth->user);
  auth->user = g_strdup (user);
}

gboolean
virtcard_auth_set_password (VirtcardAuth *auth, const char *password, gsize len, GError **error)
{
  if (len == 0 || len > MAX_PASSWORD || memchr (password, '\0', len) != NULL)
    return vc_fail (error, VC_ERROR_INVALID, "a password is 1 to %u bytes, none of them zero", MAX_PASSWORD);
  vc_wipe_text (auth->password);
  auth->password = g_strndup (password, len);
  return TRUE;
}

gboolean
virtcard_auth_set_password_fd (VirtcardAuth *auth, int fd, GError **error)
{
  char bytes[MAX_PASSWORD + 3] = { 0 };
  gsize len = 0;
  gssize n = 1;
  gboolean is_set;

  while (n != 0 && len < sizeof bytes)
    {
      n = read (fd, bytes + len, sizeof bytes - len);
      if (n < 0 && errno != EINTR)
        {
          vc_fail_errno (error, errno, "descriptor %d", fd);
          explicit_bzero (bytes, sizeof bytes);
          return FALSE;
        }
      len += (gsize) MAX (n, 0);
    }
  if (len > 0 && bytes[len - 1] == '\n')
    len -= len > 1 && bytes[len - 2] == '\r' ? 2 : 1;
  is_set = virtcard_auth_set_password (auth, bytes, len, error);
  explicit_bzero (bytes, sizeof bytes);
  return is_set;
}

gboolean
virtcard_auth_set_password_file (VirtcardAuth *auth, const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  gboolean is_set;

  if (fd < 0)
    return vc_fail_errno (error, errno, "%s", path);
  is_set = virtcard_auth_set_password_fd (auth, fd, error);
  close (fd);
  return is_set || vc_prefix (error, "%s: ", path);
}

void
virtcard_auth_set_callback (VirtcardAuth *auth, VirtcardCredentialFn fn, gpointer data)
{
  auth->fn = fn;
  auth->data = data;
}

/* Logging in. */

typedef struct
{
  const VirtcardAuth *auth; /* NULL: nobody knows anything */
  const VcUri *uri;
  char *name;           /* as it was found        */
  gboolean was_refused; /* the other side said no */
} Question;

static char *
ask (const Question *question, VirtcardCredential what, const char *user)
{
  const VirtcardAuth *auth = question->auth;

  return auth != NULL && auth->fn != NULL ? auth->fn (what, user, question->uri->host, auth->data) : NULL;
}

static char *
find_name (gpointer data, GError **error)
{
  Question *question = data;

  g_free (question->name);
  if (question->auth != NULL && question->auth->user != NULL)
    question->name = g_strdup (question->auth->user);
  else if (question->uri->transport == VC_URI_TLS && question->uri->user != NULL)
    question->name = g_strdup (question->uri->user);
  else
    question->name = ask (question, VIRTCARD_CREDENTIAL_USER, NULL);
  if (question->name == NULL)
    vc_fail (error, VC_ERROR_DENIED, "the server wants a user to log in, and no name was given");
  return g_strdup (question->name);
}

static char *
find_password (const char *name, gpointer data, GError **error)
{
  const Question *question = data;
  char *password = NULL;

  if (question->auth != NULL && question->auth->password != NULL)
    return g_strdup (question->auth->password);
  password = ask (question, VIRTCARD_CREDENTIAL_PASSWORD, name);
  if (password == NULL)
    vc_fail (error, VC_ERROR_DENIED, "the server wants user '%s' to log in, and no password was given", name);
  return password;
}

/* A byte is a word; whether there is anything is said before. */
static void
put_bytes (VcXdrWriter *args, GBytes *bytes)
{
  gsize len = bytes != NULL ? g_bytes_get_size (bytes) : 0;
  const gint8 *at = len > 0 ? g_bytes_get_data (bytes, NULL) : NULL;

  vc_xdr_put_int (args, bytes == NULL);
  vc_xdr_put_list (args);
  for (gsize i = 0; i < len; i++)
    vc_xdr_put_int (args, at[i]);
  vc_xdr_end_list (args);
}

/* Returns: new, with a zero behind them, or NULL for nothing. */
static guint8 *
read_bytes (VcXdrReader *reader, gsize *ret_len)
{
  gboolean is_nothing = vc_xdr_read_int (reader) != 0;
  guint n = vc_xdr_read_list (reader);
  g_autofree guint8 *bytes = g_malloc0 (n + 1u);

  for (guint i = 0; i < n; i++)
    bytes[i] = (guint8) vc_xdr_read_int (reader);
  *ret_len = is_nothing ? 0 : n;
  return is_nothing ? NULL : g_steal_pointer (&bytes);
}

/* Both ends have to be content. */
static gboolean
go_on (VcClient *client, VcSaslCaller *caller, VcSaslStep step, Question *who, GError **error)
{
  for (guint i = 0; i < MAX_STEPS; i++)
    {
      VcXdrReader *reader = vc_client_call (client, error);
      g_autoptr (GBytes) words = NULL;
      g_autofree guint8 *bytes = NULL;
      gboolean is_complete;
      gsize len;

      who->was_refused = reader == NULL;
      if (reader == NULL)
        return FALSE;
      is_complete = vc_xdr_read_int (reader) != 0;
      bytes = read_bytes (reader, &len);
      if (is_complete && step == VC_SASL_DONE && len == 0)
        return TRUE;
      /* It has proven itself, too, where the mechanism has that, before we believe it. */
      step = vc_sasl_caller_step (caller, bytes, len, &words, error);
      if (step == VC_SASL_FAILED)
        return FALSE;
      if (is_complete && step == VC_SASL_DONE)
        return TRUE;
      if (is_complete)
        return vc_fail (error, VC_ERROR_PROTOCOL, "it ended the login before we were done");
      put_bytes (vc_client_begin (client, VC_CALL_AUTH_SASL_STEP), words);
    }
  return vc_fail (error, VC_ERROR_PROTOCOL, "it does not come to an end with the login");
}

static gboolean
log_in (VcClient *client, const VcSaslQuestion *question, GError **error)
{
  g_autoptr (VcSaslCaller) caller = vc_sasl_caller_new (question, error);
  g_autofree char *mechanisms = NULL;
  g_autoptr (GBytes) words = NULL;
  const char *mechanism = NULL;
  VcXdrReader *reader;
  VcXdrWriter *args;
  VcSaslStep step;

  if (caller == NULL)
    return FALSE;
  vc_client_begin (client, VC_CALL_AUTH_SASL_INIT);
  reader = vc_client_call (client, error);
  if (reader == NULL)
    return FALSE;
  mechanisms = g_strdup (vc_xdr_read_text (reader));
  step = vc_sasl_caller_start (caller, mechanisms, &mechanism, &words, error);
  if (step == VC_SASL_FAILED)
    return FALSE;
  args = vc_client_begin (client, VC_CALL_AUTH_SASL_START);
  vc_xdr_put_text (args, mechanism);
  put_bytes (args, words);
  return go_on (client, caller, step, question->data, error);
}

gboolean
vc_api_log_in (VirtcardConnect *connect, const VirtcardAuth *auth, const VcUri *uri, GError **error)
{
  Question who = { auth, uri, NULL, FALSE };
  const VcSaslQuestion question = { .host = uri->host != NULL ? uri->host : "localhost",
                                    .ssf = connect->tls_bits,
                                    .is_sure = uri->host == NULL || !uri->no_verify,
                                    .name = find_name,
                                    .password = find_password,
                                    .data = &who };

  g_autoptr (GError) why = NULL;
  gboolean is_in = log_in (connect->client, &question, &why);

  if (why != NULL && why->domain == VC_ERROR && why->code == VC_ERROR_DENIED && who.was_refused)
    vc_fail (error, VC_ERROR_DENIED,
             "the server does not let user '%s' in: no such user, another password, or a user who may not",
             who.name);
  else if (why != NULL)
    g_propagate_error (error, g_steal_pointer (&why));
  g_free (who.name);
  return is_in;
}
