/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/steps.h"
#include "pki/caller.h"

/* A TLS connection to a server of libvirt's protocol, from its name to its confirmation. */

typedef struct
{
  const char *host;
  guint port;
  VcCredential *credential; /* borrowed                                                     */
  gint64 deadline;          /* of g_get_monotonic_time, for all of it                       */
  guint timeout_s;          /* what the deadline was made of, for messages                  */
  gboolean no_verify;       /* whatever certificate the server has                          */
  /* May a server be spoken to whose certificate has these faults (VcTlsFault; words: a sentence for each)?
   * NULL: not when there is any. */
  gboolean (*judge) (const VcCertificate *peer, guint faults, const GPtrArray *words, gpointer data);
  gpointer data;
  VcSteps *steps; /* told of what goes well and of what is wrong with the certificate; or NULL */
} VcSecureQuestion;

/* vc_secure_dial - connect
 *
 * Returns: a descriptor, and in *ret_caller what is spoken over it; or -1 with error: "HOST:PORT (ADDRESS):
 * …".
 */
int vc_secure_dial (const VcSecureQuestion *question, VcTlsCaller **ret_caller, GError **error);
