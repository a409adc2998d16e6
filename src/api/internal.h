/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <virtcard/auth.h>
#include <virtcard/doctor.h>
#include <virtcard/join.h>
#include <virtcard/tls.h>

#include "api/embed.h"
#include "client/client.h"
#include "client/steps.h"
#include "client/uri.h"

/* For this folder only.
 *
 *   connect.c  connections            domain.c   domains found and made      words.c  numbers in words
 *   choose.c   which one to use       life.c     what is done with a domain
 *   embed.c    the one in here        facts.c    what is asked of a domain
 *   event.c    events                 card.c     cards, in and out of their readers
 *   auth.c     users with passwords       certificate.c  what servers show
 *   tls.c      to other hosts             join.c     getting a certificate
 *   invite.c   letting somebody get one   doctor.c   what keeps a connection from being made
 */

struct VirtcardConnect
{
  char *uri;
  VcEmbed *embed; /* NULL: somebody else holds the guests */
  VcClient *client;
  gboolean is_open;            /* the other side has agreed to it        */
  VirtcardCertificate *server; /* the other side's, over TLS; else NULL */
  guint tls_bits;              /* of the key it is encrypted with; 0: no TLS */
  GPtrArray *warnings;         /* char *; its last is NULL */
  GHashTable *domains;         /* those that are out: they must not outlive client unknowing */
  GPtrArray *listeners;        /* Listener (event.c) */
  guint last_listener;
  VirtcardCloseFn on_close;
  gpointer on_close_data;
  VcSteps *steps; /* while it is opened: who is told of it, or NULL */
};

struct VirtcardDomain
{
  VirtcardConnect *connect; /* NULL: was closed */
  char *name;
  char uuid[37];
  guint8 uuid_bytes[16];
  int id;
};

/* connect.c */

/* vc_api_dial - connect to a unix socket; Returns: a descriptor, or -1 with error */
int vc_api_dial (const char *path, GError **error);

/* vc_api_open - as virtcard_connect_open_auth, and steps are told of it; they, as uri, may be NULL */
VirtcardConnect *vc_api_open (const char *uri, guint flags, const VirtcardTls *tls, const VirtcardAuth *auth,
                              VcSteps *steps, GError **error);

/* auth.c */

/* vc_api_log_in - as the other side wants it; auth may be NULL; Returns: FALSE with error */
gboolean vc_api_log_in (VirtcardConnect *connect, const VirtcardAuth *auth, const VcUri *uri, GError **error);

/* tls.c */

/* vc_api_dial_tls - connect to uri's host; tls may be NULL; Returns: FALSE with error */
gboolean vc_api_dial_tls (VirtcardConnect *connect, const VirtcardTls *tls, const VcUri *uri,
                          VcClient **ret_client, const VcClientWatch *watch, GError **error);

/* vc_api_is_for_tls_only - does it say anything that would be lost without TLS? */
gboolean vc_api_is_for_tls_only (const VirtcardTls *tls);

/* vc_api_certificate_free - and those of its chain; NULL is fine */
void vc_api_certificate_free (VirtcardCertificate *self);

/* vc_api_ask_alive - from now on, as tls (or NULL) has it */
void vc_api_ask_alive (VcClient *client, const VirtcardTls *tls);

/* domain.c */

/* vc_api_domain_new - a reference to what a message tells; never NULL */
VirtcardDomain *vc_api_domain_new (VirtcardConnect *connect, const VcXdrDomain *wire);

/* vc_api_domain_put - put it into a call */
void vc_api_domain_put (const VirtcardDomain *domain, VcXdrWriter *args);

/* vc_api_domain_begin - begin a call that takes a domain first; Returns: borrowed, or NULL with error */
VcXdrWriter *vc_api_domain_begin (const VirtcardDomain *domain, VcCallIndex call, GError **error);

/* vc_api_domain_call - make it */
VcXdrReader *vc_api_domain_call (const VirtcardDomain *domain, GError **error);

void vc_api_print_uuid (const guint8 *bytes, char ret_text[37]);

/* event.c */

void vc_api_tell (VirtcardConnect *connect, VcTell tell, VcXdrReader *body);
