/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A watchdog: what follows when the guest does not answer it.
 *
 *   <watchdog model='i6300esb' action='reset'/>
 */
#include "devices/kind.h"

enum
{
  I6300ESB = 1,
  IB700,
  ITCO
};

static const char *const models[] = { "", "i6300esb", "ib700", "itco", NULL };
static const char *const actions[]
    = { "", "reset", "shutdown", "poweroff", "pause", "dump", "none", "inject-nmi", NULL };

/* QEMU's words: libvirt makes a dump of a guest that is held. */
static const char *const qemu_actions[]
    = { "", "reset", "shutdown", "poweroff", "pause", "pause", "none", "inject-nmi" };

typedef struct
{
  VcDevice base;
  int model;
  int action;
} Watchdog;

static const VcField rows[]
    = { VC_CHOICE (Watchdog, model, "@model", models, .flags = VC_REQUIRED, .doc = "model"),
        VC_CHOICE (Watchdog, action, "@action", actions, .doc = "what follows when the guest hangs"),
        { 0 } };

static void
fill (VcDevice *dev, const VcPeers *peers)
{
  Watchdog *self = (Watchdog *) dev;

  if (self->action == 0)
    self->action = 1;
  if (self->model != I6300ESB)
    dev->bus = NULL;
}

static gboolean
check (const VcDevice *dev, const VcPeers *peers, GError **error)
{
  const Watchdog *self = (const Watchdog *) dev;

  if (vc_peers_find (peers, "watchdog", NULL, 0) != dev)
    return vc_device_fail (dev, error, "a guest has at most one");
  if (self->model == ITCO && !peers->q35 && !peers->machine_unread)
    return vc_device_fail (dev, error, "model 'itco' is part of the machine q35, not of '%s'",
                           peers->machine);
  return TRUE;
}

static gboolean
plan (const VcDevice *dev, const VcPlanContext *ctx, VcPlan *out, GError **error)
{
  const Watchdog *self = (const Watchdog *) dev;

  if (self->model == ITCO) /* it is there: let it act */
    vc_props_bool (vc_plan_option (out, "-global", NULL), "ICH9-LPC.noreboot", FALSE);
  else
    vc_plan_device (out, dev, models[self->model], ctx);
  vc_plan_word (out, "-watchdog-action", qemu_actions[self->action]);
  return TRUE;
}

const VcKind vc_kind_watchdog = {
  .name = "watchdog",
  .element = "watchdog",
  .summary = "A watchdog: what follows when the guest does not answer it.",
  .size = sizeof (Watchdog),
  .rows = rows,
  .fixed = "what it does is said to QEMU when it starts",
  .alias = "watchdog",
  .plugs_into = &vc_bus_pci,
  .fill = fill,
  .check = check,
  .plan = plan,
};
