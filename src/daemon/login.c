/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/login.h"

#include <sys/resource.h>

#include "base/error.h"
#include "base/wipe.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "pki/session.h"
#include "sasl/server.h"

/* How this works
 *
 *   init, start, step -- Task -- thread -- on_done ---+-- answered
 *                                                     |
 *                                                     +-- on_late -- refused, and the client has to go
 *
 * A client has one Task at a time, and one Login from its first call until it is in, or gone.  A Task is
 * freed by the main context only, so a client that goes meanwhile leaves nothing behind that anybody waits
 * for.
 */

#define NICE 5

/* libvirt's numbers of what a client has to do. */
enum
{
  AUTH_NONE = 0,
  AUTH_SASL = 1,
};

typedef enum
{
  INIT,
  START,
  STEP,
} Kind;

typedef struct
{
  guint n_refs;
  VcSaslServer *server; /* NULL: not even begun; used by the thread while is_busy */
  char *mechanism;
  char *who; /* as vc_rpc_client_print */
  guint bits;
  gint64 began;
  gboolean is_busy;
  gboolean is_over; /* it had its try */
} Login;

typedef struct
{
  VcLogins *logins;
  Login *login;
  VcRpcRequest *request;
  Kind kind;
  guint8 *bytes; /* NULL: it said nothing */
  gsize len;
  VcSaslStep step;
  GBytes *answer;
  GError *why;
  GSource *source; /* of what happens next in the main context */
} Task;

struct VcLogins
{
  const VcDaemonConf *conf;
  VcSaslOptions *options;
  guint fail_ms;
  GThreadPool *pool;
  GHashTable *all;  /* VcRpcClient to Login */
  GPtrArray *tasks; /* those that are not answered */
};

static void
login_unref (gpointer data)
{
  Login *login = data;

  if (--login->n_refs > 0)
    return;
  vc_sasl_server_free (login->server);
  g_free (login->mechanism);
  g_free (login->who);
  g_free (login);
}

static void
set_source (Task *task, GSource *source_taken, GSourceFunc fn)
{
  if (task->source != NULL)
    {
      g_source_destroy (task->source);
      g_source_unref (task->source);
    }
  task->source = source_taken;
  if (source_taken == NULL)
    return;
  g_source_set_priority (source_taken, G_PRIORITY_DEFAULT);
  g_source_set_callback (source_taken, fn, task, NULL);
}

static void
task_free (gpointer data)
{
  Task *task = data;

  set_source (task, NULL, NULL);
  vc_rpc_request_free (task->request);
  login_unref (task->login);
  vc_wipe_free ((char *) task->bytes, task->len);
  g_clear_pointer (&task->answer, g_bytes_unref);
  g_clear_error (&task->why);
  g_free (task);
}

/* In a thread. */
static void
work (gpointer data, gpointer logins)
{
  static _Thread_local gboolean is_nice;
  Task *task = data;
  Login *login = task->login;

  if (!is_nice)
    setpriority (PRIO_PROCESS, 0, getpriority (PRIO_PROCESS, 0) + NICE); /* of this thread alone, on Linux */
  is_nice = TRUE;
  if (task->kind == INIT)
    {
      login->server = vc_sasl_server_new (login->bits, &task->why);
      task->step = login->server != NULL ? VC_SASL_MORE : VC_SASL_FAILED;
    }
  else if (task->kind == START)
    task->step = vc_sasl_server_start (login->server, login->mechanism, task->bytes, task->len, &task->answer,
                                       &task->why);
  else
    task->step = vc_sasl_server_step (login->server, task->bytes, task->len, &task->answer, &task->why);
  g_source_attach (task->source, NULL);
}

/* What a client is told. */

static gboolean
refuse (GError **error)
{
  return vc_wire_fail (error, VC_WIRE_NOT_PROVEN, "authentication failed");
}

static gboolean
on_late (gpointer data)
{
  Task *task = data;
  VcRpcClient *client = vc_rpc_request_client (task->request);
  g_autoptr (GError) error = NULL;

  refuse (&error);
  vc_rpc_answer_error (g_steal_pointer (&task->request), error);
  if (client != NULL)
    vc_rpc_client_leave (client);
  g_ptr_array_remove_fast (task->logins->tasks, task);
  return G_SOURCE_REMOVE;
}

