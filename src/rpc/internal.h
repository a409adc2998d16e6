/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rpc/frame.h"
#include "rpc/server.h"
#include "rpc/stream.h"

/* For this folder only.
 *
 *   server.c   sockets, the loop, deadlines
 *   client.c   a connection: frames in, bytes out
 *   door.c     a frame becomes a call of a handler, or an error
 *   request.c  answers that come later
 *   stream.c   streams
 *   who.c      what others may know and say of a connection
 *   change.c   what was changed, for who keeps a book of it
 */

#define QUEUE_PAUSE (1024u * 1024) /* unsent bytes of a client after which its calls wait */
#define SHY_MAX     65536u         /* bytes of a message of a client that is not open yet  */
#define SMALL       65536u         /* bytes of a client that are no burden: others are dropped for room */
#define CLIENT_WAYS 3u             /* in which a client comes: client_way */
#define MAX_REFUSED 32u            /* clients that are not let in, but told so             */

/* What the loop calls when a descriptor is ready: the first member of what owns it. */
typedef struct Watch
{
  int fd;
  guint32 wants; /* EPOLLIN, EPOLLOUT */
  void (*on_ready) (struct Watch *watch, guint32 events);
} Watch;

struct VcRpcServer
{
  const VcRpcService *service;
  VcRpcLimits limits;
  GMainContext *context;
  gpointer data;
  int epoll;
  GSource *source;
  GSource *timer;   /* NULL: no deadline is near             */
  GSource *later;   /* NULL: nobody has messages that wait   */
  gboolean is_full; /* there were no descriptors for more clients */
  gint64 due;
  GPtrArray *listeners;
  GPtrArray *clients;
  gboolean is_looping;
  GPtrArray *dead; /* clients and streams that the loop may still hold events of */
  guint64 last_number;
  guint64 held;                 /* bytes in and out of all clients, in memory */
  guint n_refused;              /* clients that only wait to hear so */
  guint n_remote;               /* clients from other hosts          */
  guint n_unknown[CLIENT_WAYS]; /* clients that have to log in       */
  guint8 *scratch;              /* what was read last                     */
  GByteArray *answers;          /* of the client whose messages are read  */
  GByteArray *event;            /* the one that is being told             */
  VcXdrWriter writer;           /* into event                             */
};

struct VcRpcClient
{
  Watch watch;
  VcRpcServer *server;
  guint64 number;
  VcRpcPeer peer;
  char *name, *address, *user; /* peer's                    */
  const VcRpcChannel *channel; /* NULL: its bytes are plain */
  gpointer channel_self;
  gpointer data;
  GError *refusal; /* it may not come in: the answer to whatever it asks first; or NULL */
  gboolean is_read_only;
  gboolean is_unknown; /* it has to log in first */
  gboolean is_open;
  gboolean is_reading; /* its messages are being carried out   */
  gboolean is_waiting; /* its messages are to be carried out soon */
  gboolean is_leaving; /* to be dropped when all was sent      */
  gboolean is_hung_up; /* nothing is sent or read any more    */
  gboolean is_dead;
  gboolean keeps_alive;
  guint unanswered; /* questions whether it is there        */
  gint64 born;
  gint64 heard;       /* when it last said something; ms      */
  gint64 waits_since; /* for the rest of a message; 0: no     */
  GByteArray *in;     /* what is not carried out yet, or NULL */
  GByteArray *out;    /* what is not sent yet, or NULL        */
  guint out_at;
  gsize held;          /* bytes of these two, as they are counted in its server's */
  GPtrArray *requests; /* kept; or NULL */
  GPtrArray *streams;  /* or NULL       */
};

struct VcRpcRequest
{
  VcRpcServer *server; /* only inside its handler */
  VcRpcClient *client; /* NULL: gone              */
  const VcCall *call;
  guint32 serial;
  gboolean is_kept;  /* this one lives by itself  */
  gboolean was_kept; /* another one goes on for it */
  gpointer data;
  char *who, *domain; /* of one that is to be told of, else NULL */
  guint64 number;     /* its client's                            */
  void (*on_change) (const VcRpcChange *change, gpointer data);
  GByteArray *out; /* the answer, once it was begun */
  VcXdrWriter writer;
};

/* server.c */

gint64 now_ms (void);
gboolean watch_add (VcRpcServer *server, Watch *watch, guint32 wants, GError **error);
void watch_want (VcRpcServer *server, Watch *watch, guint32 wants);
void watch_drop (VcRpcServer *server, Watch *watch); /* closes it */
void server_bury (VcRpcServer *server, gpointer dead_taken);
void server_set_due (VcRpcServer *server, gint64 ms);
void server_set_later (VcRpcServer *server);
void server_trouble (VcRpcServer *server, const VcRpcClient *client, const GError *why);

/* client.c */

/* client_new - takes fd; with an error it is still the caller's */
VcRpcClient *client_new (VcRpcServer *server, int fd_taken, const VcRpcPeer *peer, gboolean is_read_only,
                         GError **error);

/* client_drop - end it now; why is for the log, NULL: it went by itself */
void client_drop (VcRpcClient *client, const GError *why);

/* client_way - less than CLIENT_WAYS: from another host, by a socket that only reads, by one that may write.
 * Who has to log in is counted with those who came the same way, so that nobody is pushed out by others. */
guint client_way (const VcRpcClient *client);

/* client_forget_unknown - it has logged in, or is gone */
void client_forget_unknown (VcRpcClient *client);

/* client_send - bytes of whole messages; does not drop the client */
void client_send (VcRpcClient *client, const guint8 *bytes, gsize len);
gsize client_unsent (const VcRpcClient *client);

/* client_go_on - something that kept it waiting may be over: read from it again; what waits already is
 * carried out soon, but not here: the caller is in the middle of something */
void client_go_on (VcRpcClient *client);
void client_carry_out (VcRpcClient *client); /* what waits, now */

/* client_check_time - drop it, ask it, or say when to look again (ms; 0: never) */
gint64 client_check_time (VcRpcClient *client, gint64 now);

/* door.c */

/* door_max - the longest message of a frame's sort, so that nothing longer is gathered; 0: not one of ours */
guint64 door_max (const VcRpcClient *client, const VcFrame *frame);

/* door_enter - carry out one whole message; answers go behind what is in answers
 *
 * Returns: FALSE with error when the client is to be dropped.
 */
gboolean door_enter (VcRpcClient *client, const VcFrame *frame, guint8 *body, gsize len, GByteArray *answers,
                     GError **error);

/* door_put - a message's head, and door_end its length: what is between is the message */
guint door_put (GByteArray *out, const VcFrame *frame);
void door_end (GByteArray *out, guint start);

/* door_put_error - a whole message that says error */
void door_put_error (GByteArray *out, const VcFrame *frame, const VcCall *call, const GError *error);

/* change.c */

/* change_begin - note who calls, and of which domain body speaks, where somebody wants to know */
void change_begin (VcRpcRequest *request, const guint8 *body, gsize len);

/* change_end - tell of it; ret is what was given, and wiped is the note */
void change_end (VcRpcRequest *request, const guint8 *ret, gsize len, const GError *error);

/* stream.c */

/* stream_take - a message of a stream; one for a stream that is over is forgotten */
gboolean stream_take (VcRpcClient *client, const VcFrame *frame, const guint8 *bytes, gsize len,
                      GError **error);
void stream_free (VcRpcStream *stream);

/* stream_is_full - does one of its streams take nothing now? */
gboolean stream_is_full (const VcRpcClient *client);

/* stream_go_on - the client takes bytes again */
void stream_go_on (VcRpcClient *client);
