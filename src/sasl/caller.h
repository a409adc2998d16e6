/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sasl/server.h"

/* Logging in at a server, through libsasl2: the side that proves who it is. */
typedef struct VcSaslCaller VcSaslCaller;

typedef struct
{
  const char *host; /* of the server */
  guint ssf;        /* bits of the key that the connection is encrypted with, 0: none                 */
  gboolean is_sure; /* nobody else can be at the other end: the password itself may be sent, if asked */
  /* Name and password, when they are wanted.  Returns: new string, wiped and freed, or NULL with error. */
  char *(*name) (gpointer data, GError **error);
  char *(*password) (const char *name, gpointer data, GError **error);
  gpointer data;
} VcSaslQuestion;

/* vc_sasl_caller_new - begin; copies question and borrows what it points to
 *
 * Returns: new (free with vc_sasl_caller_free), or NULL with error.
 */
VcSaslCaller *vc_sasl_caller_new (const VcSaslQuestion *question, GError **error);

/* vc_sasl_caller_start - choose from mechanisms, which have commas between them
 *
 * *ret_mechanism is borrowed; *ret_words new bytes to be sent, or NULL for none, which is not the same as "".
 *
 * Returns: VC_SASL_DONE when the server need not say more, VC_SASL_FAILED with error.
 */
VcSaslStep vc_sasl_caller_start (VcSaslCaller *self, const char *mechanisms, const char **ret_mechanism,
                                 GBytes **ret_words, GError **error);

/* vc_sasl_caller_step - go on with what the server said; bytes NULL: nothing */
VcSaslStep vc_sasl_caller_step (VcSaslCaller *self, const guint8 *bytes, gsize len, GBytes **ret_words,
                                GError **error);

/* vc_sasl_caller_free - wipes what it holds; NULL is fine */
void vc_sasl_caller_free (VcSaslCaller *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcSaslCaller, vc_sasl_caller_free)
