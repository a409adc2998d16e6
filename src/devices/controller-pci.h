/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

typedef enum
{
  VC_PCI_MODEL_ROOT = 1,      /* "pci-root"                                                     */
  VC_PCI_MODEL_PCIE_ROOT,     /* "pcie-root"                                                    */
  VC_PCI_MODEL_ROOT_PORT,     /* "pcie-root-port": one slot                                     */
  VC_PCI_MODEL_TO_PCI_BRIDGE, /* "pcie-to-pci-bridge": old slots on a PCI Express machine       */
} VcPciModel;

extern const VcKind vc_kind_controller_pci;

/* vc_pci_model - which model a pci controller is */
VcPciModel vc_pci_model (const VcDevice *controller);

/* vc_pci_new - a pci controller with an index, for domain/seat-pci.c to add */
VcDevice *vc_pci_new (VcPciModel model, guint index);

/* vc_pci_fill_port - chassis and port number of a root port, once it has a place */
void vc_pci_fill_port (VcDevice *controller);

/* vc_pci_forget - take back the place of any PCI device, so that it is found anew; a root port also
 * forgets the numbers that came from it */
void vc_pci_forget (VcDevice *dev);
