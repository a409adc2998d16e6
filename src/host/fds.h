/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/user.h"
#include "plan/plan.h"

/* Files, unix sockets and tap devices that we open for QEMU, so that it needs no right to make them itself.
 */
typedef struct VcFds VcFds;

/* vc_fds_open - open, bind and make what a plan's FILE, LISTEN and TAP properties name
 *
 * Each such property gets its descriptor, and the number of a descriptor set where QEMU wants one.  A new
 * file is ours alone; a socket is user's, and its group may connect.  A socket that is there already is
 * replaced when nobody listens on it.  Borrows plan, which must not be used once this is freed.
 *
 * Returns: new (free with vc_fds_free), or NULL with an error that begins with the place of the device;
 * then nothing of what was made is left.
 */
VcFds *vc_fds_open (const VcPlan *plan, const VcUser *user, GError **error);

/* vc_fds_open_more - the same for a QEMU that runs
 *
 * last_set is the last number of a descriptor set that was given out for it, and goes on.
 */
VcFds *vc_fds_open_more (const VcPlan *plan, const VcUser *user, guint *last_set, GError **error);

/* vc_fds_join - more files and sockets of the same QEMU, closed on our side; takes more */
void vc_fds_join (VcFds *fds, VcFds *more_taken);

/* vc_fds_drop - QEMU uses a plan's things no longer: remove the sockets that were made for them */
void vc_fds_drop (VcFds *fds, const VcPlan *plan);

/* vc_fds_find - take over the sockets that another manager made, by what vc_fds_add_sockets said
 *
 * What is no socket any more is left out.  Borrows user.  Returns: new, without descriptors.
 */
VcFds *vc_fds_find (const char *const *sockets, const VcUser *user);

/* vc_fds_name_taps - tell those of some devices (VcDevice) that got a tap device what it is called */
void vc_fds_name_taps (const VcFds *fds, GPtrArray *devices);

/* vc_fds_add_sockets - add the paths of the sockets that were made */
void vc_fds_add_sockets (const VcFds *fds, GStrvBuilder *list);

/* vc_fds_get - the descriptors, borrowed, for VcSpawn */
const int *vc_fds_get (const VcFds *fds, guint *ret_n);

/* vc_fds_close - QEMU has them now: close ours */
void vc_fds_close (VcFds *fds);

/* vc_fds_undo - QEMU did not start: files that we made and nobody wrote to go away with the rest */
void vc_fds_undo (VcFds *fds);

/* vc_fds_leave - close them and leave the sockets where they are; NULL is fine */
void vc_fds_leave (VcFds *fds);

/* vc_fds_free - close them and remove the sockets that were made; NULL is fine */
void vc_fds_free (VcFds *fds);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcFds, vc_fds_free)

/* vc_socket_is_served - does anybody listen on a unix socket?  Connects for a moment to find out */
gboolean vc_socket_is_served (const char *path);
