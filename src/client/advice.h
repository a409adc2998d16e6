/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/steps.h"

/* vc_advice - what to do where a step of connecting has failed
 *
 * words: why it has, as the error says it.
 *
 * Returns: borrowed; every step has one.
 */
const char *vc_advice (VcStep step, const char *words);
