/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain/domain.h"
#include "json/json.h"
#include "manager/state.h"

/* One guest: its persistent definition, the description of what runs, or both.
 *
 * A guest belongs to its manager and is borrowed from it until the main context runs again: across a wait
 * carry its uuid, and find it anew.  What has to wait for QEMU takes a done function, which is called exactly
 * once, from the main context and never from inside the call.
 *
 * Words of errors are libvirt's where people's scripts look for them: VC_ERROR_STATE "domain is not running",
 * "domain is already running".
 */
typedef struct VcGuest VcGuest;

/* VcGuestFn - it is done, or failed with error
 *
 * Borrows all.  guest is NULL with an error, and when the guest is gone by now (a transient one that was
 * destroyed).
 */
typedef void (*VcGuestFn) (VcGuest *guest, const GError *error, gpointer data);

/* Which description is meant; libvirt's numbers. */
typedef enum
{
  VC_GUEST_CURRENT = 0, /* what runs, if it runs; else the definition */
  VC_GUEST_LIVE = 1,
  VC_GUEST_CONFIG = 2,
  VC_GUEST_FORCE = 4, /* with vc_guest_update: open the tray of a drive that the guest has locked */
} VcGuestPart;

/* Facts.  Strings are borrowed. */

const char *vc_guest_name (const VcGuest *guest);
const char *vc_guest_uuid (const VcGuest *guest);

/* vc_guest_id - its number while it runs, from 1 on; else -1 */
int vc_guest_id (const VcGuest *guest);

/* vc_guest_is_active - is there a QEMU, or about to be? */
gboolean vc_guest_is_active (const VcGuest *guest);
gboolean vc_guest_is_persistent (const VcGuest *guest);

/* vc_guest_is_updated - has its definition changed since it was started? */
gboolean vc_guest_is_updated (const VcGuest *guest);

VcState vc_guest_state (const VcGuest *guest, int *ret_reason);

/* vc_guest_since - when it came into its state, microseconds since 1970 */
gint64 vc_guest_since (const VcGuest *guest);

typedef struct
{
  guint64 max_memory; /* KiB                                                 */
  guint64 memory;     /* KiB: what the balloon leaves                        */
  guint64 resident;   /* KiB of the host's; 0: not running                   */
  guint vcpus, max_vcpus;
  guint64 cpu_ns, user_ns, system_ns; /* of QEMU                             */
} VcGuestInfo;

void vc_guest_get_info (const VcGuest *guest, VcGuestInfo *ret_info);

/* vc_guest_domain - a description, to be read only
 *
 * Returns: borrowed; NULL with VC_ERROR_STATE "domain is not running" (LIVE), or, for a transient guest's
 * CONFIG, "transient domains do not have any persistent config"; or
 * with what is wrong with a definition's file by now.
 */
const VcDomain *vc_guest_domain (const VcGuest *guest, VcGuestPart part, GError **error);

/* vc_guest_print - XML
 *
 * flags: VC_XML_….  Returns: new string, or NULL with error when a definition's file cannot be read any more.
 */
typedef enum
{
  VC_XML_SECURE = 1, /* with what only those may see who may change the guest */
  VC_XML_INACTIVE = 2,
  VC_XML_MIGRATABLE = 8,
} VcXmlFlags;
char *vc_guest_print (const VcGuest *guest, guint flags, GError **error);

/* vc_guest_terminal - the path of the pseudo-terminal of a device of a running guest
 *
 * alias NULL: the first console, or the first serial port.
 *
 * Returns: borrowed, or NULL with error: VC_ERROR_STATE, VC_ERROR_NOT_FOUND, VC_ERROR_UNSUPPORTED.
 */
const char *vc_guest_terminal (const VcGuest *guest, const char *alias, GError **error);

/* Settings.  These do not wait. */

gboolean vc_guest_autostart (const VcGuest *guest);

/* vc_guest_set_autostart - VC_ERROR_STATE for a transient guest */
gboolean vc_guest_set_autostart (VcGuest *guest, gboolean on, GError **error);

/* libvirt's numbers. */
typedef enum
{
  VC_METADATA_DESCRIPTION = 0,
  VC_METADATA_TITLE = 1,
  VC_METADATA_ELEMENT = 2, /* the child of <metadata> with a name space */
} VcMetadata;

/* vc_guest_get_metadata - title, description, or the element of a name space
 *
 * Returns: new string, or NULL with error: VC_ERROR_NOT_FOUND.
 */
char *vc_guest_get_metadata (const VcGuest *guest, VcMetadata what, const char *uri, VcGuestPart part,
                             GError **error);

/* vc_guest_set_metadata - change it; text NULL: away with it
 *
 * part: VC_GUEST_LIVE and VC_GUEST_CONFIG can be ored.  key: prefix the element gets; needed for elements.
 */
gboolean vc_guest_set_metadata (VcGuest *guest, VcMetadata what, const char *text, const char *key,
                                const char *uri, guint part, GError **error);

/* vc_guest_undefine - forget its definition
 *
 * One that runs becomes transient.  Any other is gone afterwards, with its autostart.  with_saved: and with
 * what vc_guest_managed_save kept; without, VC_ERROR_STATE while there is something.
 */
gboolean vc_guest_undefine (VcGuest *guest, gboolean with_saved, GError **error);

/* vc_guest_rename - give a guest that does not run another name; its uuid stays */
gboolean vc_guest_rename (VcGuest *guest, const char *name, GError **error);

/* Life.  owner: whose guest it is, see vc_manager_drop_owner; NULL: nobody's. */

typedef enum
{
  VC_START_PAUSED = 1,
  VC_START_AUTODESTROY = 2, /* it ends with its owner */
  VC_START_FORCE_BOOT = 8,  /* what vc_guest_managed_save kept is thrown away */
} VcStartFlags;

