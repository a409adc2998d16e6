/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan.h"

struct VcPlan
{
  GPtrArray *items; /* VcPlanItem */
  gconstpointer source;
};

static void
item_free (gpointer data)
{
  VcPlanItem *item = data;

  g_free (item->word);
  vc_props_free (item->props);
  g_free (item);
}

VcPlan *
vc_plan_new (void)
{
  VcPlan *plan = g_new0 (VcPlan, 1);

  plan->items = g_ptr_array_new_with_free_func (item_free);
  return plan;
}

void
vc_plan_free (VcPlan *plan)
{
  if (plan == NULL)
    return;
  g_ptr_array_unref (plan->items);
  g_free (plan);
}

static VcPlanItem *
add (VcPlan *plan, VcQClass what, const char *option)
{
  VcPlanItem *item = g_new0 (VcPlanItem, 1);

  item->what = what;
  item->option = option;
  item->source = plan->source;
  g_ptr_array_add (plan->items, item);
  return item;
}

VcProps *
vc_plan_add (VcPlan *plan, VcQClass what, const char *driver, const char *id)
{
  g_assert (what > VC_Q_OPTION && what < VC_N_Q);
  return add (plan, what, NULL)->props = vc_props_new (driver, id);
}

VcProps *
vc_plan_option (VcPlan *plan, const char *option, const char *first)
{
  return add (plan, VC_Q_OPTION, option)->props = vc_props_new (first, NULL);
}

void
vc_plan_word (VcPlan *plan, const char *option, const char *word)
{
  add (plan, VC_Q_WORD, option)->word = g_strdup (word);
}

void
vc_plan_set_source (VcPlan *plan, gconstpointer source)
{
  plan->source = source;
}

typedef gboolean (*Wanted) (const VcPlanItem *item, gconstpointer sources);

static VcPlan *
split (VcPlan *plan, Wanted wanted, gconstpointer sources)
{
  VcPlan *found = vc_plan_new ();
  GPtrArray *others = g_ptr_array_new_with_free_func (item_free);

  for (guint n = 0; n < plan->items->len; n++)
    {
      VcPlanItem *item = plan->items->pdata[n];

      g_ptr_array_add (item->source != NULL && wanted (item, sources) ? found->items : others, item);
    }
  g_ptr_array_set_free_func (plan->items, NULL);
  g_ptr_array_unref (plan->items);
  plan->items = others;
  return found;
}

static gboolean
is_of (const VcPlanItem *item, gconstpointer sources)
{
  return g_ptr_array_find ((GPtrArray *) sources, item->source, NULL);
}

VcPlan *
vc_plan_split (VcPlan *plan, const GPtrArray *sources)
{
  return split (plan, is_of, sources);
}

static gboolean
is_block_of (const VcPlanItem *item, gconstpointer source)
{
  return item->what == VC_Q_BLOCK && item->source == source;
}

VcPlan *
vc_plan_split_blocks (VcPlan *plan, gconstpointer source)
{
  return split (plan, is_block_of, source);
}

void
vc_plan_join (VcPlan *plan, VcPlan *more_taken)
{
  g_ptr_array_extend_and_steal (plan->items, g_steal_pointer (&more_taken->items));
  g_free (more_taken);
}

guint
vc_plan_n (const VcPlan *plan)
{
  return plan->items->len;
}

const VcPlanItem *
vc_plan_nth (const VcPlan *plan, guint n)
{
  g_assert (n < plan->items->len);
  return g_ptr_array_index (plan->items, n);
}
