/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain/domain.h"
#include "domain/schema.h"
#include "host/conf.h"
#include "host/paths.h"

/* What can be said about a description without running it.  Looks at no host but the QEMU binary
 * and qemu.conf. */
typedef struct
{
  VcDomain *domain;
  VcCaps *caps;        /* of the emulator; NULL: it is not installed                     */
  GPtrArray *limits;   /* GError: what this QEMU has not, though the description is right */
  GPtrArray *warnings; /* char *, each with its place                                    */
} VcDescription;

void vc_description_free (VcDescription *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VcDescription, vc_description_free)

/* vc_describe - read, fill, seat and check a description
 *
 * origin names the text in errors.  paths says where the cache of QEMU's facts is.  Adds every error
 * to errors (GError, one an element, in order of lines).
 *
 * Returns: new (free with vc_description_free), or NULL when there were errors.
 */
VcDescription *vc_describe (const char *text, gsize len, const char *origin, const VcPaths *paths,
                            GPtrArray *errors);

/* vc_describe_found - the description of a guest that runs, from what a manager wrote about it
 *
 * node: its <domain>, of a document that vc_xml_set_found was called for.  What its start decided stays.
 *
 * Returns: new, or NULL with error.
 */
VcDescription *vc_describe_found (VcNode *node, const VcPaths *paths, GError **error);

/* vc_describe_fits - FALSE with the first of its limits, for whoever wants to run it */
gboolean vc_describe_fits (const VcDescription *self, GError **error);

/* vc_describe_new_errors - an empty list for vc_describe */
GPtrArray *vc_describe_new_errors (void);

/* vc_describe_as_started - decide what a start decides, by qemu.conf: TLS and aliases; for printing */
gboolean vc_describe_as_started (VcDescription *self, const VcPaths *paths, GError **error);

/* vc_describe_argv - the command line QEMU would get
 *
 * An emulator that is not installed: the facts of the architecture's installed one are used.
 *
 * Returns: new array of strings, NULL at its end, or NULL with error.
 */
GPtrArray *vc_describe_argv (VcDescription *self, const VcPaths *paths, const VcQemuConf *conf,
                             GError **error);

/* vc_describe_emulator - the binary that is meant where none is named; arch NULL: x86_64
 *
 * Returns: static; it may not be installed.
 */
const char *vc_describe_emulator (const char *arch);

/* vc_quote_argv - a command line as text for a shell, an option a line
 *
 * Returns: new string.
 */
char *vc_quote_argv (const GPtrArray *argv);
