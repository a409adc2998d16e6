/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* vc_scsi_has_luns - are disks of this scsi controller told apart by target and unit, not by unit alone? */
gboolean vc_scsi_has_luns (const VcDevice *controller);
