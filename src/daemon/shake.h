/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/session.h"

/* A handshake on its way, by one thread at a time. */
typedef struct
{
  VcCredential *credential; /* NULL: the client has said nothing */
  VcTlsSession *session;
  VcTlsStep step;
  GError *why;       /* it is refused, or failed */
  gboolean may_join; /* who comes by invitation shows no certificate */
} VcShake;

/* vc_shake_go_on - one step over fd, which is borrowed; at its end the client is checked, and told a refusal
 *
 * allowed: as vc_tls_session_check has it.  no_verify: who is not let in by a certificate is let in without a
 * name.  is_patient: wait a moment for the client's answer, which saves
 * the caller to wait for it.
 */
void vc_shake_go_on (VcShake *self, int fd, char *const *allowed, gboolean no_verify, gboolean is_patient);

/* vc_shake_clear - the session, the credential and the error, if they are there */
void vc_shake_clear (VcShake *self);
