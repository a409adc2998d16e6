/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>

#include "base/error.h"
#include "daemon/daemon.h"
#include "rpc/stream.h"

#define FORCE 1u /* take it from whoever has it               */
#define SAFE  2u /* only if nobody else can have it meanwhile */

/* Who has a terminal; forgotten when its stream is over. */
typedef struct
{
  VcDaemon *daemon;
  char *path;
} Holder;

static void
on_end (gpointer data)
{
  Holder *holder = data;

  g_hash_table_remove (holder->daemon->consoles, holder->path);
  g_free (holder->path);
  g_free (holder);
}

static gboolean
take_away (VcDaemon *daemon, const char *path, gboolean force, GError **error)
{
  VcRpcStream *stream = g_hash_table_lookup (daemon->consoles, path);
  g_autoptr (GError) why = NULL;

  if (stream == NULL)
    return TRUE;
  if (!force)
    return vc_wire_fail (error, VC_WIRE_FAILED, "Active console session exists for this domain");
  vc_wire_fail (&why, VC_WIRE_RPC, "stream had I/O failure: another client has taken the console");
  vc_rpc_stream_fail (stream, why);
  return TRUE;
}

static gboolean
join (VcRpcRequest *request, const char *path, GError **error)
{
  VcDaemon *daemon = vc_daemon_of (request);
  int fd = open (path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  Holder *holder;
  VcRpcStream *stream;

  if (fd < 0)
    return vc_fail_errno (error, errno, "cannot open the console '%s'", path);
  holder = g_new0 (Holder, 1);
  holder->daemon = daemon;
  holder->path = g_strdup (path);
  stream = vc_rpc_stream_new (request, fd, on_end, holder, error);
  if (stream == NULL)
    {
      g_free (holder->path);
      g_free (holder);
      return FALSE;
    }
  g_hash_table_insert (daemon->consoles, g_strdup (path), stream);
  return TRUE;
}

static gboolean
open_console (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error)
{
  VcGuest *guest = vc_wire_read_guest (request, args, error);
  const char *alias = vc_xdr_read_text_or_null (args);
  guint flags = vc_xdr_read_uint (args);
  g_autofree char *path = NULL;

  if (guest == NULL || !vc_wire_flags (request, flags, FORCE | SAFE, error))
    return FALSE;
  path = g_strdup (vc_guest_terminal (guest, alias, error));
  return path != NULL && take_away (vc_daemon_of (request), path, (flags & FORCE) != 0, error)
         && join (request, path, error);
}

const VcHandlerRow vc_handlers_console[] = {
  { VC_CALL_DOMAIN_OPEN_CONSOLE, open_console },
  VC_HANDLERS_END,
};
