/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/startplan.h"

#include "base/error.h"
#include "host/place.h"
#include "host/spicepki.h"

char *
vc_start_monitor (const VcDescription *description, const VcPaths *paths)
{
  g_autofree char *folder = vc_paths_get_guest (paths, description->domain->uuid);

  return g_build_filename (folder, "monitor.sock", NULL);
}

VcPlan *
vc_start_plan (VcDescription *description, const VcPaths *paths, const VcQemuConf *conf, GError **error)
{
  VcDomain *domain = description->domain;
  g_autofree char *folder = vc_paths_get_guest (paths, domain->uuid);
  g_autofree char *monitor = vc_start_monitor (description, paths);
  const VcDevice *spice = vc_peers_find (vc_domain_peers (domain), "graphics", "spice", 0);
  g_autofree char *pki = NULL;
  VcDomainPlan how
      = { .monitor = monitor, .channels = folder, .spice_open = TRUE, .tls = vc_describe_tls (conf) };

  if (spice != NULL && !vc_spice_pki_find (conf, &pki, error))
    {
      vc_place_prefix (spice, error);
      return NULL;
    }
  how.spice_pki = pki;
  vc_domain_name_all (domain);
  return vc_domain_plan (domain, description->caps, &how, error);
}
