/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "json/json.h"

/* modules_look - the PKCS#11 modules of the open database, the internal one left out
 *
 * "modules": one object each with "name", "library", "loaded", "slots"; a slot has "name", "removable",
 * "hardware", "present" and, when present, "token".  "pcsc": null when no module loaded the PC/SC
 * library, else an object with "reachable", "detail" when it is not, and "readers", their names.
 *
 * Returns: new object.
 */
VcJson *modules_look (void);
