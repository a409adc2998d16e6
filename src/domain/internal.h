/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain/domain.h"

/* Shared by the files of this folder only. */

/* vc_domain_check_device - what vc_domain_check says of the device at an index */
gboolean vc_domain_check_device (const VcDomain *domain, guint at, GError **error);

/* vc_domain_check_claims - refuse when two devices want the same port, socket or terminal of the host
 * (claims.c)
 *
 * Back ends of character devices, and displays whose ports are given or were found.
 */
gboolean vc_domain_check_claims (const VcDevice *dev, const VcDevice *other, GError **error);

/* vc_domain_fill_device - fill in a device that comes to a filled machine */
void vc_domain_fill_device (VcDomain *domain, VcDevice *dev);

/* vc_domain_name_device - the alias of a device that comes to a named machine: the next free number */
void vc_domain_name_device (VcDomain *domain, VcDevice *dev);

/* vc_console_number - give a number to the ports that have none (console.c) */
void vc_console_number (VcDomain *domain);

/* vc_seat_grow_usb - make room on the USB bus of a machine whose devices are seated
 *
 * n devices are to come, for dev: adds a hub when they would take the last port.
 *
 * Returns: FALSE with error when there is no room.
 */
gboolean vc_seat_grow_usb (VcDomain *domain, guint n, const VcDevice *dev, GError **error);

/* vc_console_name - the first console that is the first serial port has its number and alias (console.c) */
void vc_console_name (VcDomain *domain);

/* vc_console_pair - let the first console and the first serial port be one (console.c) */
void vc_console_pair (VcDomain *domain);

/* vc_console_seat - show the first console at the place of its serial port */
void vc_console_seat (VcDomain *domain);

/* The seats of one bus each (seat-*.c). */
gboolean vc_seat_all_ccid (VcDomain *domain, GError **error);
gboolean vc_seat_all_disks (VcDomain *domain, GError **error);
gboolean vc_seat_all_virtio_serial (VcDomain *domain, GError **error);
gboolean vc_seat_all_pci (VcDomain *domain, GError **error);
gboolean vc_seat_all_usb (VcDomain *domain, GError **error);

/* vc_domain_has_usb - FALSE when the description says that the guest has no USB */
gboolean vc_domain_has_usb (const VcDomain *domain);

/* vc_domain_need_controller - add a controller unless it is there */
void vc_domain_need_controller (VcDomain *domain, const char *type, guint index);
