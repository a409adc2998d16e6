/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

extern const VcKind vc_kind_input;

/* vc_input_new_ps2 - the mouse or keyboard every PC has */
VcDevice *vc_input_new_ps2 (gboolean keyboard);

/* vc_input_is_ps2 - is it that one? */
gboolean vc_input_is_ps2 (const VcDevice *dev, gboolean keyboard);
