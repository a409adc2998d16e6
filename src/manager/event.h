/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What listeners are told.  The numbers are libvirt's, for they cross the wire. */
typedef enum
{
  VC_EVENT_LIFECYCLE = 0, /* event, detail; text: why, where QEMU failed, or NULL */
  VC_EVENT_REBOOT = 1,
  VC_EVENT_BALLOON_CHANGE = 13,        /* number: KiB                                  */
  VC_EVENT_DEVICE_REMOVED = 15,        /* text: alias                                  */
  VC_EVENT_AGENT = 18,                 /* event: VC_AGENT_…, detail: VC_AGENT_BY_… */
  VC_EVENT_DEVICE_ADDED = 19,          /* text: alias                                  */
  VC_EVENT_DEVICE_REMOVAL_FAILED = 22, /* text: alias                                  */
  VC_EVENT_METADATA_CHANGE = 23,       /* event: VcMetadata; text: its URI, or NULL    */
  VC_EVENT_MONITOR = 1000, /* QEMU's own: text: its name; more: its data as JSON, or NULL; number, micros */
} VcEventKind;

typedef enum
{
  VC_LIFE_DEFINED = 0,
  VC_LIFE_UNDEFINED = 1,
  VC_LIFE_STARTED = 2,
  VC_LIFE_SUSPENDED = 3,
  VC_LIFE_RESUMED = 4,
  VC_LIFE_STOPPED = 5,
  VC_LIFE_SHUTDOWN = 6,
  VC_LIFE_PMSUSPENDED = 7,
  VC_LIFE_CRASHED = 8,
} VcLife;

enum /* details */
{
  VC_AGENT_CONNECTED = 1, /* of VC_EVENT_AGENT: its event */
  VC_AGENT_DISCONNECTED = 2,
  VC_AGENT_BY_CHANNEL = 2,
  VC_DEFINED_ADDED = 0,
  VC_DEFINED_UPDATED = 1,
  VC_DEFINED_RENAMED = 2,
  VC_UNDEFINED_REMOVED = 0,
  VC_UNDEFINED_RENAMED = 1,
  VC_STARTED_BOOTED = 0,
  VC_STARTED_RESTORED = 2,
  VC_STARTED_WAKEUP = 4,
  VC_SUSPENDED_PAUSED = 0,
  VC_SUSPENDED_IOERROR = 2,
  VC_SUSPENDED_WATCHDOG = 3,
  VC_SUSPENDED_RESTORED = 4,
  VC_RESUMED_UNPAUSED = 0,
  VC_RESUMED_FROM_SNAPSHOT = 2,
  VC_STOPPED_SHUTDOWN = 0,
  VC_STOPPED_DESTROYED = 1,
  VC_STOPPED_CRASHED = 2,
  VC_STOPPED_SAVED = 4,
  VC_STOPPED_FAILED = 5,
  VC_SHUTDOWN_FINISHED = 0,
  VC_SHUTDOWN_GUEST = 1,
  VC_SHUTDOWN_HOST = 2,
  VC_CRASHED_DETAIL_PANICKED = 0,
};

/* Borrowed, and only good for the call. */
typedef struct
{
  VcEventKind kind;
  const char *name;
  const char *uuid;
  int id; /* -1: it does not run (any more) */
  int event;
  int detail;
  const char *text;
  const char *more;
  gint64 number, micros; /* as the kind says */
} VcEvent;

/* VcEventFn - something happened
 *
 * Called from the main context, after the call that made it and before that call's done function.  May call
 * the manager, but not free it.
 */
typedef void (*VcEventFn) (const VcEvent *event, gpointer data);
