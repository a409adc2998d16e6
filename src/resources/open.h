/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/stat.h>

#include "resources/image.h"

/* Opening a volume: resources' own. */

/* vc_open_volume - a plain file of a folder, never by a symbolic link, never waiting for a FIFO
 *
 * how: O_RDONLY or O_RDWR.
 *
 * Returns: its descriptor, or -1 with VC_ERROR_NOT_FOUND, VC_ERROR_INVALID and others.
 */
int vc_open_volume (const char *path, const char *name, int how, struct stat *ret_st, GError **error);

/* vc_open_look - what the first bytes of an open file say.  Returns: FALSE with errno */
gboolean vc_open_look (int fd, VcImage *ret_image);

/* vc_qemu_img - run qemu-img on an open file, which it finds by that descriptor's number
 *
 * words: its verb and options, to a NULL; size: its last argument.  Waits for its end.  Started by root it
 * is the owner of that file: what an image leads it to is no more than its owner may do.
 */
gboolean vc_qemu_img (int fd, const char *const *words, guint64 size, GError **error);
