/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/join.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "client/dial.h"
#include "join/frame.h"
#include "join/invitation.h"
#include "pki/pinned.h"
#include "pki/record.h"
#include "pki/request.h"
#include "pki/text.h"

G_STATIC_ASSERT (VC_TLS_KEY_PRINT == VC_TOKEN_KEY_PRINT);
G_STATIC_ASSERT (VC_TLS_CHANNEL == VC_JOIN_CHANNEL);

typedef struct
{
  int fd;
  char *where;
  gint64 deadline;
  VcTlsPinned *tls;
} Call;

static void
call_clear (Call *call)
{
  vc_tls_pinned_free (call->tls);
  if (call->fd >= 0)
    close (call->fd);
  g_free (call->where);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

static gboolean
shake (Call *call, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) why = NULL;
      VcTlsStep step = vc_tls_pinned_shake (call->tls, &why);

      if (step == VC_TLS_DONE)
        return TRUE;
      if (step == VC_TLS_FAILED && why->code == VC_ERROR_STATE)
        return vc_fail (error, VC_ERROR_STATE,
                        "no invitation is open there: it was used, has expired, or was taken back");
      if (step == VC_TLS_FAILED)
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return FALSE;
        }
      if (g_get_monotonic_time () >= call->deadline
          || !vc_dial_wait (call->fd, step == VC_TLS_READ ? POLLIN : POLLOUT, call->deadline))
        return vc_fail (error, VC_ERROR_GONE, "it did not answer to TLS in time");
    }
}

static gboolean
begin (Call *call, const char *host, guint port, const guint8 *key_print, guint timeout_s, GError **error)
{
  call->deadline = g_get_monotonic_time () + (gint64) timeout_s * G_USEC_PER_SEC;
  call->fd = vc_dial (host, port, call->deadline, NULL, &call->where, error);
  if (call->fd < 0)
    return FALSE;
  call->tls = vc_tls_pinned_new (host, VC_TLS_JOIN, key_print, call->fd, error);
  return (call->tls != NULL && shake (call, error)) || vc_prefix (error, "%s: ", call->where);
}

static gssize
call_read (gpointer data, guint8 *bytes, gsize len, GError **error)
{
  return vc_tls_pinned_read (data, bytes, len, error);
}

static gssize
call_write (gpointer data, const guint8 *bytes, gsize len)
{
  return vc_tls_pinned_write (data, bytes, len);
}

/* What a stranger wrote, fit for a message. */
static gboolean
fail_sentence (const GByteArray *answer, GError **error)
{
  g_autofree char *text = vc_pki_text (answer->data + 1, answer->len - 1);

  return vc_fail (error, VC_ERROR_DENIED, "%s", text);
}

/* Is it what a client can use?  The signer has said so; nobody has to believe it. */
static VcJoined *
read_joined (VcJoined *taken, const VcKey *key, GError **error)
{
  g_autoptr (VcJoined) self = taken;
  g_autoptr (GPtrArray) own
      = vc_certificates_read_text (self->certificate, strlen (self->certificate), "the certificate", error);
  g_autoptr (GPtrArray) cas
      = own != NULL ? vc_certificates_read_text (self->ca, strlen (self->ca), "the CA's certificate", error)
                    : NULL;

  if (cas == NULL)
    return NULL;
  self->own = g_ptr_array_steal_index (own, 0);
  if (!vc_key_fits (key, self->own))
    return vc_fail_null (error, VC_ERROR_PROTOCOL, "it sent a certificate of another key");
  for (guint i = 0; i < cas->len; i++)
    if (vc_certificate_is_signed_by (self->own, cas->pdata[i]))
      return g_steal_pointer (&self);
  return vc_fail_null (error, VC_ERROR_PROTOCOL, "it sent a certificate that was not signed by its CA");
}

/* Before the invitation is used up. */
static gboolean
check_ca (const VcCertificate *server, const GPtrArray *cas, GError **error)
{
  for (guint i = 0; cas != NULL && i < cas->len; i++)
    if (vc_certificate_is_signed_by (server, cas->pdata[i]))
      return TRUE;
  return cas == NULL
         || vc_fail (error, VC_ERROR_EXISTS, "its certificate was not signed by the CA in %s",
                     ((VcCertificate *) cas->pdata[0])->origin);
}

static VcJoined *
talk (Call *call, const VcToken *token, const VcKey *key, GError **error)
{
  const VcFrameWay way = { call->fd, call->tls, call_read, call_write };
  g_autoptr (GBytes) request = vc_request_new (key, error);
  g_autoptr (GByteArray) asked = g_byte_array_new ();
  g_autoptr (GByteArray) answer = NULL;
  g_autoptr (VcJoined) joined = g_new0 (VcJoined, 1);
  guint8 channel[VC_TLS_CHANNEL], proof[VC_JOIN_HASH];
  VcJoinBound bound = { token->id, token->key_print, channel, NULL, 0 };

  if (request == NULL || !vc_tls_pinned_channel (call->tls, channel, error))
    return NULL;
  bound.request = g_bytes_get_data (request, &bound.request_len);
  vc_join_prove (token->secret, &bound, proof);
  g_byte_array_append (asked, token->id, sizeof token->id);
  g_byte_array_append (asked, proof, sizeof proof);
  g_byte_array_append (asked, bound.request, (guint) bound.request_len);
  if (!vc_frame_send (&way, asked->data, asked->len, call->deadline, error))
    return NULL;
  answer = vc_frame_receive (&way, VC_FRAME_MAX, call->deadline, error);
  if (answer == NULL)
    return NULL;
  if (answer->len > 1 && answer->data[0] == VC_JOIN_REFUSED)
    {
      fail_sentence (answer, error);
      return NULL;
    }
  if (!vc_invitation_read_answer (token->secret, &bound, answer->data, answer->len, &joined->certificate,
                                  &joined->ca, error))
    return NULL;
  return read_joined (g_steal_pointer (&joined), key, error);
}

VcJoined *
vc_join (const VcToken *token, const VcKey *key, const GPtrArray *cas, guint timeout_s, GError **error)
{
  g_auto (Call) call = { .fd = -1 };
  VcJoined *joined = NULL;

  if (!begin (&call, token->host, token->port, token->key_print, timeout_s, error))
    return NULL;
  if (check_ca (vc_tls_pinned_peer (call.tls), cas, error))
    joined = talk (&call, token, key, error);
  if (joined == NULL)
    {
      vc_prefix (error, "%s: ", call.where);
      return NULL;
    }
  joined->server = vc_tls_pinned_take_peer (call.tls);
  return joined;
}

gboolean
vc_join_probe (const char *host, guint port, const guint8 *key_print, guint timeout_s, GError **error)
{
  g_auto (Call) call = { .fd = -1 };

  return begin (&call, host, port, key_print, timeout_s, error);
}

void
vc_joined_free (VcJoined *self)
{
  if (self == NULL)
    return;
  g_free (self->certificate);
  g_free (self->ca);
  vc_certificate_free (self->own);
  vc_certificate_free (self->server);
  g_free (self);
}
