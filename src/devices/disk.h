/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "devices/kind.h"

/* vc_disk_controller - element value of the controller a disk needs ("ide", "sata" ...), or NULL */
const char *vc_disk_controller (const VcDevice *disk);

/* vc_disk_target - its name, which is that of one disk of a guest; borrowed */
const char *vc_disk_target (const VcDevice *disk_device);

/* vc_disk_path - the file or block device that is its image, borrowed; NULL: none, or elsewhere */
const char *vc_disk_path (const VcDevice *disk_device);

/* vc_disk_is_qcow2 - is its image one that says itself how large the disk is? */
gboolean vc_disk_is_qcow2 (const VcDevice *disk_device);

/* vc_disk_same_bus - are both on buses of one kind? */
gboolean vc_disk_same_bus (const VcDevice *a, const VcDevice *b);

/* vc_disk_compare - the order of two disks of a bus, by their targets */
int vc_disk_compare (const VcDevice *a, const VcDevice *b);

/* vc_disk_seat - the place on its controller that the target's name stands for */
void vc_disk_seat (VcDevice *disk);

/* vc_disk_swap_medium - exchange what two drives of a kind hold
 *
 * What holds something new has no number of its block nodes.  Returns: FALSE when a is no drive, or b another
 * one; then nothing happened.
 */
gboolean vc_disk_swap_medium (VcDevice *a, VcDevice *b);

/* vc_disk_is_empty - is there nothing in the drive? */
gboolean vc_disk_is_empty (const VcDevice *dev);

/* vc_disk_number_all - fix the numbers of the disks' block nodes, so that disks may come and go
 *
 * Numbers that are fixed stay; new ones are higher than all others.
 */
void vc_disk_number_all (const VcPeers *peers);

/* vc_disk_renumber - give a drive's new medium a number that no other has, nor what it held before */
void vc_disk_renumber (VcDevice *dev, const VcDevice *before, const VcPeers *peers);

/* vc_disk_boot_index - when it is booted, by its own word or by <os>'s; 0: never */
guint vc_disk_boot_index (const VcDevice *disk, const VcPeers *peers);