static void
fail (Task *task)
{
  static VcLogSeldom seldom;
  const Login *login = task->login;
  const char *user = login->server != NULL ? vc_sasl_server_user (login->server) : NULL;
  gint64 late = login->began + task->logins->fail_ms * G_TIME_SPAN_MILLISECOND - g_get_monotonic_time ();

  vc_log_seldom (&seldom, VC_LOG_WARNING, "%s did not log in by %s: %s%s%s%s", login->who,
                 login->mechanism != NULL ? login->mechanism : "SASL", user != NULL ? "user '" : "",
                 user != NULL ? user : "", user != NULL ? "': " : "", task->why->message);
  set_source (task, g_timeout_source_new ((guint) MAX (late / G_TIME_SPAN_MILLISECOND, 0)), on_late);
  g_source_attach (task->source, NULL);
}

static void
put_mechanisms (Task *task)
{
  vc_xdr_put_text (vc_rpc_begin (task->request), vc_sasl_server_mechanisms (task->login->server));
}

static void
put_step (Task *task)
{
  VcXdrWriter *ret = vc_rpc_begin (task->request);
  gsize len = task->answer != NULL ? g_bytes_get_size (task->answer) : 0;
  const gint8 *bytes = len > 0 ? g_bytes_get_data (task->answer, NULL) : NULL;

  vc_xdr_put_int (ret, task->step == VC_SASL_DONE);
  vc_xdr_put_int (ret, task->answer == NULL);
  vc_xdr_put_list (ret);
  for (gsize i = 0; i < len; i++)
    vc_xdr_put_int (ret, bytes[i]);
  vc_xdr_end_list (ret);
}

static void
let_in (Task *task)
{
  VcRpcClient *client = vc_rpc_request_client (task->request);
  Login *login = task->login;

  login->is_over = TRUE;
  if (client == NULL)
    return;
  vc_rpc_client_log_in (client, vc_sasl_server_user (login->server));
  vc_log (VC_LOG_INFO, "client %" G_GUINT64_FORMAT ": %s has logged in as user '%s' by %s",
          vc_rpc_client_number (client), login->who, vc_sasl_server_user (login->server), login->mechanism);
  g_hash_table_remove (task->logins->all, client); /* what libsasl2 holds of it is not small */
}

static gboolean
on_done (gpointer data)
{
  Task *task = data;
  VcLogins *logins = task->logins;
  Login *login = task->login;

  login->is_busy = FALSE;
  if (task->step == VC_SASL_DONE
      && !vc_daemon_conf_allows_user (logins->conf, vc_sasl_server_user (login->server)))
    {
      vc_fail (&task->why, VC_ERROR_DENIED, "it is not on sasl_allowed_username_list");
      task->step = VC_SASL_FAILED;
    }
  if (task->step == VC_SASL_FAILED)
    {
      login->is_over = TRUE;
      fail (task);
      return G_SOURCE_REMOVE;
    }
  if (task->step == VC_SASL_DONE)
    let_in (task);
  if (task->kind == INIT)
    put_mechanisms (task);
  else
    put_step (task);
  vc_rpc_answer (g_steal_pointer (&task->request));
  g_ptr_array_remove_fast (logins->tasks, task);
  return G_SOURCE_REMOVE;
}

/* The calls. */

/* A call that does not fit what was before. */
static gboolean
refuse_order (VcRpcRequest *request, GError **error)
{
  vc_rpc_client_leave (vc_rpc_request_client (request));
  return refuse (error);
}

static Task *
begin_task (VcRpcRequest *request, Login *login, Kind kind)
{
  VcLogins *logins = vc_daemon_of (request)->logins;
  Task *task = g_new0 (Task, 1);

  task->logins = logins;
  task->login = login;
  task->kind = kind;
  task->request = vc_rpc_keep (request);
  login->n_refs++;
  login->is_busy = TRUE;
  set_source (task, g_idle_source_new (), on_done);
  g_ptr_array_add (logins->tasks, task);
  return task;
}

static gboolean
auth_list (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  vc_xdr_put_list (ret);
  vc_xdr_put_int (ret, vc_rpc_client_is_unknown (vc_rpc_request_client (request)) ? AUTH_SASL : AUTH_NONE);
  vc_xdr_end_list (ret);
  return TRUE;
}

