/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a guest does, and why.  The numbers are libvirt's, for they cross the wire. */
typedef enum
{
  VC_STATE_RUNNING = 1,
  VC_STATE_PAUSED = 3,
  VC_STATE_SHUTDOWN = 4, /* on its way off              */
  VC_STATE_SHUTOFF = 5,
  VC_STATE_CRASHED = 6, /* its system has, and it is kept to be looked at */
  VC_STATE_PMSUSPENDED = 7,
} VcState;

enum /* of VC_STATE_RUNNING */
{
  VC_RUNNING_UNKNOWN = 0,
  VC_RUNNING_BOOTED = 1,
  VC_RUNNING_RESTORED = 3,
  VC_RUNNING_UNPAUSED = 5,
  VC_RUNNING_SAVE_CANCELED = 7,
  VC_RUNNING_WAKEUP = 8,
  VC_RUNNING_CRASHED = 9,
};

enum /* of VC_STATE_PAUSED */
{
  VC_PAUSED_UNKNOWN = 0,
  VC_PAUSED_USER = 1,
  VC_PAUSED_SAVE = 3,
  VC_PAUSED_IOERROR = 5,
  VC_PAUSED_WATCHDOG = 6,
  VC_PAUSED_SHUTTING_DOWN = 8,
  VC_PAUSED_CRASHED = 10,
  VC_PAUSED_STARTING_UP = 11,
};

enum /* of VC_STATE_SHUTDOWN, VC_STATE_CRASHED and VC_STATE_PMSUSPENDED */
{
  VC_SHUTDOWN_UNKNOWN = 0,
  VC_SHUTDOWN_USER = 1,
  VC_CRASHED_PANICKED = 1,
};

enum /* of VC_STATE_SHUTOFF */
{
  VC_SHUTOFF_UNKNOWN = 0, /* it has not run since it was defined, or since a boot of the host */
  VC_SHUTOFF_SHUTDOWN = 1,
  VC_SHUTOFF_DESTROYED = 2,
  VC_SHUTOFF_CRASHED = 3,
  VC_SHUTOFF_SAVED = 5,
  VC_SHUTOFF_FAILED = 6, /* QEMU ended by itself, or did not start         */
  VC_SHUTOFF_DAEMON = 8, /* while nobody watched; how is not known         */
};
