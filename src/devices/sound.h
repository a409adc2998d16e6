/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* vc_sound_is_ich9 - the card that real q35 machines have in their chipset */
gboolean vc_sound_is_ich9 (const VcDevice *sound);
