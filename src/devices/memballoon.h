/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* vc_memballoon_is_none - the word that the guest has no balloon */
gboolean vc_memballoon_is_none (const VcDevice *memballoon);

/* vc_memballoon_reports - shall it report the guest's memory again and again? */
gboolean vc_memballoon_reports (const VcDevice *memballoon);
