/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* vc_notify - tell systemd, where it asked to be told: "READY=1", "STOPPING=1", "STATUS=…"
 *
 * Nothing is wrong where it did not, or does not listen.
 */
void vc_notify (const char *state);
