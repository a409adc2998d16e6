/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/interface.h"

/* Tap devices: the host's end of a guest's network card.  One lives exactly as long as somebody has it open.
 */

/* vc_tap_check - could one be made for a card?
 *
 * bridge: that it is to be added to; NULL: none.  Looks only; errors are without a place.
 */
gboolean vc_tap_check (const VcInterface *card, const char *bridge, GError **error);

/* vc_tap_open - make one for a card, on its bridge and up
 *
 * A card without a name on the host, or with one that starts with vnet, gets the next free vnetN.
 *
 * Returns: its descriptor, to be closed, and in ret_name its name (new string); or -1 with error and nothing
 * left.
 */
int vc_tap_open (const VcInterface *card, const char *bridge, char **ret_name, GError **error);

/* vc_tap_open_vhost - the kernel's part that moves packets for a virtio card
 *
 * Returns: its descriptor, to be closed; -1 without an error: the kernel has none; -1 with error: it has none
 * and the card asks for it.
 */
int vc_tap_open_vhost (const VcInterface *card, GError **error);
