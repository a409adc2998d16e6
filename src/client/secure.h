/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/policy.h"
#include "client/steps.h"

/* A TLS connection to a server of libvirt's protocol, from its name to its confirmation. */

typedef struct
{
  const char *host;
  guint port;
  VcCredential *credential; /* borrowed                                                     */
  gint64 deadline;          /* of g_get_monotonic_time, for all of it                       */
  guint timeout_s;          /* what the deadline was made of, for messages                  */
  const VcPolicy *policy;   /* which server may be spoken to                                */
  VcSteps *steps;           /* told of what goes well, and of flaws; or NULL                */
} VcSecureQuestion;

/* vc_secure_dial - connect
 *
 * The time somebody takes who is asked by the policy does not count.  flaws: what is wrong with the server's
 * certificate is added to it (VcTlsFlaw), also when it is accepted.
 *
 * Returns: a descriptor, and in *ret_caller what is spoken over it; or -1 with error: "HOST:PORT (ADDRESS):
 * …".
 */
int vc_secure_dial (const VcSecureQuestion *question, GPtrArray *flaws, VcTlsCaller **ret_caller,
                    GError **error);
