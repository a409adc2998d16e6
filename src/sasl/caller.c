/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sasl/caller.h"

#include <sasl/sasl.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/wipe.h"

#define CALL(fn) ((int (*) (void)) (void (*) (void)) (fn))

enum
{
  N_CALLBACKS = 5,
};

struct VcSaslCaller
{
  VcSaslQuestion question;
  sasl_callback_t callbacks[N_CALLBACKS];
  sasl_conn_t *conn;
  char *name;
  sasl_secret_t *secret;
  GError *why; /* what an answer to libsasl2 failed with */
};

typedef struct
{
  char *bytes;
  gsize len;
} Words;

/* Asked for once, whoever asks how often. */
static gboolean
find_name (VcSaslCaller *self)
{
  if (self->name == NULL && self->why == NULL)
    self->name = self->question.name (self->question.data, &self->why);
  return self->name != NULL;
}

/* Where there may be a password in them. */
static void
wipe (gpointer data)
{
  Words *words = data;

  vc_wipe_free (words->bytes, words->len);
  g_free (words);
}

static GBytes *
new_words (const char *out, unsigned len)
{
  Words *words;

  if (out == NULL)
    return NULL;
  words = g_new (Words, 1);
  words->bytes = g_malloc (len + 1u);
  memcpy (words->bytes, out, len);
  words->len = len;
  return g_bytes_new_with_free_func (words->bytes, len, wipe, words);
}

static int
get_name (void *context, int id, const char **ret_name, unsigned *ret_len)
{
  VcSaslCaller *self = context;

  if (!find_name (self))
    return SASL_FAIL;
  /* Whom it acts for is itself. */
  *ret_name = id == SASL_CB_USER ? "" : self->name;
  if (ret_len != NULL)
    *ret_len = (unsigned) strlen (*ret_name);
  return SASL_OK;
}

static int
get_password (sasl_conn_t *conn, void *context, int id, sasl_secret_t **ret_secret)
{
  VcSaslCaller *self = context;
  char *password;
  gsize len;

  if (self->secret == NULL && find_name (self) && self->why == NULL)
    {
      password = self->question.password (self->name, self->question.data, &self->why);
      if (password == NULL)
        return SASL_FAIL;
      len = strlen (password);
      self->secret = g_malloc0 (sizeof *self->secret + len);
      self->secret->len = len;
      memcpy (self->secret->data, password, len);
      vc_wipe_free (password, len);
    }
  *ret_secret = self->secret;
  return self->secret != NULL ? SASL_OK : SASL_FAIL;
}

/* What libsasl2 says of a failure comes back by sasl_errdetail. */
static int
say (void *context, int level, const char *message)
{
  return SASL_OK;
}

static VcSaslStep
fail (VcSaslCaller *self, int rc, GError **error)
{
  if (self->why != NULL)
    g_propagate_error (error, g_steal_pointer (&self->why));
  else if (rc == SASL_BADSERV)
    vc_fail (error, VC_ERROR_DENIED,
             "the server does not know the password itself: somebody else may be in its place");
  else
    vc_fail (error, VC_ERROR_DENIED, "logging in failed: %s", sasl_errstring (rc, NULL, NULL));
  return VC_SASL_FAILED;
}

VcSaslCaller *
vc_sasl_caller_new (const VcSaslQuestion *question, GError **error)
{
  static gsize is_begun;
  static int begun;
  g_autoptr (VcSaslCaller) self = g_new0 (VcSaslCaller, 1);
  const sasl_security_properties_t security
      = { .security_flags = SASL_SEC_NOANONYMOUS | (question->is_sure ? 0u : SASL_SEC_NOPLAINTEXT) };
  /* To libsasl2 a connection that is encrypted, with whomever, is good enough to show the password. */
  const sasl_ssf_t external = question->is_sure ? question->ssf : 0;
  int rc;

  if (g_once_init_enter (&is_begun))
    {
      begun = sasl_client_init (NULL);
      g_once_init_leave (&is_begun, 1);
    }
  self->question = *question;
  self->callbacks[0] = (sasl_callback_t){ SASL_CB_USER, CALL (get_name), self };
  self->callbacks[1] = (sasl_callback_t){ SASL_CB_AUTHNAME, CALL (get_name), self };
  self->callbacks[2] = (sasl_callback_t){ SASL_CB_PASS, CALL (get_password), self };
  self->callbacks[3] = (sasl_callback_t){ SASL_CB_LOG, CALL (say), NULL };
  self->callbacks[4] = (sasl_callback_t){ SASL_CB_LIST_END, NULL, NULL };
  rc = begun;
  if (rc == SASL_OK)
    rc = sasl_client_new (VC_SASL_SERVICE, question->host, NULL, NULL, self->callbacks, SASL_SUCCESS_DATA,
                          &self->conn);
  if (rc == SASL_OK)
    rc = sasl_setprop (self->conn, SASL_SSF_EXTERNAL, &external);
  if (rc == SASL_OK)
    rc = sasl_setprop (self->conn, SASL_SEC_PROPS, &security);
  if (rc == SASL_OK)
    return g_steal_pointer (&self);
  return vc_fail_null (error, VC_ERROR_FAILED, "libsasl2 cannot be used: %s",
                       sasl_errstring (rc, NULL, NULL));
}

VcSaslStep
vc_sasl_caller_start (VcSaslCaller *self, const char *mechanisms, const char **ret_mechanism,
                      GBytes **ret_words, GError **error)
{
  const char *out = NULL;
  unsigned len = 0;
  int rc = sasl_client_start (self->conn, mechanisms, NULL, &out, &len, ret_mechanism);

  *ret_words = NULL;
  if (rc == SASL_NOMECH && self->why == NULL)
    {
      vc_fail (error, VC_ERROR_UNSUPPORTED,
               "there is no mechanism of SASL in common: the server has '%s'%s; is Debian's package "
               "libsasl2-modules installed?",
               mechanisms,
               self->question.is_sure ? ""
                                      : ", of which those that show the password need a verified server");
      return VC_SASL_FAILED;
    }
  if (rc != SASL_OK && rc != SASL_CONTINUE)
    return fail (self, rc, error);
  *ret_words = new_words (out, len);
  return rc == SASL_OK ? VC_SASL_DONE : VC_SASL_MORE;
}

VcSaslStep
vc_sasl_caller_step (VcSaslCaller *self, const guint8 *bytes, gsize len, GBytes **ret_words, GError **error)
{
  const char *out = NULL;
  unsigned out_len = 0;
  int rc = sasl_client_step (self->conn, (const char *) bytes, (unsigned) len, NULL, &out, &out_len);

  *ret_words = NULL;
  if (rc != SASL_OK && rc != SASL_CONTINUE)
    return fail (self, rc, error);
  *ret_words = new_words (out, out_len);
  return rc == SASL_OK ? VC_SASL_DONE : VC_SASL_MORE;
}

void
vc_sasl_caller_free (VcSaslCaller *self)
{
  if (self == NULL)
    return;
  if (self->conn != NULL)
    sasl_dispose (&self->conn);
  vc_wipe_text (self->name);
  if (self->secret != NULL)
    vc_wipe_free ((char *) self->secret, sizeof *self->secret + self->secret->len);
  g_clear_error (&self->why);
  g_free (self);
}
