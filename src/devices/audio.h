/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

extern const VcKind vc_kind_audio;

/* vc_audio_new - the back end every guest has: spice where there is a SPICE server, else none */
VcDevice *vc_audio_new (gboolean spice);

/* vc_audio_first - QEMU's id of the first audio back end, or NULL */
const char *vc_audio_first (const VcPeers *peers);

/* vc_audio_find - the alias of the audio back end with a number; FALSE when there is none */
gboolean vc_audio_find (const VcPeers *peers, guint id, const char **ret_alias);
