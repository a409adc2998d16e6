/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "rpc/calls.h"
#include "rpc/error.h"
#include "xdr/xdr.h"

/* libvirt's wire, the serving side: sockets in, calls to handlers, answers, events and streams out.
 *
 * Everything goes through one door: the peer is allowed, the call is known, its size can be right, the
 * connection may make it, its arguments decode with nothing left; then its handler runs.
 *
 * One thread, the main context it was made for.  Nothing here waits, and everything has a limit.
 */
typedef struct VcRpcServer VcRpcServer;
typedef struct VcRpcClient VcRpcClient;   /* a connection                     */
typedef struct VcRpcRequest VcRpcRequest; /* a call that waits for its answer */

typedef struct
{
  guint max_clients;  /* connections                                                       */
  guint reserve;      /* … and some more, for root over a unix socket                       */
  guint max_remote;   /* of those, from other hosts: the rest is for who is here            */
  guint max_requests; /* calls of one connection that wait for an answer; others wait unread */
  gsize max_queue;    /* bytes a client may leave unread before it is dropped               */
  guint open_ms;      /* time to open a connection, and for every message to be whole       */
  guint keepalive_ms; /* quiet time after which a client that agreed is asked; 0: never     */
  guint keepalive_n;  /* unanswered questions until it is dropped                           */
  guint max_unknown;  /* connections that have to log in, of other hosts and of each sort of unix socket; for
                         one more the oldest of them has to go                                     */
  guint login_ms;     /* time to do so, instead of open_ms: somebody may be asked for a password     */
  guint max_memory;   /* MiB of messages of all connections that are not whole, or not sent  */
} VcRpcLimits;

#define VC_RPC_LIMITS                                                                                        \
  ((VcRpcLimits){ 5000, 16, 4000, 5, 8u * 1024 * 1024, 30000, 5000, 5, 200, 120000, 1024 })

typedef struct
{
  pid_t pid; /* these three of a unix socket; else 0, (uid_t) -1, (gid_t) -1 */
  uid_t uid;
  gid_t gid;
  const char *name;    /* whom its certificate names; NULL: nobody        */
  const char *address; /* where it comes from; NULL: a unix socket        */
  const char *user;    /* as whom it has logged in; NULL: it has not      */
} VcRpcPeer;

/* What stands between a client and its socket (TLS): how its bytes are read and written, without waiting. */
typedef struct
{
  /* As recv: 0 at its end; -1 with errno, or with error where there is more to say. */
  gssize (*read) (gpointer self, guint8 *bytes, gsize len, GError **error);
  /* As send.  After EAGAIN the same bytes come again, and more may stand behind them. */
  gssize (*write) (gpointer self, const guint8 *bytes, gsize len);
  /* Says good-bye; the descriptor is still open, and closed then. */
  void (*free) (gpointer self);
} VcRpcChannel;

/* A call that may change something, once it was answered. */
typedef struct
{
  guint64 client;  /* its number                                  */
  const char *who; /* as vc_rpc_client_print                      */
  const VcCall *call;
  const char *domain;  /* the name it is about, or NULL               */
  const GError *error; /* what was answered; NULL: it was carried out */
} VcRpcChange;

/* VcRpcHandler - carry a call out
 *
 * Reads args, which are already checked and only good for this call, and puts what its row gives.  May keep
 * the request (vc_rpc_keep) and then puts nothing.
 *
 * Returns: TRUE, or FALSE with error, which is answered; what was put by then is not sent.
 */
typedef gboolean (*VcRpcHandler) (VcRpcRequest *request, VcXdrReader *args, VcXdrWriter *ret, GError **error);

typedef struct
{
  const VcRpcHandler *handlers; /* VC_N_CALLS */
  /* May this peer come in?  FALSE with error, which answers its first call; then it is sent away. */
  gboolean (*allow) (const VcRpcPeer *peer, gboolean is_read_only, gpointer data, GError **error);
  /* Of a client that is gone; its data (vc_rpc_client_set_data) is to be freed here. */
  void (*on_gone) (VcRpcClient *client, gpointer data);
  /* What a program may want in its log: a client was dropped, or not let in.  client may be NULL. */
  void (*on_trouble) (const VcRpcClient *client, const GError *why, gpointer data);
  /* For who keeps a book of what was changed, and what was refused; NULL: nobody does. */
  void (*on_change) (const VcRpcChange *change, gpointer data);
  /* Has this peer, who may come in, to log in first?  NULL: nobody has. */
  gboolean (*wants_login) (const VcRpcPeer *peer, gboolean is_read_only, gpointer data);
} VcRpcService;

/* vc_rpc_server_new - a server without sockets; borrows service and data
 *
 * context NULL is the default one.  Returns: new (free with vc_rpc_server_free), or NULL with error.
 */
VcRpcServer *vc_rpc_server_new (const VcRpcService *service, const VcRpcLimits *limits, GMainContext *context,
                                gpointer data, GError **error);

/* vc_rpc_server_free - close everything; NULL is fine
 *
 * Requests that are kept stay good to answer, to nobody.
 */
