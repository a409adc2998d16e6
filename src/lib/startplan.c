/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/startplan.h"

#include "base/error.h"
#include "devices/chardev.h"
#include "host/chardevtls.h"
#include "host/masterkey.h"
#include "host/place.h"
#include "host/spicepki.h"
#include "lib/startlimits.h"

char *
vc_start_monitor (const VcDescription *description, const VcPaths *paths)
{
  g_autofree char *folder = vc_paths_get_guest (paths, description->domain->uuid);

  return g_build_filename (folder, "monitor.sock", NULL);
}

/* Nothing that qemu.conf says is protected runs unprotected. */
static gboolean
check_guards (VcDomain *domain, const VcQemuConf *conf, GError **error)
{
  const VcPeers *peers = vc_domain_peers (domain);

  if (vc_peers_find (peers, "graphics", "vnc", 0) != NULL
      && !vc_qemu_conf_guards (conf, VC_GUARDS_VNC, error))
    return FALSE;
  if (vc_peers_find (peers, "graphics", "spice", 0) != NULL
      && !vc_qemu_conf_guards (conf, VC_GUARDS_SPICE, error))
    return FALSE;
  return vc_qemu_conf_guards (conf, VC_GUARDS_GUEST, error);
}

/* Labels that would have to be applied: virtcard applies none. */
static gboolean
check_labels (const VcDomain *domain, GError **error)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const VcDevice *dev = domain->devices->pdata[i];
      const VcChardev *chr = vc_chardev_of (dev);

      if (chr != NULL && chr->relabels)
        return vc_device_fail_unsupported (
            dev, error, "<seclabel> asks for a label that is not applied here: write relabel='no'");
    }
  return TRUE;
}

VcPlan *
vc_live_plan (VcDescription *description, const VcPaths *paths, const VcQemuConf *conf, GError **error)
{
  VcDomain *domain = description->domain;
  g_autofree char *folder = vc_paths_get_guest (paths, domain->uuid);
  g_autofree char *channels = vc_paths_get_channels (paths, domain->uuid);
  g_autofree char *monitor = vc_start_monitor (description, paths);
  g_autofree char *master_key = vc_master_key_path (folder);
  const VcDevice *spice = vc_peers_find (vc_domain_peers (domain), "graphics", "spice", 0);
  g_autofree char *pki = NULL;
  VcDomainPlan how = { .monitor = monitor,
                       .channels = channels,
                       .master_key = master_key,
                       .spice_open = TRUE,
                       .tls = vc_chardev_tls_facts (conf, NULL) };

  if (!vc_describe_fits (description, error) || !check_guards (domain, conf, error)
      || !check_labels (domain, error) || !vc_start_limits (domain, error))
    return NULL;
  if (spice != NULL && !vc_spice_pki_find (conf, &pki, error))
    {
      vc_place_prefix (spice, error);
      return NULL;
    }
  how.spice_pki = pki;
  return vc_domain_plan (domain, description->caps, &how, error);
}

VcPlan *
vc_start_plan (VcDescription *description, const VcPaths *paths, const VcQemuConf *conf, GError **error)
{
  vc_domain_name_all (description->domain);
  return vc_live_plan (description, paths, conf, error);
}
