/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/startlimits.h"

#include "base/error.h"
#include "devices/interface.h"
#include "devices/memballoon.h"

/* Sections that put a guest on parts of the host: QEMU is not told of them, so whoever starts it would have
 * to do it. */
static gboolean
check_tuning (const VcDomain *domain, GError **error)
{
  const struct
  {
    const char *element;
    gboolean given;
  } tunings[] = {
    { "vcpu", domain->cpus != NULL },
    { "cputune", domain->shares.set || domain->period.set || domain->quota.set || domain->global_period.set
                     || domain->global_quota.set || domain->emulator_period.set || domain->emulator_quota.set
                     || domain->iothread_period.set || domain->iothread_quota.set || domain->vcpu_pins != NULL
                     || domain->emulator_cpus != NULL || domain->iothread_pins != NULL
                     || domain->vcpu_scheds != NULL || domain->iothread_scheds != NULL },
    { "memtune", domain->hard_limit > 0 || domain->soft_limit > 0 || domain->min_guarantee > 0
                     || domain->swap_limit > 0 },
    { "blkiotune", domain->io_weight.set },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tunings); i++)
    if (tunings[i].given)
      return vc_fail (error, VC_ERROR_UNSUPPORTED,
                      "%s:%u: <%s>: a start here gives a guest no part of the host's processors, memory or "
                      "disks: take it out",
                      domain->origin, vc_domain_line (domain, tunings[i].element), tunings[i].element);
  return TRUE;
}

static gboolean
check_interface (const VcDevice *dev, GError **error)
{
  const VcInterface *self = (const VcInterface *) dev;
  const char *script = vc_interface_script (dev);

  if (!vc_interface_is_tap (dev))
    return TRUE;
  if (vc_interface_network (dev) != NULL && vc_interface_network_bridge (dev) == NULL)
    return vc_device_fail_unsupported (
        dev, error,
        "no network '%s' is known here: define it, or use type='bridge' with a bridge of this host",
        vc_interface_network (dev));
  if (vc_u32_or (self->queues, 1) > 1)
    return vc_device_fail_unsupported (dev, error, "driver/@queues: a start here gives a card one pair");
  if (self->frames.set)
    return vc_device_fail_unsupported (dev, error, "<coalesce>: a start here does not set it: take it out");
  if (script != NULL)
    return vc_device_fail_unsupported (dev, error, "<script>: a start here runs no program: take it out");
  return TRUE;
}

gboolean
vc_start_limits (const VcDomain *domain, GError **error)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];

      if (vc_is (dev, "memballoon", NULL) && vc_memballoon_reports (dev))
        return vc_device_fail_unsupported (dev, error, "stats/@period: a start here asks for no reports");
      if (vc_is (dev, "interface", NULL) && !check_interface (dev, error))
        return FALSE;
    }
  return check_tuning (domain, error);
}
