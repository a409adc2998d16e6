/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/lock.h"
#include "lib/run.h"
#include "manager/head.h"
#include "manager/manager.h"

/* Shared by the files of this folder only. */

#define VC_MANAGER_MAX_GUESTS 100000u
#define VC_MANAGER_MAX_WARM   256u /* definitions kept in memory, beside those of guests that run */
#define VC_DEFINITION_MAX     VC_XML_MAX_BYTES

/* Somebody who waits. */
typedef struct
{
  VcGuestFn done;
  gpointer data;
} VcWait;

typedef enum
{
  VC_PHASE_OFF,
  VC_PHASE_STARTING, /* QEMU is there; nobody has been told that the guest is      */
  VC_PHASE_FOUND,    /* as its last manager left it; QEMU has not said yet what it does */
  VC_PHASE_UP,
} VcPhase;

typedef struct VcHeld VcHeld;
typedef struct VcLook VcLook;
typedef struct VcSave VcSave;

struct VcGuest
{
  VcManager *manager;
  guint at; /* in manager->guests */
  char *uuid, *name;
  gboolean persistent; /* it has a file */
  gboolean autostart;
  VcSizes sizes; /* of the definition */

  /* The definition.  A persistent guest's is read from its file when it is asked for. */
  char *text;            /* as it is printed; NULL: not in memory */
  guint edition;         /* another one each time it is written   */
  VcDescription *config; /* NULL: not in memory                   */
  GList warm;            /* in manager->warm, when one of both is */
  gboolean is_warm;

  VcState state;
  int reason;
  gint64 since;

  /* What runs. */
  VcPhase phase;
  guint serial; /* counts the starts: with the uuid it names one run */
  int id;       /* 0: it does not run */
  VcDescription *live;
  VcRun *run;
  guint64 balloon; /* KiB */
  gboolean paused; /* to be left held at the start */
  gboolean restored;
  gboolean promised; /* not up yet, but its status says so: its state is nowhere else */
  gboolean settled;  /* what it has is known; not so at first when it was found */
  gboolean updated;
  gconstpointer owner;   /* whom it ends with, or NULL */
  int pause_reason;      /* why the next stop of the guest's processors will have been */
  int off_reason;        /* why it will have been ended by us */
  int off_detail;        /* … for the event */
  gboolean ending;       /* it was decided that it ends, for these reasons; so it stands in its status */
  gboolean by_host;      /* QEMU was asked to end, from outside */
  GError *fault;         /* why it has to end */
  guint late;            /* source: it was asked to end gently, and nobody waits for ever */
  VcSave *save;          /* its state is being written or, at a start, loaded; or NULL */
  VcLook *look;          /* the host is being looked at, before QEMU is there; or NULL */
  GPtrArray *held;       /* VcHeld: what is to be done when a guest that was found is up */
  GArray *starts, *ends; /* VcWait: those who wait for its start, and for its end */
};

struct VcManager
{
  const VcPaths *paths;
  VcLock *lock;
  char *definitions, *autostart; /* folders */
  GPtrArray *guests;             /* VcGuest */
  GHashTable *by_uuid, *by_name, *by_id;
  guint n_active;
  int last_id;
  guint last_serial;
  GQueue warm; /* VcGuest, the one used last first */
  GArray *listeners;
  guint max_guests;
  guint last_listener;
  VcBridgeFn bridge_fn; /* NULL: no network is known */
  gpointer bridge_data;
  GQueue later; /* what is to be done from the main context */
  guint later_source;
};

/* bridges.c */

/* vc_bridges_fill - tell cards (of VcDevice) in networks the bridge of each, as it is now */
void vc_bridges_fill (const VcManager *manager, GPtrArray *devices);

/* guest.c */
VcGuest *vc_guest_new (VcManager *manager, const VcDomain *domain);

/* vc_guest_new_listed - one of which no more is known */
VcGuest *vc_guest_new_listed (VcManager *manager, const char *uuid, const char *name, const VcSizes *sizes);
void vc_guest_free (VcGuest *guest);

/* vc_guest_leave - let go of what runs, which goes on; those who wait are told that the manager goes */
void vc_guest_leave (VcGuest *guest);
void vc_guest_set_state (VcGuest *guest, VcState state, int reason);

/* vc_guest_remove - take it out of its manager and free it */
void vc_guest_remove (VcGuest *guest);

/* vc_guest_set_id - it runs, under a new number, or (0) does not any more */
void vc_guest_set_id (VcGuest *guest, int id);

