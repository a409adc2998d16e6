/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pki/session.h"

/* Where connections from the network become clients, or do not: TLS handshakes, limited in number and time.
 *
 * What it takes to compute is done by a few threads; everything else, and everything told, in the default
 * main context. */
typedef struct VcEntry VcEntry;

typedef struct
{
  guint max;            /* connections here; for one more the oldest has to go */
  guint ms;             /* time one may take                                   */
  guint workers;        /* threads                                             */
  char *const *allowed; /* as of vc_tls_session_check; borrowed                */
  gboolean no_verify;   /* who has no good certificate may come in without a name */
} VcEntryLimits;

typedef struct
{
  /* With what a connection begins: borrowed.  NULL with error: with nothing, now. */
  VcCredential *(*credential) (gpointer data, GError **error);
  /* One came through; it was not confirmed yet.  Takes fd and session. */
  void (*on_in) (int fd_taken, VcTlsSession *session_taken, const char *address, gpointer data);
  /* Is there anybody who may join without a certificate?  NULL: never. */
  gboolean (*may_join) (gpointer data);
  /* One came to join.  Takes fd and session. */
  void (*on_join) (int fd_taken, VcTlsSession *session_taken, const char *address, gpointer data);
  /* One did not; peer is the certificate it showed, or NULL. */
  void (*on_refused) (const char *address, const VcCertificate *peer, const GError *why, gpointer data);
} VcEntryUser;

/* vc_entry_new - an entry nobody can reach yet; copies limits, borrows user and data
 *
 * Returns: new (free with vc_entry_free), or NULL with error.
 */
VcEntry *vc_entry_new (const VcEntryLimits *limits, const VcEntryUser *user, gpointer data, GError **error);

/* vc_entry_listen - take connections from a listening socket of the network; takes fd */
gboolean vc_entry_listen (VcEntry *self, int fd_taken, GError **error);

/* vc_entry_free - close everything that is not a client yet; NULL is fine */
void vc_entry_free (VcEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcEntry, vc_entry_free)

/* vc_address_print - "192.0.2.1:4000", "[2001:db8::1]:4000".  Returns: new string. */
struct sockaddr_storage;
char *vc_address_print (const struct sockaddr_storage *address, guint len);
