/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/caller.h"

/* Which server is spoken to: what a CA vouches for, what was trusted before, and what somebody says.
 *
 * A server's remembered key stands in for a CA and for a name, and for nothing else: dates, weakness, purpose
 * and revocation are looked at as ever.  A key that changed is refused, also where a CA vouches for the new
 * one; and a certificate that was revoked is never accepted, whoever says so.
 */

typedef enum
{
  VC_POLICY_CA,               /* a CA has to vouch for it; no list is looked at          */
  VC_POLICY_CA_OR_REMEMBERED, /* or its key is in the list                               */
  VC_POLICY_ASK,              /* or ask says so, where neither is; not of a changed key  */
  VC_POLICY_ASK_ALWAYS,       /* ask decides about every server                          */
} VcPolicySort;

typedef enum
{
  VC_DECISION_REJECT,
  VC_DECISION_ONCE,
  VC_DECISION_REMEMBER,
} VcDecision;

/* A server that was spoken to; all is borrowed. */
typedef struct
{
  const char *host;
  guint port;
  GPtrArray *chain; /* VcCertificate, at least one                                */
  GPtrArray *flaws; /* VcTlsFlaw: of the certificate, and what the list adds      */
} VcServer;

typedef struct
{
  VcPolicySort sort;
  const char *list;        /* path (pki/trust.h); NULL: the user's own                      */
  const char *fingerprint; /* its key has to be this one, in the place of the list; or NULL */
  gboolean no_verify;      /* anybody will do, unless a fingerprint is given                */
  VcDecision (*ask) (const VcServer *server, gpointer data); /* NULL: REJECT */
  gpointer data;
} VcPolicy;

/* vc_policy_judge - may it be spoken to?
 *
 * Adds VC_TLS_NOT_TRUSTED_BEFORE and VC_TLS_CHANGED to its flaws; remembers it where ask says so.
 *
 * Returns: FALSE with VC_ERROR_DENIED; VC_ERROR_INVALID and others where the list cannot be used.
 */
gboolean vc_policy_judge (const VcPolicy *policy, const VcServer *server, GError **error);
