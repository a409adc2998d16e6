/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "fields/values.h"

/* What a key may ask to protect. */
typedef enum
{
  VC_GUARDS_NOTHING,
  VC_GUARDS_VNC,
  VC_GUARDS_SPICE,
  VC_GUARDS_GUEST,
} VcGuards;

typedef struct
{
  const char *key; /* static; NULL: nobody asks */
  guint line;
} VcGuard;

/* libvirt's qemu.conf: `key = value`, read once before a start.
 *
 * A key that libvirt 9 knows and virtcard does not use is accepted and remembered in `unused`; any
 * other key is an error, so that a typing mistake cannot switch TLS off.  What was not written is
 * unset here: defaults belong to the one who asks (vc_user_find, the TLS environment).
 */
typedef struct
{
  VcGuard guards[VC_GUARDS_GUEST + 1]; /* the first key that asks, by what it protects   */
  char *origin;                        /* name the text came under, for messages           */
  VcTri dynamic_ownership;             /* files change owner for the guest's life          */
  char *user;                          /* who QEMU runs as: a name, a number, or "+number" */
  guint user_line;                     /* 0: not written                                   */
  char *group;                         /* the same for its group                           */
  guint group_line;                    /* 0: not written                                   */
  VcTri chardev_tls;                   /* TLS for tcp devices that do not say              */
  char *chardev_tls_cert_dir;          /* folder of their certificates                     */
  guint chardev_tls_cert_dir_line;     /* 0: not written                                   */
  VcTri chardev_tls_verify;            /* ask clients for a certificate                    */
  char *chardev_tls_secret;            /* uuid of the secret that opens the key            */
  guint chardev_tls_secret_line;       /* 0: not written                                   */
  char *default_tls_cert_dir;          /* the same four, for every use without its own     */
  guint default_tls_cert_dir_line;     /* 0: not written                                   */
  VcTri default_tls_verify;
  char *default_tls_secret;
  guint default_tls_secret_line; /* 0: not written                                   */
  VcTri spice_tls;               /* a TLS port for SPICE                             */
  char *spice_tls_cert_dir;      /* folder of its certificates                       */
  guint spice_tls_cert_dir_line; /* 0: not written                                   */
  char **unused;                 /* keys that were written and change nothing here   */
} VcQemuConf;

/* vc_qemu_conf_read - the settings in a file
 *
 * A file that does not exist is one in which nothing is set.
 *
 * Returns: new (free with vc_qemu_conf_free), or NULL with error: VC_ERROR_INVALID and
 * "FILE:LINE: …" for a bad text, VC_ERROR_LIMIT for one of more than VC_SETTINGS_MAX_BYTES.
 */
VcQemuConf *vc_qemu_conf_read (const char *path, GError **error);

/* vc_qemu_conf_read_text - the settings in len bytes of text, which came from origin
 *
 * Returns: as vc_qemu_conf_read.
 */
VcQemuConf *vc_qemu_conf_read_text (const char *text, gsize len, const char *origin, GError **error);

/* vc_qemu_conf_guards - refuse when a key asks to protect something in a way that is not supported
 *
 * For what the guest to be started has.  FALSE with VC_ERROR_UNSUPPORTED, naming file, line and key.
 */
gboolean vc_qemu_conf_guards (const VcQemuConf *conf, VcGuards what, GError **error);

/* vc_qemu_conf_free - forget the settings; NULL is fine */
void vc_qemu_conf_free (VcQemuConf *conf);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcQemuConf, vc_qemu_conf_free)