/* vc_guest_find_run - the guest, if it still is in the run that serial names; else NULL */
VcGuest *vc_guest_find_run (VcManager *manager, const char *uuid, guint serial);

/* vc_guest_vm - the machine of a guest that can be spoken to; NULL with VC_ERROR_STATE or VC_ERROR_BUSY */
VcVm *vc_guest_vm (VcGuest *guest, GError **error);

/* edit.c: devices of a definition, which is filled and seated anew; FALSE with error: do not use it then */
typedef gboolean (*VcEditFn) (VcDescription *config, const VcXml *xml, GError **error);
gboolean vc_edit_attach (VcDescription *config, const VcXml *xml, GError **error);
gboolean vc_edit_detach (VcDescription *config, const VcXml *xml, GError **error);
gboolean vc_edit_update (VcDescription *config, const VcXml *xml, GError **error);

/* vc_edit_wanted - the device that an element describes, filled as far as it can be compared
 *
 * Returns: new, with *ret_dev the device of the domain that it is to take the place of; or NULL with error.
 */
VcDevice *vc_edit_wanted (VcDomain *domain, const VcXml *xml, VcDevice **ret_dev, GError **error);

/* save.c */
void vc_save_free (VcSave *save);

/* vc_save_restore - run what is in a file; is_spent: it goes once it is loaded */
void vc_save_restore (VcManager *manager, const char *path, gboolean is_spent, guint save_flags,
                      guint start_flags, gconstpointer owner, VcGuestFn done, gpointer data);

/* vc_save_is_spent - is it a restore from the guest's managed save?  NULL is none */
gboolean vc_save_is_spent (const VcSave *save);

/* managedsave.c */

/* vc_managed_clean - remove what a save left that was killed */
void vc_managed_clean (VcManager *manager);

/* vc_managed_restore - start a guest from its file.  FALSE: there is none, or none any more */
gboolean vc_managed_restore (VcGuest *guest, guint flags, gconstpointer owner, VcGuestFn done, gpointer data,
                             GError **error);

/* vc_save_check_none - may what it has change?  FALSE with VC_ERROR_BUSY while it is being saved */
gboolean vc_save_check_none (const VcGuest *guest, GError **error);

/* vc_save_load - QEMU waits for its state: hand it over */
void vc_save_load (VcGuest *guest);

/* vc_save_on_migration - QEMU's MIGRATION event */
void vc_save_on_migration (VcGuest *guest, const VcJson *values);

/* vc_save_cancel - it comes to nothing; error: why */
void vc_save_cancel (VcGuest *guest, const GError *error);

/* vc_create - vc_manager_create, with a state to be loaded or NULL (define.c) */
void vc_create (VcManager *manager, const char *xml, gsize len, guint flags, gconstpointer owner,
                VcSave *load_taken, VcGuestFn done, gpointer data);

/* held.c */

/* VcHeldFn - something asked of a guest; answers done */
typedef void (*VcHeldFn) (VcGuest *guest, const char *text, gsize len, guint flags, VcGuestFn done,
                          gpointer data);

/* vc_held_add - keep it until the guest is up; FALSE: it is up already, or does not run */
gboolean vc_held_add (VcGuest *guest, VcHeldFn verb, const char *text, gsize len, guint flags, VcGuestFn done,
                      gpointer data);

/* vc_held_go_on - it is up: a VcLaterFn, for when all is known of it */
void vc_held_go_on (VcManager *manager, const char *uuid, guint serial);
void vc_held_fail (VcGuest *guest, const GError *error);

/* config.c: the definition in memory */

/* vc_config_text - as it is printed; borrowed */
const char *vc_config_text (VcGuest *guest, GError **error);

/* vc_config_get - filled, seated and checked; borrowed */
VcDescription *vc_config_get (VcGuest *guest, GError **error);

/* vc_config_read - a description from text; what is wrong with it first is error */
VcDescription *vc_config_read (VcManager *manager, const char *text, gsize len, GError **error);

/* vc_config_take - what was just written, or what a transient guest was made from */
void vc_config_take (VcGuest *guest, char *text_taken, VcDescription *config_taken);
void vc_config_drop (VcGuest *guest);

/* store.c: the definitions on the disk */
gboolean vc_store_open (VcManager *manager, GError **error);
void vc_store_read (VcManager *manager, GPtrArray *warnings);
char *vc_store_get (const VcGuest *guest, GError **error);

/* vc_store_put - write domain, of which text is what is printed */
gboolean vc_store_put (VcManager *manager, const VcDomain *domain, const char *text, GError **error);

