/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "daemon/conf.h"
#include "rpc/server.h"

/* Clients that log in: libvirt's calls for SASL, one try a connection.
 *
 * What it takes to compute is done by threads of its own.  Whatever is wrong, a client hears the same words,
 * and not before some time has gone; then its connection ends.  The log knows more. */
typedef struct VcLogins VcLogins;

/* vc_logins_new - make this process a server of libsasl2, whose settings are in folder etc; borrows conf
 *
 * fail_ms: how long a client that fails waits for its answer, counted from when it began.  Once a process.
 *
 * Returns: new (free with vc_logins_free), or NULL with error.
 */
VcLogins *vc_logins_new (const VcDaemonConf *conf, const char *etc, guint fail_ms, GError **error);

/* vc_logins_check - is there any mechanism, so that somebody can log in?  FALSE with error */
gboolean vc_logins_check (GError **error);

/* vc_logins_gone - forget a client */
void vc_logins_gone (VcLogins *logins, VcRpcClient *client);

/* vc_logins_settle - run the default main context until nobody waits for an answer; for tests */
void vc_logins_settle (const VcLogins *logins);

/* vc_logins_free - waits for what is being computed; requests are answered with an error; NULL is fine */
void vc_logins_free (VcLogins *logins);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcLogins, vc_logins_free)
