/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The daemon's log: its standard error, a line at a time, with a level that systemd understands. */
typedef enum
{
  VC_LOG_DEBUG = 1,
  VC_LOG_INFO = 2,
  VC_LOG_WARNING = 3,
  VC_LOG_ERROR = 4,
} VcLogLevel;

/* vc_log_open - say what is of level or above from here on */
void vc_log_open (int level);

/* vc_log_book - say what was done, whatever the level and however often */
void vc_log_book (const char *fmt, ...) G_GNUC_PRINTF (1, 2);

/* vc_log_quote - a text between quotes, so that nobody can write what looks like the rest of the line
 *
 * Returns: new string.
 */
char *vc_log_quote (const char *text);

/* vc_log - say it: control characters as escapes, too many lines a second not at all, but counted */
void vc_log (VcLogLevel level, const char *fmt, ...) G_GNUC_PRINTF (2, 3);

/* Of lines that somebody outside can have written as often as he likes; static, and zero at first. */
typedef struct
{
  gint64 since;
  guint n;
} VcLogSeldom;

/* vc_log_seldom - vc_log for these: 20 in 10 seconds, and how many were left out when the next one comes */
void vc_log_seldom (VcLogSeldom *seldom, VcLogLevel level, const char *fmt, ...) G_GNUC_PRINTF (3, 4);
