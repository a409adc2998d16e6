/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "rpc/frame.h"
#include "sasl/users.h"

/* The calls of a login, as a client may make them that has not logged in.  The first byte chooses who is
 * allowed; then comes one call after another: a byte that says which, two of a length, and what it takes.
 * Three quarters of the first byte's values wait for the answer before the next call, others do not.  The
 * daemon's own handlers and libsasl2 answer; user fred is there, his password is "x".
 * LOGIN and DIGEST-MD5 are not offered: libsasl2's own code for them leaks memory on odd input. */

int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len);

#define MAX_CALLS 8

static VcDaemonConf conf;
static VcDaemon daemon_of_all = { .conf = &conf };
static VcRpcHandler handlers[VC_N_CALLS];

static gboolean
on_allow (const VcRpcPeer *peer, gboolean is_read_only, gpointer data, GError **error)
{
  return TRUE;
}

static gboolean
on_login (const VcRpcPeer *peer, gboolean is_read_only, gpointer data)
{
  return TRUE;
}

static gboolean
on_open (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcRpcClient *client = vc_rpc_request_client (request);

  g_assert_cmpstr (vc_rpc_client_peer (client)->user, ==,
                   "fred"); /* nobody else has a password that is known */
  vc_rpc_client_open (client);
  return TRUE;
}

static char *folder, *place, *file, *database;

static void
clean (void)
{
  g_autofree char *lock = g_strconcat (database, ".lock", NULL);

  g_unlink (lock);
  g_unlink (database);
  g_unlink (file);
  g_rmdir (place);
  g_rmdir (folder);
}

static void
begin (void)
{
  static const char text[] = "mech_list: SCRAM-SHA-256 SCRAM-SHA-1 PLAIN CRAM-MD5\n";
  g_autoptr (GError) error = NULL;

  folder = g_dir_make_tmp ("fuzz-sasl-XXXXXX", &error);
  g_assert_no_error (error);
  place = g_build_filename (folder, "sasl2", NULL);
  file = g_build_filename (place, "libvirt.conf", NULL);
  database = g_build_filename (folder, "passwd.db", NULL);
  atexit (clean);
  vc_log_open (VC_LOG_ERROR);
  conf.tls.workers = 1;
  g_assert_cmpint (g_mkdir (place, 0700), ==, 0);
  g_file_set_contents (file, text, -1, &error);
  g_assert_no_error (error);
  vc_sasl_users_set (database, "fred", "x", 1, TRUE, &error);
  g_assert_no_error (error);
  daemon_of_all.logins = vc_logins_new (&conf, folder, 0, &error);
  g_assert_no_error (error);
  for (const VcHandlerRow *row = vc_handlers_login; row->handler != NULL; row++)
    handlers[row->call] = row->handler;
  handlers[VC_CALL_CONNECT_OPEN] = on_open;
}

/* Returns: how many bytes the call is made of. */
static gsize
say (int fd, guint serial, const guint8 *bytes, gsize len)
{
  static const VcCallIndex calls[] = { VC_CALL_AUTH_SASL_INIT, VC_CALL_AUTH_SASL_START,
                                       VC_CALL_AUTH_SASL_STEP, VC_CALL_AUTH_LIST, VC_CALL_CONNECT_OPEN };
  gsize n = MIN ((gsize) bytes[1] << 8 | bytes[2], len - 3);
  VcFrame frame = { .length = (guint32) (VC_FRAME_HEAD + n),
                    .program = VC_PROGRAM_REMOTE,
                    .version = VC_PROGRAM_VERSION,
                    .procedure = vc_calls[calls[bytes[0] % G_N_ELEMENTS (calls)]].number,
                    .type = VC_FRAME_CALL,
                    .serial = serial };
  guint8 head[VC_FRAME_HEAD];

  vc_frame_put (&frame, head);
  if (send (fd, head, sizeof head, MSG_DONTWAIT | MSG_NOSIGNAL) < 0
      || send (fd, bytes + 3, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    return len;
  return n + 3;
}

/* Runs the server until it answers, or hangs up.  Returns: FALSE when it does the latter. */
static gboolean
hear (int fd)
{
  guint8 bytes[4096];
  gssize n = -1;

  while (n < 0)
    {
      g_main_context_iteration (NULL, FALSE);
      n = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);
    }
  return n > 0;
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize len)
{
  static const VcRpcService service
      = { .handlers = handlers, .allow = on_allow, .on_gone = vc_daemon_gone, .wants_login = on_login };
  static char nobody[] = "no*", everybody[] = "*";
  char *names[] = { len > 0 && (bytes[0] & 1) != 0 ? nobody : everybody, NULL };
  g_autoptr (GError) error = NULL;
  VcRpcServer *server;
  int ends[2];
  gsize at = 1;

  if (daemon_of_all.logins == NULL)
    begin ();
  if (len == 0 || socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return 0;
  conf.sasl_names = names;
  server = vc_rpc_server_new (&service, &VC_RPC_LIMITS, NULL, &daemon_of_all, &error);
  vc_rpc_server_add (server, ends[0], FALSE, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < MAX_CALLS && len - at > 3; i++)
    {
      at += say (ends[1], i + 1, bytes + at, len - at);
      if ((bytes[0] & 6) != 0 && !hear (ends[1]))
        break;
    }
  shutdown (ends[1], SHUT_RDWR);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  close (ends[1]);
  vc_rpc_server_free (server);
  vc_logins_settle (daemon_of_all.logins);
  conf.sasl_names = NULL;
  return 0;
}
