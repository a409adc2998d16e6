/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sasl/options.h"

/* Whoever logs in by a user's name, through libsasl2: the side that finds out whether it is true.
 *
 * Used by one thread at a time, whichever; a step may take milliseconds, or wait for somebody else.  What is
 * wrong is for the log: a client is told nothing but that it failed. */
typedef struct VcSaslServer VcSaslServer;

typedef enum
{
  VC_SASL_FAILED,
  VC_SASL_DONE,
  VC_SASL_MORE, /* the other side has to answer */
} VcSaslStep;

/* vc_sasl_server_begin - make this process a server; once, and options are borrowed for ever
 *
 * Returns: FALSE with error.
 */
gboolean vc_sasl_server_begin (const VcSaslOptions *options, GError **error);

/* vc_sasl_server_new - begin; ssf: bits of the key that its connection is encrypted with, 0: none
 *
 * Returns: new (free with vc_sasl_server_free), or NULL with error: no mechanism can be used, too.
 */
VcSaslServer *vc_sasl_server_new (guint ssf, GError **error);

/* vc_sasl_server_mechanisms - those it may choose from, with commas between them; borrowed */
const char *vc_sasl_server_mechanisms (const VcSaslServer *self);

/* vc_sasl_server_start - the client has chosen; bytes NULL: it has said nothing, which is not the same as ""
 *
 * *ret_answer is new bytes, or NULL for nothing.
 *
 * Returns: VC_SASL_FAILED with error.
 */
VcSaslStep vc_sasl_server_start (VcSaslServer *self, const char *mechanism, const guint8 *bytes, gsize len,
                                 GBytes **ret_answer, GError **error);

/* vc_sasl_server_step - go on after VC_SASL_MORE; as vc_sasl_server_start */
VcSaslStep vc_sasl_server_step (VcSaslServer *self, const guint8 *bytes, gsize len, GBytes **ret_answer,
                                GError **error);

/* vc_sasl_server_user - who it is, after VC_SASL_DONE; borrowed */
const char *vc_sasl_server_user (const VcSaslServer *self);

/* vc_sasl_server_free - NULL is fine */
void vc_sasl_server_free (VcSaslServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcSaslServer, vc_sasl_server_free)
