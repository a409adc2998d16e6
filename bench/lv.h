/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt/libvirt.h>

#include "measure.h"

/* What the files of the program lv share. */

/* fail - say what libvirt's library says, and end */
void fail (const char *what) G_GNUC_NORETURN;

/* measure_calls - n_calls calls on each of n_connections connections at once: "call:connections" and its rate
 *
 * call: num, state or xml; the latter two of the first domain there is.
 */
void measure_calls (const char *uri, const char *call, guint n_connections, guint n_calls);
