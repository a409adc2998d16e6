/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain/domain.h"

/* Devices that come to a machine that runs, and go.
 *
 * The domain is filled, seated and named; nothing that it has moves or is renamed.  What is added can be
 * planned as the rest, and its items are found by their source. */

/* vc_domain_attach - take in the device that an element describes
 *
 * Reads, checks, fills, seats and names it, and with it what it needs: a reader for a card, a hub, a
 * controller.  tls: what qemu.conf says of connections that do not say themselves.
 *
 * Returns: the new devices (new array, borrowed items, in the order in which they must be made), the one
 * asked for last; or NULL with error, the domain as it was: VC_ERROR_INVALID, VC_ERROR_UNSUPPORTED for what
 * QEMU takes only when it starts.
 */
GPtrArray *vc_domain_attach (VcDomain *domain, const VcXml *xml, const VcTlsFacts *tls, GError **error);

/* vc_domain_find_same - the device of a domain that an element describes
 *
 * By its alias, else its address, else by all that it says: what the element leaves out may be anything.
 *
 * Returns: borrowed, or NULL with VC_ERROR_NOT_FOUND, or VC_ERROR_INVALID when it fits several.
 */
VcDevice *vc_domain_find_same (VcDomain *domain, const VcXml *xml, GError **error);

/* vc_domain_find_alias - the device with an alias; NULL with VC_ERROR_NOT_FOUND */
VcDevice *vc_domain_find_alias (VcDomain *domain, const char *alias, GError **error);

/* vc_domain_check_detach - may a device leave a guest that runs?
 *
 * Returns: FALSE with VC_ERROR_UNSUPPORTED for what is there from start to end, VC_ERROR_BUSY for what others
 * sit on.
 */
gboolean vc_domain_check_detach (VcDomain *domain, const VcDevice *dev, GError **error);

/* vc_domain_find_on - a device that sits on another one, a controller or a hub; borrowed, or NULL */
const VcDevice *vc_domain_find_on (const VcDomain *domain, const VcDevice *provider);

/* vc_domain_find_idle - what came along with others and now serves nobody
 *
 * Returns: a controller or hub that vc_domain_attach added for another device, or NULL.
 */
VcDevice *vc_domain_find_idle (VcDomain *domain);

/* vc_domain_detach - take a device out and free it; the rest stays as it is */
void vc_domain_detach (VcDomain *domain, VcDevice *dev);
