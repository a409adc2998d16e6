/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU's own end of the SPICE agent: clipboard and mouse without SPICE.
 *
 *   <channel type='qemu-vdagent'>
 *     <source>
 *       <clipboard copypaste='yes'/>
 *       <mouse mode='client'/>
 *     </source>
 *     <target type='virtio' name='com.redhat.spice.0'/>
 *   </channel>
 */
#include "devices/chardev.h"

enum
{
  SERVER = 1,
  CLIENT
};

static const char *const mice[] = { "", "server", "client", NULL };

typedef struct
{
  VcChardev base;
  VcTri clipboard;
  int mouse;
} ChardevQemuVdagent;

static const VcField rows[]
    = { VC_TRI (ChardevQemuVdagent, clipboard, "source/clipboard/@copypaste",
                .doc = "whether the clipboard is shared"),
        VC_CHOICE (ChardevQemuVdagent, mouse, "source/mouse/@mode", mice, .doc = "who draws the mouse"),
        { 0 } };

static gboolean
plan (const VcChardev *chr, const VcDevice *holder, const VcPlanContext *ctx, VcPlan *out, VcProps *props,
      GError **error)
{
  const ChardevQemuVdagent *self = (const ChardevQemuVdagent *) chr;

  vc_props_str (props, "name", "vdagent");
  vc_props_tri (props, "clipboard", self->clipboard);
  if (self->mouse != 0)
    vc_props_bool (props, "mouse", self->mouse == CLIENT);
  return TRUE;
}

const VcChardevKind vc_chardev_qemu_vdagent = {
  .type = "qemu-vdagent",
  .summary = "QEMU's own end of the SPICE agent: clipboard and mouse without SPICE.",
  .size = sizeof (ChardevQemuVdagent),
  .rows = rows,
  .backend = "qemu-vdagent",
  .plan = plan,
};
