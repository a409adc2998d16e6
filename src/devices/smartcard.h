/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* What the cards of all modes have in common. */
#define VC_SMARTCARD_ROWS                                                                                    \
  VC_TRI (VcDevice, ejected, "@virtcard:ejected", .flags = VC_LIVE,                                          \
          .doc = "whether the card is out of its reader in a running guest")
