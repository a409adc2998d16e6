/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/error.h"
#include "client/client.h"
#include "client/wire.h"
#include "rpc/frame.h"

/* For this folder only: client.c is the connection, stream.c the streams on it, alive.c whether anybody is
 * there. */

#define OUT_FULL (256u * 1024) /* bytes that wait to be sent, after which streams are not read */

/* A call that waits.  They lie on the stack; one made from a callback stands before the one it interrupts. */
typedef struct Pending
{
  struct Pending *before;
  guint32 serial;
  gboolean is_answered;
  guint32 status;
  GByteArray *body;
} Pending;

typedef struct
{
  VcTell tell;
  GByteArray *body;
} Told;

typedef struct Stream Stream;

/* Questions whether the other side is there. */
typedef struct
{
  gint64 every; /* microseconds of silence after which it is asked; 0: never */
  guint n;      /* questions without an answer that are too many             */
  gint64 due;   /* when to ask next                                          */
  guint asked;  /* since something was heard                                 */
  GSource *source;
} Alive;

struct VcClient
{
  VcWire wire;
  gboolean is_served_here;
  const VcClientWatch *watch;
  gpointer data;
  GSource *source; /* reads and writes            */
  gpointer tag;    /* of fd in source             */
  GSource *teller; /* only while something waits to be told */
  GError *end;     /* why it ended                */
  gboolean was_end_told;
  Alive alive;

  guint32 last_serial;
  const VcCall *call; /* since vc_client_begin       */
  VcXdrWriter writer;
  guint out_start; /* of the call in out          */
  GByteArray *in;
  GByteArray *out;
  guint out_at;           /* sent up to here             */
  gboolean out_is_secret; /* there may be a password in out */
  Pending *pending;
  GByteArray *answer; /* what reader reads           */
  VcXdrReader reader;
  GQueue told;        /* Told                        */
  GPtrArray *streams; /* Stream, owned               */
};

/* client.c */

/* vc_client_send - a whole message */
void vc_client_send (VcClient *client, const VcFrame *frame, gconstpointer bytes, gsize len);

/* vc_client_unsent - bytes that wait */
guint vc_client_unsent (const VcClient *client);

/* vc_client_flush - send what goes at once.  Returns: FALSE when that has ended the connection */
gboolean vc_client_flush (VcClient *client);

/* vc_client_want - wait for what is worth waiting for now */
void vc_client_want (VcClient *client);

/* vc_client_end - end it, because of that.  Returns: FALSE, always. */
gboolean vc_client_end (VcClient *client, VcErrorCode code, const char *why);

/* vc_client_drop_source - end a source, if there is one */
void vc_client_drop_source (GSource **at);

/* alive.c */

/* vc_client_heard - bytes have come */
void vc_client_heard (VcClient *client);

/* vc_client_alive_take - a message of this sort */
void vc_client_alive_take (VcClient *client, const VcFrame *frame);

/* vc_client_alive_wait - how long poll() may wait */
int vc_client_alive_wait (const VcClient *client);

/* vc_client_alive_ask - ask, if it is time to; ends the connection when too many were not answered */
void vc_client_alive_ask (VcClient *client);

/* stream.c */

/* vc_client_stream_new - one for the call of frame; ret_fd is the caller's end.  Owned by the client */
Stream *vc_client_stream_new (VcClient *client, const VcFrame *frame, int *ret_fd, GError **error);
void vc_client_stream_free (Stream *stream);

/* vc_client_stream_take - a message of a stream; one for a stream that is over is forgotten */
void vc_client_stream_take (VcClient *client, const VcFrame *frame, const guint8 *bytes, gsize len);

/* vc_client_stream_is_full - is there one whose reader is behind? */
gboolean vc_client_stream_is_full (const VcClient *client);

/* vc_client_stream_go_on - the connection takes bytes again */
void vc_client_stream_go_on (VcClient *client);
