/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A daemon's unix socket, as those who want to connect see it. */

/* vc_socket_print - "PATH (user root, group libvirt, mode 0770)"; Returns: new string */
char *vc_socket_print (const char *path);

/* vc_socket_advice - what to do where connecting to it has failed; Returns: new string */
char *vc_socket_advice (const char *path);
