/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "host/conf.h"

/* Who QEMU runs as.
 *
 * Started by root, QEMU gives up root: qemu.conf's `user` and `group`, else libvirt-qemu, else
 * virtcard-qemu.  Started by anybody else it runs as that one, whatever qemu.conf says.
 */
typedef struct
{
  uid_t uid;
  gid_t gid;
  char *name;    /* of the user; "+1000" for a number without a name */
  gid_t *groups; /* all of its groups, gid among them                */
  guint n_groups;
  guint self : 1; /* it is who we are: there is nothing to change     */
} VcUser;

#define VC_USER_MAX_GROUPS 1024

/* vc_user_find - who QEMU is to run as
 *
 * Borrows conf, which may be NULL.  Looks at the user data base.
 *
 * Returns: new (free with vc_user_free), or NULL with error: VC_ERROR_INVALID and the line for a
 * user or group in qemu.conf that does not exist, VC_ERROR_FAILED when nobody is there to run as
 * (the message says how to make the user).
 */
VcUser *vc_user_find (const VcQemuConf *conf, GError **error);

/* vc_user_get - the user of that name, "number" or "+number", with its groups
 *
 * group is the same for its main group; NULL: the one the user data base gives it, and for a number
 * that has no name the number itself.
 *
 * Returns: new, or NULL with VC_ERROR_NOT_FOUND.
 */
VcUser *vc_user_get (const char *user, const char *group, GError **error);

/* vc_user_self - who we are
 *
 * Returns: new.
 */
VcUser *vc_user_self (void);

/* vc_user_become - be user from here on, for good
 *
 * For a child between fork and exec: makes system calls only.  Does nothing where user is ourselves.
 *
 * Returns: 0, or the number of the system error.
 */
int vc_user_become (const VcUser *user);

/* vc_user_free - NULL is fine */
void vc_user_free (VcUser *user);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcUser, vc_user_free)
