/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "json/json.h"
#include "plan/caps.h"
#include "plan/plan.h"

/* How QEMU spells a plan.  One row a class of things (spell.c) serves start and plug. */

/* vc_spell_json - a property list as JSON text
 *
 * driver_key and id_key name the two fixed properties ("driver", "id").  A group whose members
 * are called "0", "1", ... is a list.
 *
 * Returns: new string, or NULL with VC_ERROR_INVALID for text JSON cannot hold.
 */
char *vc_spell_json (const VcProps *props, const char *driver_key, const char *id_key, GError **error);

/* vc_spell_kv - a property list as key=value text, commas doubled
 *
 * Returns: new string, or NULL with VC_ERROR_INVALID for text that key=value cannot say.
 */
char *vc_spell_kv (const VcProps *props, GError **error);

/* vc_plan_to_argv - add the plan's words to a command line
 *
 * Descriptors attached to FILE and LISTEN properties are spelled as such (-add-fd and
 * /dev/fdset/N; fd=N); without one the path is.  Adds new strings to argv.
 */
gboolean vc_plan_to_argv (const VcPlan *plan, GPtrArray *argv, GError **error);

/* vc_spell_fd_name - the name under which a property's descriptor is sent to a running QEMU; new string */
char *vc_spell_fd_name (const VcProps *props, const VcProp *prop);

/* vc_spell_qmp - one item as a QMP command
 *
 * The descriptors attached to it must have been sent: a FILE's with add-fd to its set, others with getfd
 * under vc_spell_fd_name.
 *
 * Returns: new object {"execute": …, "arguments": …}, or NULL with VC_ERROR_UNSUPPORTED for an
 * item that exists only on the command line.
 */
VcJson *vc_spell_qmp (const VcPlanItem *item, GError **error);

/* vc_spell_qmp_undo - the QMP command that takes one item away
 *
 * ret_gone: name of the event that ends the removal (static), or NULL when the command's
 * return is the end.
 *
 * Returns: new object, or NULL with VC_ERROR_UNSUPPORTED.
 */
VcJson *vc_spell_qmp_undo (const VcPlanItem *item, const char **ret_gone, GError **error);
