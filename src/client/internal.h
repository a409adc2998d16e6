/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"
#include "rpc/frame.h"

/* For this folder only: client.c is the connection, stream.c the streams on it. */

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

struct VcClient
{
  int fd; /* -1: it has ended */
  gboolean is_served_here;
  const VcClientWatch *watch;
  gpointer data;
  GSource *source; /* reads and writes            */
  gpointer tag;    /* of fd in source             */
  GSource *teller; /* only while something waits to be told */
  GError *end;     /* why it ended                */
  gboolean was_end_told;

  guint32 last_serial;
  const VcCall *call; /* since vc_client_begin       */
  VcXdrWriter writer;
  guint out_start; /* of the call in out          */
  GByteArray *in;
  GByteArray *out;
  guint out_at; /* sent up to here             */
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

/* vc_client_want - wait for what is worth waiting for now */
void vc_client_want (VcClient *client);

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
