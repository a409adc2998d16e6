/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devices/change.h"

#include "devices/disk.h"
#include "devices/interface.h"

static VcChange
swap_link (VcDevice *dev, VcDevice *wanted)
{
  VcInterface *a = (VcInterface *) dev, *b = (VcInterface *) wanted;
  int link = a->link;

  a->link = b->link;
  b->link = link;
  return VC_CHANGE_LINK;
}

static VcChange
swap (VcDevice *dev, VcDevice *wanted)
{
  if (vc_is (dev, "interface", NULL))
    return swap_link (dev, wanted);
  return vc_disk_swap_medium (dev, wanted) ? VC_CHANGE_MEDIUM : VC_CHANGE_NONE;
}

/* As it is printed; the document owns it. */
static VcNode *
print (const VcDevice *dev, VcPrint how, VcXml *holder)
{
  vc_device_print (dev, vc_xml_root (holder), how);
  return vc_node_next (vc_xml_root (holder), NULL, NULL);
}

static gboolean
is_same (const VcDevice *dev, const VcNode *before)
{
  g_autoptr (VcXml) holder = vc_xml_new ("devices");
  VcNode *now = print (dev, VC_PRINT_INACTIVE, holder);

  return vc_node_is_within (now, before) && vc_node_is_within (before, now);
}

VcChange
vc_device_change (VcDevice *dev, VcDevice *wanted)
{
  g_autoptr (VcXml) asked = vc_xml_new ("devices");
  g_autoptr (VcXml) before = vc_xml_new ("devices");
  g_autoptr (VcXml) after = vc_xml_new ("devices");
  VcNode *words, *was;
  VcChange change;

  if (dev->kind != wanted->kind || (!vc_is (dev, "interface", NULL) && !vc_is (dev, "disk", NULL)))
    return VC_CHANGE_NONE;
  words = print (wanted, VC_PRINT_INACTIVE, asked);
  was = print (dev, VC_PRINT_INACTIVE, before);
  change = swap (dev, wanted);
  if (change == VC_CHANGE_NONE)
    return VC_CHANGE_NONE;
  if (!vc_node_is_within (words, print (dev, VC_PRINT_LIVE, after)))
    change = VC_CHANGE_NONE;
  else if (is_same (dev, was))
    change = VC_CHANGE_SAME;
  if (change == VC_CHANGE_NONE || change == VC_CHANGE_SAME)
    swap (dev, wanted);
  return change;
}

gboolean
vc_link_is_down (const VcDevice *dev)
{
  return vc_is (dev, "interface", NULL) && ((const VcInterface *) dev)->link == VC_LINK_DOWN;
}