/* vc_guest_start - run a defined guest; done: QEMU is there, and the guest runs or is held
 *
 * One that vc_guest_managed_save kept goes on from there, and the file is gone.
 */
void vc_guest_start (VcGuest *guest, guint flags, gconstpointer owner, VcGuestFn done, gpointer data);

/* vc_guest_shutdown - press its power button; what it does then is its own affair */
void vc_guest_shutdown (VcGuest *guest, VcGuestFn done, gpointer data);

/* vc_guest_reboot - the same, and when it goes off it begins again */
void vc_guest_reboot (VcGuest *guest, VcGuestFn done, gpointer data);

/* vc_guest_reset - press its reset button */
void vc_guest_reset (VcGuest *guest, VcGuestFn done, gpointer data);
void vc_guest_suspend (VcGuest *guest, VcGuestFn done, gpointer data);
void vc_guest_resume (VcGuest *guest, VcGuestFn done, gpointer data);

/* vc_guest_destroy - end QEMU; done: it is gone
 *
 * graceful: never by SIGKILL: VC_ERROR_BUSY when it does not end in time.
 */
void vc_guest_destroy (VcGuest *guest, gboolean graceful, VcGuestFn done, gpointer data);

/* What a saved guest is to do when it is restored; libvirt's numbers.  Without: what it did. */
typedef enum
{
  VC_SAVE_RUNNING = 2,
  VC_SAVE_PAUSED = 4,
} VcSaveFlags;

/* vc_guest_save - write its state to a file that must not be there, and end it
 *
 * done: the file is whole and the guest off; with an error the guest runs on as before and there is no file.
 */
void vc_guest_save (VcGuest *guest, const char *path, guint flags, VcGuestFn done, gpointer data);

/* vc_guest_managed_save - the same, to a file of the manager's, from which its next start goes on
 *
 * VC_ERROR_STATE for a transient guest.
 */
void vc_guest_managed_save (VcGuest *guest, guint flags, VcGuestFn done, gpointer data);

/* vc_guest_is_saved - is there such a file? */
gboolean vc_guest_is_saved (const VcGuest *guest);

/* vc_guest_drop_saved - throw it away; that there is none is fine */
gboolean vc_guest_drop_saved (VcGuest *guest, GError **error);

/* vc_guest_print_saved - the description in it, as vc_manager_print_saved; VC_ERROR_STATE without one */
char *vc_guest_print_saved (const VcGuest *guest, GError **error);

/* Size.  part: VC_GUEST_LIVE and VC_GUEST_CONFIG can be ored; both are done or none. */

/* vc_guest_set_memory - what the balloon is to leave the guest, in KiB
 *
 * VC_ERROR_LIMIT: more than it has at most.  VC_ERROR_STATE: it has no balloon.
 */
void vc_guest_set_memory (VcGuest *guest, guint64 size, guint part, VcGuestFn done, gpointer data);

/* vc_guest_set_max_memory - how much it has at most, from its next start on
 *
 * VC_ERROR_STATE for a guest that runs, unless its definition only is meant.
 */
gboolean vc_guest_set_max_memory (VcGuest *guest, guint64 size, guint part, GError **error);

/* vc_guest_set_vcpus - how many processors it begins with or, is_maximum, can have at most
 *
 * Only of the definition.
 */
gboolean vc_guest_set_vcpus (VcGuest *guest, guint n, gboolean is_maximum, GError **error);

/* Devices.  part: VC_GUEST_LIVE and VC_GUEST_CONFIG can be ored; both are done or none. */

void vc_guest_attach (VcGuest *guest, const char *xml, gsize len, guint part, VcGuestFn done, gpointer data);
void vc_guest_detach (VcGuest *guest, const char *xml, gsize len, guint part, VcGuestFn done, gpointer data);
void vc_guest_update (VcGuest *guest, const char *xml, gsize len, guint part, VcGuestFn done, gpointer data);

/* vc_guest_detach_alias - detach the device of a running guest that has this alias */
void vc_guest_detach_alias (VcGuest *guest, const char *alias, guint part, VcGuestFn done, gpointer data);

/* Cards of a running guest.  alias NULL: its only card.  VC_ERROR_STATE when it is there, or out, already. */

/* vc_guest_eject_card - take a card out of its reader, which stays */
void vc_guest_eject_card (VcGuest *guest, const char *alias, VcGuestFn done, gpointer data);

/* vc_guest_insert_card - put it back */
void vc_guest_insert_card (VcGuest *guest, const char *alias, VcGuestFn done, gpointer data);

/* QEMU's monitor, for those who know what they do. */

/* VcGuestReplyFn - QEMU's answer, word for word; borrows both */
typedef void (*VcGuestReplyFn) (const char *text, const GError *error, gpointer data);

/* vc_guest_monitor - send a command and hand its answer on
 *
 * text is JSON, {"execute": …}, whose answer has "return" or "error" and, if it was given, "id"; with hmp a
 * line for QEMU's human monitor.
 */
void vc_guest_monitor (VcGuest *guest, const char *text, gboolean hmp, VcGuestReplyFn fn, gpointer data);

/* VcGuestJsonFn - what a command returned; borrows both */
typedef void (*VcGuestJsonFn) (VcJson *value, const GError *error, gpointer data);

/* vc_guest_call - vc_qmp_call on a guest's monitor */
void vc_guest_call (VcGuest *guest, VcJson *command_taken, VcGuestJsonFn fn, gpointer data);

/* vc_guest_call_fd - vc_qmp_call_fd on it; borrows fd */
void vc_guest_call_fd (VcGuest *guest, VcJson *command_taken, int fd, VcGuestJsonFn fn, gpointer data);
