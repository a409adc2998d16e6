/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* TLS of a connection: what the description says, and what became of it. */
typedef struct
{
  VcTri wanted;   /* @tls as written                                                 */
  VcTri live;     /* decided at the start; unset before                              */
  char *folder;   /* certificate folder of this device alone, or NULL                */
  char *priority; /* GnuTLS priority string, or NULL                                 */
  char **clients; /* names that may connect, or NULL for all                         */
} VcTls;

extern const VcType vc_type_tls, vc_type_tls_clients;

/* Rows of a struct S whose member m is a VcTls. */
#define VC_TLS_ROWS(S, m)                                                                                    \
  VC_ROW (S, m, VcTls, vc_type_tls, "source/@tls", .doc = "whether the connection is encrypted"),            \
      VC_JUDGED ("source/@tlsFromConfig", vc_type_u32, .max = 1,                                             \
                 .doc = "1: a running guest's tls came from qemu.conf"),                                     \
      VC_PATH (S, m.folder, "source/@virtcard:tls-folder",                                                   \
               .doc = "certificate folder of this device alone"),                                            \
      VC_STR (S, m.priority, "source/@virtcard:tls-priority", .doc = "GnuTLS priority string"),              \
      VC_ROW (S, m.clients, char **, vc_type_tls_clients, "source/virtcard:client[]",                        \
              .doc = "names of certificates that may connect")

/* vc_tls_resolve - decide it, where the description says nothing by the host's settings */
void vc_tls_resolve (VcTls *self, const VcTlsFacts *tls);

/* vc_tls_is_on - will the connection be encrypted? */
gboolean vc_tls_is_on (const VcTls *self, const VcTlsFacts *tls);

gboolean vc_tls_check (const VcTls *self, gboolean server, const VcDevice *holder, GError **error);

/* vc_tls_before - add the secret and the credentials of a device's connection, if it is encrypted */
void vc_tls_before (const VcTls *self, gboolean server, const VcDevice *holder, const VcTlsFacts *tls,
                    VcPlan *plan);

/* vc_tls_put - let the connection use them */
void vc_tls_put (const VcTls *self, const VcDevice *holder, const VcTlsFacts *tls, VcProps *props);
