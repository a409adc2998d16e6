/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "rpc/server.h"

/* virtcardd.conf: the names and the format of libvirt's libvirtd.conf.
 *
 * A key libvirt knows and virtcardd does not use yet is refused where it would protect something (so that
 * nobody believes it does), else accepted.  Every other key is an error.
 */
typedef struct
{
  gboolean listens;      /* listen_tls: where we may listen at all               */
  char *address;         /* listen_addr; NULL: every address of the host         */
  char *port;            /* a number, or a service's name                        */
  char *key, *cert, *ca; /* files: all three, or NULL for libvirt's places       */
  char *crl;             /* the same; one that is named has to be there          */
  char **allowed;        /* tls_allowed_dn_list; NULL: every good certificate's  */
  gboolean no_verify;    /* whoever has no good certificate has no name, but may log in */
  gboolean logs_in;      /* auth_tls is "sasl": clients log in                   */
  char *priority;        /* GnuTLS'; NULL: VC_TLS_PRIORITY                       */
  guint max_handshakes;  /* connections that are not clients yet                 */
  guint handshake_ms;    /* time to become one                                   */
  guint workers;         /* threads that shake hands                             */
} VcTlsConf;

typedef struct
{
  char *sock_dir;      /* NULL: the run folder                                                  */
  char *libvirt_dir;   /* where sockets of libvirt's names are made, too; NULL: nowhere         */
  char *sock_group;    /* whose the read-write socket is, besides its owner; NULL: nobody's      */
  mode_t rw_mode;      /* of the read-write socket                                              */
  mode_t ro_mode;      /* of the read-only one                                                  */
  char **users;        /* who may connect besides root and ourselves: unix_sock_users           */
  char **groups;       /* … and the members of these, with unix_sock_group                       */
  gboolean ro_is_open; /* everybody may connect read-only                                       */
  gboolean rw_logs_in; /* who comes by the read-write socket logs in, too                       */
  gboolean ro_logs_in; /* … and by the read-only one                                            */
  char **sasl_names;   /* sasl_allowed_username_list; NULL: every user's                         */
  int log_level;       /* 1 debug, 2 information, 3 warnings, 4 errors                           */
  guint max_domains;
  gboolean audits; /* what clients change is logged                                          */
  VcTlsConf tls;
  VcRpcLimits limits;
} VcDaemonConf;

/* vc_daemon_conf_read - the settings in a file; one that is not there has none
 *
 * Returns: new (free with vc_daemon_conf_free), or NULL with VC_ERROR_INVALID and "FILE:LINE: …".
 */
VcDaemonConf *vc_daemon_conf_read (const char *path, GError **error);

/* vc_daemon_conf_wants_login - has this peer to log in by SASL? */
gboolean vc_daemon_conf_wants_login (const VcDaemonConf *conf, const VcRpcPeer *peer, gboolean is_read_only);

/* vc_daemon_conf_allows_user - may this user come in, once it has logged in? */
gboolean vc_daemon_conf_allows_user (const VcDaemonConf *conf, const char *user);

/* vc_daemon_conf_allows - may this peer come in?  FALSE with VC_ERROR_DENIED */
gboolean vc_daemon_conf_allows (const VcDaemonConf *conf, const VcRpcPeer *peer, gboolean is_read_only,
                                GError **error);

/* vc_daemon_conf_free - NULL is fine */
void vc_daemon_conf_free (VcDaemonConf *conf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcDaemonConf, vc_daemon_conf_free)
