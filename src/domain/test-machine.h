/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain/domain.h"

/* Machines for the tests of this folder. */

/* test_caps - what QEMU 7.2 can do; read once, kept for ever */
const VcCaps *test_caps (void);

/* test_text - a description of a machine with these devices
 *
 * Returns: new string.
 */
char *test_text (const char *machine, const char *devices);

/* test_describe - read, check, fill, check, seat and name a description
 *
 * Returns: a new machine, or NULL with errors (new array of GError).
 */
VcDomain *test_describe (const char *text, GPtrArray **ret_errors);

/* test_seated - the same of a machine with devices, which must be right */
VcDomain *test_seated (const char *machine, const char *devices);

/* test_refused - a machine with devices has this one error, beginning with "t.xml:" */
void test_refused (const char *machine, const char *devices, const char *message);
