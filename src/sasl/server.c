/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sasl/server.h"

#include <sasl/sasl.h>
#include <string.h>

#include "base/error.h"
#include "sasl/invent.h"

#define MAX_NAME 511u /* bytes: of a user, '@', of a realm */

struct VcSaslServer
{
  sasl_conn_t *conn;
  char *mechanisms;
  char *user;
  char *asked; /* about whom libsasl2 wanted to know, for the log */
  gboolean exists;
  gboolean is_started;
};

static const VcSaslOptions *options;

/* What libsasl2 asks us. */

static int
get_option (void *context, const char *plugin, const char *key, const char **ret_value, unsigned *ret_len)
{
  const char *value = vc_sasl_options_get (options, key);

  if (value == NULL)
    return SASL_FAIL;
  *ret_value = value;
  if (ret_len != NULL)
    *ret_len = (unsigned) strlen (value);
  return SASL_OK;
}

/* Not to the system's log, where it would speak of every wrong password in words of its own. */
static int
say (void *context, int level, const char *message)
{
  return SASL_OK;
}

/* libsasl2 2.1.28 loses a copy of every name that does not fit into 1024 bytes with its realm: strangers
 * could have it use up all memory. */
static int
check_name (sasl_conn_t *conn, void *context, const char *name, unsigned len, unsigned flags,
            const char *realm, char *ret_name, unsigned max, unsigned *ret_len)
{
  if (len > MAX_NAME || len >= max)
    return SASL_BUFOVER;
  memcpy (ret_name, name, len);
  ret_name[len] = '\0';
  *ret_len = len;
  return SASL_OK;
}

#define CALL(fn) ((int (*) (void)) (void (*) (void)) (fn))

static const sasl_callback_t callbacks[] = { { SASL_CB_GETOPT, CALL (get_option), NULL },
                                             { SASL_CB_LOG, CALL (say), NULL },
                                             { SASL_CB_CANON_USER, CALL (check_name), NULL },
                                             { SASL_CB_LIST_END, NULL, NULL } };

static void *
mutex_new (void)
{
  GMutex *mutex = g_new0 (GMutex, 1);

  g_mutex_init (mutex);
  return mutex;
}

static int
mutex_lock (void *mutex)
{
  g_mutex_lock (mutex);
  return SASL_OK;
}

static int
mutex_unlock (void *mutex)
{
  g_mutex_unlock (mutex);
  return SASL_OK;
}

static void
mutex_free (void *mutex)
{
  g_mutex_clear (mutex);
  g_free (mutex);
}

gboolean
vc_sasl_server_begin (const VcSaslOptions *options_for_ever, GError **error)
{
  static char nowhere[] = "/dev/null";
  int rc;

  g_assert (options == NULL);
  options = options_for_ever;
  sasl_set_mutex (mutex_new, mutex_lock, mutex_unlock, mutex_free);
  /* All settings come from get_option: nothing is read from the environment, or from libsasl2's folders. */
  rc = sasl_set_path (SASL_PATH_TYPE_CONFIG, nowhere);
  if (rc == SASL_OK)
    rc = sasl_server_init (callbacks, VC_SASL_SERVICE);
  if (rc == SASL_OK)
    rc = vc_sasl_invent_add ();
  return rc == SASL_OK
         || vc_fail (error, VC_ERROR_FAILED, "libsasl2 cannot be used: %s", sasl_errstring (rc, NULL, NULL));
}

/* Only Kerberos needs to know what this host is called, and finding that out may take long. */
static const char *
get_host (void)
{
  g_autofree char *list = g_ascii_strup (vc_sasl_options_get (options, "mech_list"), -1);

  return strstr (list, "GS") != NULL ? NULL : "localhost";
}

static gboolean
set_up (VcSaslServer *self, guint ssf)
{
  const sasl_security_properties_t security = { .security_flags = SASL_SEC_NOANONYMOUS };
  const sasl_ssf_t external = ssf;

  return sasl_setprop (self->conn, SASL_SSF_EXTERNAL, &external) == SASL_OK
         && sasl_setprop (self->conn, SASL_SEC_PROPS, &security) == SASL_OK;
}

VcSaslServer *
vc_sasl_server_new (guint ssf, GError **error)
{
  g_autoptr (VcSaslServer) self = g_new0 (VcSaslServer, 1);
  const char *list = NULL;
  int rc = sasl_server_new (VC_SASL_SERVICE, get_host (), VC_SASL_REALM, NULL, NULL, NULL, SASL_SUCCESS_DATA,
                            &self->conn);

  if (rc != SASL_OK || !set_up (self, ssf))
    return vc_fail_null (error, VC_ERROR_FAILED, "libsasl2 cannot be used: %s",
                         sasl_errstring (rc, NULL, NULL));
  rc = sasl_listmech (self->conn, NULL, "", ",", "", &list, NULL, NULL);
  if (rc != SASL_OK || list == NULL || *list == '\0')
    return vc_fail_null (
        error, VC_ERROR_UNSUPPORTED,
        "libsasl2 has none of the mechanisms '%s': are Debian's packages libsasl2-modules and "
        "libsasl2-modules-db installed?",
        vc_sasl_options_get (options, "mech_list"));
  self->mechanisms = g_strdup (list);
  return g_steal_pointer (&self);
}

