/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/paths.h"
#include "manager/event.h"
#include "manager/guest.h"

/* The owner of all guests below one root.
 *
 *   etc/qemu/NAME.xml             definitions, and only the acknowledged ones
 *   etc/qemu/autostart/NAME.xml   link to those that start with the host
 *   run/manager.lock              one manager a root
 *   run/UUID.xml, run/UUID.pid    what runs, and its process
 *   run/UUID/                     a running guest's own folder
 *
 * It may be killed at any moment: QEMU goes on, and the next manager finds every acknowledged definition and
 * every running guest.  All of it runs in the default main context, which is the lock.
 */
typedef struct VcManager VcManager;

/* vc_manager_new - take over a root
 *
 * Borrows paths for as long as it lives.  Definitions that cannot be read are left alone and said in warnings
 * (char *, each with its place).  Guests that run are in the list at once, and connected to in the main
 * context; one that ended meanwhile is off, with an event.
 *
 * Returns: new (free with vc_manager_free), or NULL with error: VC_ERROR_BUSY when another one owns the root.
 */
VcManager *vc_manager_new (const VcPaths *paths, GPtrArray *warnings, GError **error);

/* vc_manager_set_max_guests - when there are so many (100,000 unless told) no new one comes; those there stay
 */
void vc_manager_set_max_guests (VcManager *manager, guint n);

/* Returns: the bridge of a network, borrowed, or NULL: there is no such network. */
typedef const char *(*VcBridgeFn) (const char *network, gpointer data);

/* vc_manager_set_bridges - whom to ask for the bridges of networks; fn NULL: nobody */
void vc_manager_set_bridges (VcManager *manager, VcBridgeFn fn, gpointer data);

/* vc_manager_free - give it back; guests that run go on running; NULL is fine
 *
 * Those who wait are answered VC_ERROR_GONE from here.
 */
void vc_manager_free (VcManager *manager);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcManager, vc_manager_free)

/* vc_manager_autostart - start those that start with the host, once a boot
 *
 * VcEventFn tells of those that started; on_failed (may be NULL) of the others.
 */
void vc_manager_autostart (VcManager *manager, VcGuestFn on_failed, gpointer data);

/* vc_manager_find_… - one guest, in constant time
 *
 * Returns: borrowed, or NULL with VC_ERROR_NOT_FOUND: "no domain with matching name 'x'".
 */
VcGuest *vc_manager_find_name (VcManager *manager, const char *name, GError **error);
VcGuest *vc_manager_find_uuid (VcManager *manager, const char *uuid, GError **error);
VcGuest *vc_manager_find_id (VcManager *manager, int id, GError **error);

/* vc_manager_n, vc_manager_nth - all guests, in no order; numbers hold until one comes or goes */
guint vc_manager_n (const VcManager *manager);
VcGuest *vc_manager_nth (VcManager *manager, guint n);

/* vc_manager_n_active - how many of them run */
guint vc_manager_n_active (const VcManager *manager);

/* vc_manager_define - add or replace a persistent definition
 *
 * A description is always held to the schema and the rules of its parts; error is the first thing wrong, with
 * its line.  Without a <uuid> one is made up.  VC_ERROR_EXISTS: the name belongs to another uuid, or the uuid
 * to another name.  A guest that runs transient becomes persistent.  When this returns it is on the disk.
 * warnings (char *) may be NULL.
 *
 * Returns: borrowed, or NULL with error and nothing changed.
 */
VcGuest *vc_manager_define (VcManager *manager, const char *xml, gsize len, GPtrArray *warnings,
                            GError **error);

/* vc_manager_create - run a guest that is gone when it ends, as vc_guest_start */
void vc_manager_create (VcManager *manager, const char *xml, gsize len, guint flags, gconstpointer owner,
                        VcGuestFn done, gpointer data);

/* vc_manager_restore - run a guest from a file of vc_guest_save; flags: VC_SAVE_…
 *
 * Without flags it runs or is held as it was when it was saved.  The file stays.
 */
void vc_manager_restore (VcManager *manager, const char *path, guint flags, VcGuestFn done, gpointer data);

/* vc_manager_print_saved - the description in such a file
 *
 * Returns: new string, or NULL with error.
 */
char *vc_manager_print_saved (VcManager *manager, const char *path, GError **error);

/* vc_manager_drop_owner - a connection has ended: so do the guests that were to end with it */
void vc_manager_drop_owner (VcManager *manager, gconstpointer owner);

/* vc_manager_n_owned - how many guests run that are to end with their owner, or are about to */
guint vc_manager_n_owned (const VcManager *manager);

/* vc_manager_n_found - how many guests run whose QEMU has not said yet what became of them since the last
 * manager */
guint vc_manager_n_found (const VcManager *manager);

/* vc_manager_listen - be told of events; Returns: a number for vc_manager_unlisten, never 0 */
guint vc_manager_listen (VcManager *manager, VcEventFn fn, gpointer data);
void vc_manager_unlisten (VcManager *manager, guint number);
