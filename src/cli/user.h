/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/command.h"

/* vc_user_database - where users of a root are kept; Returns: new string, or NULL with error */
char *vc_user_database (const VcCli *cli, GError **error);