const char *
vc_sasl_server_mechanisms (const VcSaslServer *self)
{
  return self->mechanisms;
}

static gboolean
is_offered (const VcSaslServer *self, const char *mechanism)
{
  g_auto (GStrv) all = g_strsplit (self->mechanisms, ",", -1);

  return g_strv_contains ((const char *const *) all, mechanism);
}

/* Users without a realm have ours, which nobody wants to hear of. */
static char *
drop_realm (char *name)
{
  if (name != NULL && g_str_has_suffix (name, "@" VC_SASL_REALM))
    name[strlen (name) - strlen ("@" VC_SASL_REALM)] = '\0';
  return name;
}

static gboolean
take_user (VcSaslServer *self)
{
  const void *name = NULL;

  if (sasl_getprop (self->conn, SASL_USERNAME, &name) != SASL_OK || name == NULL
      || *(const char *) name == '\0' || !g_utf8_validate (name, -1, NULL))
    return FALSE;
  self->user = drop_realm (g_strdup (name));
  return TRUE;
}

/* The first time counts: later it has what was invented then. */
static void
take_asked (VcSaslServer *self)
{
  gboolean exists = FALSE;
  g_autofree char *asked = drop_realm (vc_sasl_invent_last (&exists));

  if (asked == NULL || self->asked != NULL)
    return;
  self->asked = g_steal_pointer (&asked);
  self->exists = exists;
}

static void
fail (VcSaslServer *self, int rc, GError **error)
{
  const char *words = rc == SASL_OK ? "it has no name" : sasl_errstring (rc, NULL, NULL);

  if (self->asked == NULL)
    vc_fail (error, VC_ERROR_DENIED, "%s", words);
  else if (!self->exists)
    vc_fail (error, VC_ERROR_DENIED, "there is no user '%s'", self->asked);
  else
    vc_fail (error, VC_ERROR_DENIED, "user '%s': %s", self->asked, words);
}

static VcSaslStep
end_step (VcSaslServer *self, int rc, const char *out, unsigned len, GBytes **ret_answer, GError **error)
{
  take_asked (self);
  *ret_answer = out != NULL ? g_bytes_new (out, len) : NULL;
  if (rc == SASL_CONTINUE)
    return VC_SASL_MORE;
  if (rc == SASL_OK && take_user (self))
    return VC_SASL_DONE;
  g_clear_pointer (ret_answer, g_bytes_unref);
  fail (self, rc, error);
  return VC_SASL_FAILED;
}

VcSaslStep
vc_sasl_server_start (VcSaslServer *self, const char *mechanism, const guint8 *bytes, gsize len,
                      GBytes **ret_answer, GError **error)
{
  const char *out = NULL;
  unsigned out_len = 0;
  int rc;

  *ret_answer = NULL;
  if (self->is_started || !is_offered (self, mechanism))
    {
      vc_fail (error, VC_ERROR_DENIED,
               self->is_started ? "it begins twice" : "it wants a mechanism that was not offered");
      return VC_SASL_FAILED;
    }
  self->is_started = TRUE;
  rc = sasl_server_start (self->conn, mechanism, (const char *) bytes, (unsigned) len, &out, &out_len);
  return end_step (self, rc, out, out_len, ret_answer, error);
}

VcSaslStep
vc_sasl_server_step (VcSaslServer *self, const guint8 *bytes, gsize len, GBytes **ret_answer, GError **error)
{
  const char *out = NULL;
  unsigned out_len = 0;
  int rc;

  *ret_answer = NULL;
  if (!self->is_started || self->user != NULL)
    {
      vc_fail (error, VC_ERROR_DENIED, "it goes on with what has not begun, or is over");
      return VC_SASL_FAILED;
    }
  rc = sasl_server_step (self->conn, (const char *) bytes, (unsigned) len, &out, &out_len);
  return end_step (self, rc, out, out_len, ret_answer, error);
}

const char *
vc_sasl_server_user (const VcSaslServer *self)
{
  return self->user;
}

void
vc_sasl_server_free (VcSaslServer *self)
{
  if (self == NULL)
    return;
  if (self->conn != NULL)
    sasl_dispose (&self->conn);
  g_free (self->mechanisms);
  g_free (self->user);
  g_free (self->asked);
  g_free (self);
}
