/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "daemon/conf.h"
#include "daemon/login.h"
#include "manager/manager.h"
#include "resources/networks.h"
#include "resources/pools.h"
#include "rpc/server.h"

/* virtcardd: the manager's guests over libvirt's wire.
 *
 * One file a noun, which ends with its handlers' rows; handlers.c puts all rows together. */
typedef struct
{
  const VcPaths *paths;
  const VcDaemonConf *conf;
  VcManager *manager;
  VcRpcServer *server;
  struct VcRemote *remote; /* NULL: other hosts are not served */
  VcLogins *logins;        /* NULL: nobody logs in */
  gboolean listens;        /* --listen */
  GHashTable *consoles;    /* path of a pseudo-terminal, to the stream that has it */
  char *uri;               /* what clients are told they are connected to       */
  gint64 began;            /* µs, as g_get_real_time says */
  VcPools *pools;
  VcNetworks *networks;
  GCancellable *gone;               /* cancelled when it ends: threads may be at work for it still */
  void (*warn) (const char *words); /* what no client is told; NULL: nobody hears it */
} VcDaemon;

/* What is known of a connection: its client's data. */
typedef struct
{
  GArray *callbacks; /* see event.c */
  int last_callback;
} VcSession;

typedef struct
{
  VcCallIndex call;
  VcRpcHandler handler;
} VcHandlerRow;

/* Of every noun; a row without a call ends each. */
extern const VcHandlerRow vc_handlers_block[], vc_handlers_capabilities[], vc_handlers_card[],
    vc_handlers_connect[], vc_handlers_console[], vc_handlers_device[], vc_handlers_domain[],
    vc_handlers_domain_list[], vc_handlers_domain_live[], vc_handlers_domain_save[], vc_handlers_event[],
    vc_handlers_host[], vc_handlers_input[], vc_handlers_interface[], vc_handlers_login[],
    vc_handlers_monitor[], vc_handlers_network[], vc_handlers_node_device[], vc_handlers_none[],
    vc_handlers_pool[], vc_handlers_pool_list[], vc_handlers_screenshot[], vc_handlers_secret[],
    vc_handlers_size[], vc_handlers_snapshot[], vc_handlers_stats[], vc_handlers_vcpu[], vc_handlers_volume[];

#define VC_HANDLERS_END                                                                                      \
  {                                                                                                          \
    VC_N_CALLS, NULL                                                                                         \
  }

/* vc_handlers_all - the handler of every call, by its index
 *
 * Returns: borrowed, VC_N_CALLS of them; NULL stands where a row has none.
 */
const VcRpcHandler *vc_handlers_all (void);

/* vc_handlers_count - in how many nouns a call has a row; for tests */
guint vc_handlers_count (VcCallIndex call);

#define VC_N_COUNTERS 8

/* vc_host_counters - what the host counted of an interface, as the guest on it sees it
 *
 * bytes, packets, errors and drops received, then sent; -1: it is not counted.  FALSE: no such interface.
 */
gboolean vc_host_counters (const char *interface, gint64 ret_counters[VC_N_COUNTERS]);

/* vc_daemon_begin - the parts of a daemon besides its manager and its server
 *
 * Call it with paths, conf, manager and uri set, and the root taken.  warnings: as vc_manager_new.
 *
 * Returns: FALSE with error; vc_daemon_end is to be called all the same.
 */
gboolean vc_daemon_begin (VcDaemon *daemon, GPtrArray *warnings, GError **error);
void vc_daemon_end (VcDaemon *daemon);

/* vc_daemon_start_pools - start those that start with the host; those that are active are cleaned */
void vc_daemon_start_pools (VcDaemon *daemon);

/* vc_daemon_gone - on_gone of the service whose data is a daemon: guests that were to end with it do */
void vc_daemon_gone (VcRpcClient *client, gpointer data);

/* What handlers share. */

/* vc_daemon_of - the daemon a request was made to */
VcDaemon *vc_daemon_of (const VcRpcRequest *request);

/* vc_wire_uuid - the text of 16 bytes; buffer has room for 37 */
const char *vc_wire_uuid (const guint8 *uuid, char *buffer);

/* vc_wire_read_uuid - 16 bytes of such a text, which must be right */
void vc_wire_read_uuid (const char *text, guint8 *uuid);

/* vc_wire_chooses - is the guest one of those that flags of CONNECT_LIST_ALL_DOMAINS mean? */
gboolean vc_wire_chooses (const VcGuest *guest, guint flags);

/* vc_wire_put_guest - D */
void vc_wire_put_guest (VcXdrWriter *writer, const VcGuest *guest);

/* vc_wire_read_guest - read a D, and find the guest it names
 *
 * Returns: borrowed, or NULL with libvirt's "no domain with matching uuid".
 */
VcGuest *vc_wire_read_guest (VcRpcRequest *request, VcXdrReader *args, GError **error);

/* vc_wire_flags - refuse flags beyond known */
gboolean vc_wire_flags (const VcRpcRequest *request, guint flags, guint known, GError **error);

/* vc_wire_done - a VcGuestFn: answers a kept request (data) that gives nothing */
void vc_wire_done (VcGuest *guest, const GError *error, gpointer data);

/* vc_wire_done_guest - the same for one that gives D */
void vc_wire_done_guest (VcGuest *guest, const GError *error, gpointer data);

/* Work that may take long: a thread does it, with copies, and the request waits. */
typedef struct
{
  gboolean (*work) (gpointer data, GError **error); /* in the thread: with nothing but data */
  /* Then, in the main context; puts what the call gives.  NULL: nothing is left to do. */
  gboolean (*finish) (VcDaemon *daemon, gpointer data, VcXdrWriter *ret, GError **error);
  GDestroyNotify free;
} VcJob;

/* vc_daemon_work - begin it; takes data
 *
 * The request is answered when it is done, or with its error.  request NULL: nobody waits, ret is NULL, and
 * an error is for warn.  job lives for ever.
 */
void vc_daemon_work (VcDaemon *daemon, VcRpcRequest *request, const VcJob *job, gpointer data_taken);

/* vc_daemon_work_on - the same for a request that is kept already; takes it */
void vc_daemon_work_on (VcDaemon *daemon, VcRpcRequest *request_taken, const VcJob *job, gpointer data_taken);

/* vc_daemon_emulator - what QEMU of an architecture can do (NULL: x86_64)
 *
 * Returns: to be let go with vc_caps_free, or NULL with error.
 */
VcCaps *vc_daemon_emulator (VcDaemon *daemon, const char *binary, const char *arch, GError **error);

/* event.c */

/* vc_daemon_tell - a VcEventFn: tells every client that asked */
void vc_daemon_tell (const VcEvent *event, gpointer data);

/* vc_daemon_tell_secret - event: 0 defined, 1 undefined, -1 its value changed; usage as the wire has it */
void vc_daemon_tell_secret (VcDaemon *daemon, const guint8 *uuid, int usage, const char *name, int event);

/* vc_daemon_tell_pool - event: 0 defined, 1 undefined, 2 started, 3 stopped, 4 built, 5 deleted, -1 refreshed
 */
void vc_daemon_tell_pool (VcDaemon *daemon, const char *name, const char *uuid, int event);

/* vc_daemon_tell_network - event: the first four of these */
void vc_daemon_tell_network (VcDaemon *daemon, const char *name, const char *uuid, int event);

/* vc_session_new, vc_session_free */
VcSession *vc_session_new (void);
void vc_session_free (VcSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcSession, vc_session_free)