static gboolean
sasl_init (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcLogins *logins = vc_daemon_of (request)->logins;
  VcRpcClient *client = vc_rpc_request_client (request);
  const VcTlsSession *session = vc_rpc_client_channel (client);
  Login *login;

  if (!vc_rpc_client_is_unknown (client) || g_hash_table_contains (logins->all, client))
    return refuse_order (request, error);
  login = g_new0 (Login, 1);
  login->n_refs = 1;
  login->who = vc_rpc_client_print (client);
  login->bits = session != NULL ? vc_tls_session_bits (session) : 0;
  login->began = g_get_monotonic_time ();
  g_hash_table_insert (logins->all, client, login);
  g_thread_pool_push (logins->pool, begin_task (request, login, INIT), NULL);
  return TRUE;
}

/* A byte in every word; the flag before them says whether there is anything at all. */
static void
read_bytes (Task *task, VcXdrReader *args)
{
  gboolean is_nothing = vc_xdr_read_int (args) != 0;
  guint n = vc_xdr_read_list (args);

  task->bytes = g_malloc (n + 1u);
  task->len = n;
  for (guint i = 0; i < n; i++)
    task->bytes[i] = (guint8) vc_xdr_read_int (args);
  task->bytes[n] = '\0';
  if (is_nothing)
    {
      vc_wipe_free ((char *) g_steal_pointer (&task->bytes), task->len);
      task->len = 0;
    }
}

/* Who logs in and has nothing in the air.  NULL: it has no business to go on. */
static Login *
find_login (VcRpcRequest *request)
{
  VcRpcClient *client = vc_rpc_request_client (request);
  Login *login = vc_rpc_client_is_unknown (client)
                     ? g_hash_table_lookup (vc_daemon_of (request)->logins->all, client)
                     : NULL;

  return login == NULL || login->is_busy || login->is_over || login->server == NULL ? NULL : login;
}

static gboolean
sasl_start (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  Login *login = find_login (request);
  Task *task;

  if (login == NULL || login->mechanism != NULL)
    return refuse_order (request, error);
  login->mechanism = g_strdup (vc_xdr_read_text (args));
  login->began = g_get_monotonic_time ();
  task = begin_task (request, login, START);
  read_bytes (task, args);
  g_thread_pool_push (task->logins->pool, task, NULL);
  return TRUE;
}

static gboolean
sasl_step (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  Login *login = find_login (request);
  Task *task;

  if (login == NULL || login->mechanism == NULL)
    return refuse_order (request, error);
  task = begin_task (request, login, STEP);
  read_bytes (task, args);
  g_thread_pool_push (task->logins->pool, task, NULL);
  return TRUE;
}

/* All of them. */

void
vc_logins_gone (VcLogins *logins, VcRpcClient *client)
{
  g_hash_table_remove (logins->all, client);
}

gboolean
vc_logins_check (GError **error)
{
  g_autoptr (VcSaslServer) server = vc_sasl_server_new (0, error);

  return server != NULL;
}

VcLogins *
vc_logins_new (const VcDaemonConf *conf, const char *etc, guint fail_ms, GError **error)
{
  g_autoptr (VcLogins) logins = g_new0 (VcLogins, 1);

  logins->conf = conf;
  logins->fail_ms = fail_ms;
  logins->all = g_hash_table_new_full (NULL, NULL, NULL, login_unref);
  logins->tasks = g_ptr_array_new_with_free_func (task_free);
  logins->options = vc_sasl_options_find (etc, error);
  if (logins->options == NULL || !vc_sasl_server_begin (logins->options, error))
    return NULL;
  /* Threads of its own: they are made nicer, and may wait for whoever keeps the passwords. */
  logins->pool = g_thread_pool_new (work, logins, (int) conf->tls.workers, TRUE, error);
  return logins->pool != NULL ? g_steal_pointer (&logins) : NULL;
}

void
vc_logins_settle (const VcLogins *logins)
{
  while (logins->tasks->len > 0)
    g_main_context_iteration (NULL, TRUE);
}

void
vc_logins_free (VcLogins *logins)
{
  if (logins == NULL)
    return;
  if (logins->pool != NULL)
    g_thread_pool_free (logins->pool, FALSE, TRUE); /* all of them come back */
  g_ptr_array_unref (logins->tasks);
  g_hash_table_unref (logins->all);
  /* libsasl2 asks for options as long as this process lives. */
  if (logins->pool == NULL)
    vc_sasl_options_free (logins->options);
  g_free (logins);
}

const VcHandlerRow vc_handlers_login[] = {
  { VC_CALL_AUTH_LIST, auth_list },
  { VC_CALL_AUTH_SASL_INIT, sasl_init },
  { VC_CALL_AUTH_SASL_START, sasl_start },
  { VC_CALL_AUTH_SASL_STEP, sasl_step },
  VC_HANDLERS_END,
};
