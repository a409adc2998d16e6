/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

extern const VcKind vc_kind_video;

/* vc_video_is_none - the word that the guest has no video adapter */
gboolean vc_video_is_none (const VcDevice *dev);

/* vc_video_heads - how many outputs it has */
guint vc_video_heads (const VcDevice *video);

/* vc_video_is_primary - is it said to be the first adapter? */
gboolean vc_video_is_primary (const VcDevice *video);
