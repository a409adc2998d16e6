/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/command.h"
#include "lib/tlsplace.h"
#include "pki/issue.h"
#include "pki/store.h"

/* What the commands `pki …` have in common. */

/* Options of those that make certificates. */
typedef struct
{
  char *dir;
  gboolean libvirt;
  gboolean rsa;
  gboolean force;
  VcU32 days;
  char **names; /* server and client  */
  char *name;   /* init               */
} VcPkiOptions;

#define VC_PKI_MAX_DAYS 36500u

#define VC_PKI_DIR_ROW(S)                                                                                    \
  VC_FOLDER (S, dir, "--dir DIR",                                                                            \
             .doc = "folder of the certificates; without it the one of qemu.conf's chardev_tls, as a rule "  \
                    "/etc/pki/qemu")
#define VC_PKI_LIBVIRT_ROW(S)                                                                                \
  VC_FLAG (S, libvirt, "--libvirt",                                                                          \
           .doc = "name the files as libvirtd and virsh want them: cacert.pem, servercert.pem, "             \
                  "private/serverkey.pem, clientcert.pem, clientkey.pem")
#define VC_PKI_RSA_ROW(S)   VC_FLAG (S, rsa, "--rsa", .doc = "an RSA key of 3072 bits, not EC P-256")
#define VC_PKI_FORCE_ROW(S) VC_FLAG (S, force, "--force", .doc = "replace files that are there")

/* vc_pki_place - the folder, and whose it is; says why not */
VcTlsPlace *vc_pki_place (const VcCli *cli, const char *dir);

/* vc_pki_put_parts - write parts and tell about each
 *
 * words: what each part is, one for one.  Returns: the exit status.
 */
int vc_pki_put_parts (const VcPkiFolder *folder, const VcPkiPut *parts, const char *const *words, guint n,
                      const VcTlsPlace *place, gboolean force);

/* vc_pki_run_issue - all of `pki server` and `pki client`.  Returns: the exit status. */
int vc_pki_run_issue (const VcCli *cli, const VcPkiOptions *options, VcPkiEnd end);

/* vc_pki_say - a list of problems on the standard error, each once
 *
 * said remembers (char *).  Returns: TRUE when there are warnings only.
 */
gboolean vc_pki_say (const GPtrArray *problems, GHashTable *said);
