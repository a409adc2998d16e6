/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/virtio.h"

const char *const vc_virtio_models[]
    = { "", "virtio", "virtio-transitional", "virtio-non-transitional", NULL };

char *
vc_virtio_driver (const char *stem, int model)
{
  static const char *const suffixes[] = { "", "", "-transitional", "-non-transitional" };

  return g_strconcat (stem, suffixes[model], NULL);
}

VcPciClass
vc_virtio_pci (int model)
{
  return model == VC_VIRTIO_TRANSITIONAL ? VC_PCI_CONVENTIONAL : VC_PCI_EXPRESS;
}

gboolean
vc_virtio_any (const VcVirtio *self)
{
  return self->iommu != VC_TRI_UNSET || self->ats != VC_TRI_UNSET || self->packed != VC_TRI_UNSET
         || self->page_per_vq != VC_TRI_UNSET;
}
