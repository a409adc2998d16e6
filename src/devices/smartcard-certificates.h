/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* What a start must know about a card made of certificates, to look them up beforehand. */

#define VC_NSS_DATABASE "/etc/pki/nssdb"

extern const VcKind vc_kind_smartcard_certificates;

/* vc_smartcard_nicknames - the three nicknames, borrowed; dev is of the kind above */
const char *const *vc_smartcard_nicknames (const VcDevice *dev);

/* vc_smartcard_database - the NSS database's folder, borrowed; VC_NSS_DATABASE unless given */
const char *vc_smartcard_database (const VcDevice *dev);