void vc_rpc_server_free (VcRpcServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcRpcServer, vc_rpc_server_free)

/* vc_rpc_server_listen - take clients from a listening unix socket; takes fd */
gboolean vc_rpc_server_listen (VcRpcServer *server, int fd_taken, gboolean is_read_only, GError **error);

/* vc_rpc_server_add - serve a connected unix socket, as if it had been taken; takes fd
 *
 * Returns: FALSE with error when the peer is not allowed; it is told so itself when it asks something.
 */
gboolean vc_rpc_server_add (VcRpcServer *server, int fd_taken, gboolean is_read_only, GError **error);

/* vc_rpc_server_check_remote - is there room for one more from another host?  FALSE with VC_ERROR_LIMIT */
gboolean vc_rpc_server_check_remote (const VcRpcServer *server, GError **error);

/* vc_rpc_server_add_remote - serve a client from another host; who it is is known and checked already
 *
 * Takes fd and self (with channel->free), also when it fails; channel lives on.  Copies peer's texts.
 */
gboolean vc_rpc_server_add_remote (VcRpcServer *server, int fd_taken, const VcRpcPeer *peer,
                                   const VcRpcChannel *channel, gpointer self_taken, GError **error);

guint vc_rpc_server_n_clients (const VcRpcServer *server);

/* vc_rpc_server_foreach - call fn with every client; it may drop them */
void vc_rpc_server_foreach (VcRpcServer *server, void (*fn) (VcRpcClient *client, gpointer data),
                            gpointer data);

/* Clients. */

gpointer vc_rpc_client_get_data (const VcRpcClient *client);
void vc_rpc_client_set_data (VcRpcClient *client, gpointer data);
const VcRpcPeer *vc_rpc_client_peer (const VcRpcClient *client);

/* vc_rpc_client_channel - self of vc_rpc_server_add_remote, borrowed; NULL: a unix socket */
gpointer vc_rpc_client_channel (const VcRpcClient *client);

/* vc_rpc_client_print - who it is: "process 12 of user 0", "'CN=desk' at 192.0.2.1:4000", with " as 'fred'"
 * behind it when it has logged in.  Returns: new string */
char *vc_rpc_client_print (const VcRpcClient *client);

/* vc_rpc_client_is_unknown - has it to log in yet?  Until then it may make calls of VC_MAY_LOG_IN only */
gboolean vc_rpc_client_is_unknown (const VcRpcClient *client);

/* vc_rpc_client_log_in - it has, as user */
void vc_rpc_client_log_in (VcRpcClient *client, const char *user);

/* vc_rpc_client_end - drop it now; why is told as trouble.  Not inside a handler of its own */
void vc_rpc_client_end (VcRpcClient *client, const GError *why);

guint64 vc_rpc_client_number (const VcRpcClient *client); /* never twice */

/* vc_rpc_client_is_open, …_open - has CONNECT_OPEN been answered?  Calls other than VC_MAY_CONNECT need it */
gboolean vc_rpc_client_is_open (const VcRpcClient *client);
void vc_rpc_client_open (VcRpcClient *client);

gboolean vc_rpc_client_is_read_only (const VcRpcClient *client);
void vc_rpc_client_set_read_only (VcRpcClient *client);

/* vc_rpc_client_keep_alive - it agreed to be asked whether it is there */
void vc_rpc_client_keep_alive (VcRpcClient *client);

/* vc_rpc_client_leave - end it once what is queued was sent */
void vc_rpc_client_leave (VcRpcClient *client);

/* vc_rpc_tell - begin an event for a client; put what its row tells, then vc_rpc_tell_send
 *
 * Returns: borrowed until then.
 */
VcXdrWriter *vc_rpc_tell (VcRpcClient *client, VcTell tell);
void vc_rpc_tell_send (VcRpcClient *client);

/* Requests. */

VcRpcClient *vc_rpc_request_client (const VcRpcRequest *request); /* NULL: it is gone */
const VcCall *vc_rpc_request_call (const VcRpcRequest *request);
gpointer vc_rpc_request_data (const VcRpcRequest *request); /* of vc_rpc_server_new */

/* vc_rpc_keep - answer later; only inside its handler
 *
 * Returns: new; ended by vc_rpc_answer, vc_rpc_answer_error or vc_rpc_request_free.  It may outlive its
 * client.
 */
VcRpcRequest *vc_rpc_keep (VcRpcRequest *request);

/* vc_rpc_begin - what its row gives is put into this; borrowed, send it before the main context runs again */
VcXdrWriter *vc_rpc_begin (VcRpcRequest *request);

/* vc_rpc_answer - send what was put since vc_rpc_begin, which need not be called where a row gives nothing */
void vc_rpc_answer (VcRpcRequest *request_taken);
void vc_rpc_answer_error (VcRpcRequest *request_taken, const GError *error);

/* vc_rpc_request_free - one that was not answered is answered with an error; NULL is fine */
void vc_rpc_request_free (VcRpcRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcRpcRequest, vc_rpc_request_free)
