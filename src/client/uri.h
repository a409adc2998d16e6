/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Where guests are held, as libvirt writes it: qemu[+TRANSPORT]://[USER@HOST:PORT]/PLACE[?PARAMETER=VALUE&…].
 *
 * Of the transports unix, tls and ssh are there; the others are known, so that they are refused with their
 * reason.
 */

typedef enum
{
  VC_URI_SYSTEM,
  VC_URI_SESSION,
  VC_URI_EMBED, /* in this process */
} VcUriPlace;

typedef enum
{
  VC_URI_HERE, /* this host's: a socket, or this process */
  VC_URI_TLS,
  VC_URI_SSH,
} VcUriTransport;

#define VC_URI_TLS_PORT 16514u

typedef struct
{
  VcUriPlace place;
  VcUriTransport transport;
  char *socket; /* absolute, of the host that is meant; NULL: the place's own */
  char *root;   /* absolute; NULL: none is given; never with a socket */

  /* Over the network. */
  char *host; /* a name or an address, without brackets */
  char *user; /* or NULL                                */
  guint port; /* as it is given; else VC_URI_TLS_PORT, or 0: what ssh says */

  /* TLS */
  char *pkipath;      /* absolute: a folder of certificates; or NULL                                   */
  char *tls_priority; /* of GnuTLS, or NULL                                                      */
  gboolean no_verify; /* whatever certificate the server has; with ssh: whatever key the host has */
  gboolean no_sanity; /* our own certificates are not looked at before                           */

  /* ssh */
  char *command;   /* the program to run; NULL: ssh              */
  char *keyfile;   /* absolute; NULL: what ssh says              */
  char *netcat;    /* the program over there; NULL: nc           */
  gboolean no_tty; /* ask nobody for passwords                 */
} VcUri;

/* vc_uri_read - take a URI apart
 *
 * Returns: new (free with vc_uri_free), or NULL with "URI '…': …": VC_ERROR_INVALID, VC_ERROR_UNSUPPORTED.
 */
VcUri *vc_uri_read (const char *text, GError **error);

/* vc_uri_print - the other way; Returns: new string */
char *vc_uri_print (const VcUri *uri);

/* vc_uri_free - NULL is fine */
void vc_uri_free (VcUri *uri);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcUri, vc_uri_free)