/* vc_store_draft, vc_store_commit - the same in two steps, of which the second one needs no room on the disk
 */
char *vc_store_draft (VcManager *manager, const VcDomain *domain, const char *text, GError **error);
gboolean vc_store_commit (VcManager *manager, const char *name, const char *draft, GError **error);
gboolean vc_store_remove (VcGuest *guest, GError **error);

/* vc_store_add - vc_store_put, of one that had no file: what was left of another one of that name goes */
gboolean vc_store_add (VcManager *manager, const VcDomain *domain, const char *text, GError **error);

/* status.c: what runs, on the disk */
gboolean vc_status_write (VcGuest *guest, GError **error);
void vc_status_remove (VcGuest *guest);

/* vc_status_note - write it after a change that has happened, whatever comes of it */
void vc_status_note (VcGuest *guest);

/* vc_status_read - take over what a status file tells of
 *
 * Returns: a guest, new or known, in VC_PHASE_FOUND with what ran as its live description, or in
 * VC_PHASE_STARTING when its start was never told of; or NULL with error.
 */
VcGuest *vc_status_read (VcManager *manager, const char *uuid, VcRunFacts *ret_facts, GError **error);

/* found.c */
void vc_found_all (VcManager *manager, GPtrArray *warnings);

/* look.c */

/* vc_look_begin - look at the host, then vc_life_go_on */
void vc_look_begin (VcGuest *guest, VcDescription *copy_taken);

/* vc_look_end - what it finds does not matter any more */
void vc_look_end (VcGuest *guest);

/* life.c */
extern const VcRunWatch vc_life_watch;

/* vc_life_ended - a guest that was found has ended meanwhile; a transient one is freed */
void vc_life_ended (VcGuest *guest);

/* vc_life_promise - its state is loaded and will be nowhere else: from now on the next manager finds it
 *
 * Returns: FALSE with error: it would not.
 */
gboolean vc_life_promise (VcGuest *guest, GError **error);

/* vc_life_restored - its state is loaded */
void vc_life_restored (VcGuest *guest);

/* vc_life_set_terminals - note where the pseudo-terminals are of what runs, and its channels */
void vc_life_set_terminals (VcGuest *guest);

/* vc_life_start - start a guest with what is to run, and a copy of it to look at the host with; takes both
 * also when it fails */
void vc_life_start (VcGuest *guest, VcDescription *live_taken, VcDescription *copy_taken, guint flags,
                    gconstpointer owner, VcGuestFn done, gpointer data);

/* vc_life_go_on - the host has been looked at; error: why the guest cannot start, or NULL */
void vc_life_go_on (VcGuest *guest, const GError *error);

/* vc_life_stop - end it, for a reason */
gboolean vc_life_stop (VcGuest *guest, gboolean gently, int reason, int detail, GError **error);

/* channel.c */

/* vc_channels_on_change - QEMU's VSERPORT_CHANGE event */
void vc_channels_on_change (VcGuest *guest, const VcJson *values);

/* vc_channels_begin - nobody has opened those yet of which nothing is known */
void vc_channels_begin (VcGuest *guest);

/* vc_channels_find - ask QEMU about a guest that was found */
void vc_channels_find (VcGuest *guest);

/* event.c */
GArray *vc_listeners_new (void);
void vc_event_tell (VcGuest *guest, VcEventKind kind, const char *text);
void vc_event_agent (VcGuest *guest, gboolean is_connected);
void vc_event_life (VcGuest *guest, VcLife event, int detail);

/* vc_event_stopped - it ended; why: what QEMU died of, or NULL when somebody wanted it */
void vc_event_stopped (VcGuest *guest, int detail, const char *why);
void vc_event_send (VcManager *manager, const VcEvent *event);
void vc_event_monitor (VcGuest *guest, const char *name, VcJson *values);

/* later.c: calls from the main context */
typedef void (*VcLaterFn) (VcManager *manager, const char *uuid, guint serial);

/* vc_later_done - answer somebody; error is copied */
void vc_later_done (VcManager *manager, const char *uuid, VcGuestFn done, gpointer data, const GError *error);
void vc_later_event (VcManager *manager, const VcEvent *event);
void vc_later_call (VcManager *manager, const VcGuest *guest, VcLaterFn fn);

/* vc_later_flush - nothing will run any more: answer those who wait */
void vc_later_flush (VcManager *manager);

/* vc_wait_answer - answer all of a list, which is empty then */
void vc_wait_answer (VcManager *manager, GArray *waits, const char *uuid, const GError *error);
void vc_wait_add (GArray *waits, VcGuestFn done, gpointer data);
