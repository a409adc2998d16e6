/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain/domain.h"

/* vc_start_limits - refuse what a description may say and a start here does not do
 *
 * The host's part of it: networks, processors, limits.  Nothing is started without it.
 */
gboolean vc_start_limits (const VcDomain *domain, GError **error);
