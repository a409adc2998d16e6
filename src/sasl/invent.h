/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* vc_sasl_invent_add - give a password that nobody knows to every user who has none
 *
 * A source of passwords for libsasl2, to be asked behind all others: whoever does not exist goes the same way
 * as who does, step by step, and fails where a wrong password does.  In every process of a server, once.
 *
 * Returns: what libsasl2 does.
 */
int vc_sasl_invent_add (void);
