/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file that gets what the guest sends.
 *
 *   <serial type='file'>
 *     <source path='/var/log/guest.log' append='on'/>
 *   </serial>
 */
#include "devices/chardev.h"

typedef struct
{
  VcChardev base;
  char *path;
  VcTri append;
} ChardevFile;

static const VcField rows[]
    = { VC_PATH (ChardevFile, path, "source/@path", .doc = "file that gets what the guest sends"),
        VC_ONOFF (ChardevFile, append, "source/@append", .doc = "whether the file goes on where it ended"),
        { 0 } };

static gboolean
check (const VcChardev *chr, const VcDevice *holder, const VcPeers *peers, GError **error)
{
  if (((const ChardevFile *) chr)->path == NULL)
    return vc_device_fail (holder, error, "needs source/@path, the %s", rows[0].doc);
  return TRUE;
}

static gboolean
plan (const VcChardev *chr, const VcDevice *holder, const VcPlanContext *ctx, VcPlan *out, VcProps *props,
      GError **error)
{
  const ChardevFile *self = (const ChardevFile *) chr;

  vc_props_file (props, "path", self->path, self->append != VC_TRI_YES);
  vc_props_tri (props, "append", self->append);
  return TRUE;
}

const VcChardevKind vc_chardev_file = {
  .type = "file",
  .summary = "A file that gets what the guest sends.",
  .size = sizeof (ChardevFile),
  .rows = rows,
  .backend = "file",
  .check = check,
  .plan = plan,
};
