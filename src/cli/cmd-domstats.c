/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/reach.h"
#include "cli/say.h"

typedef struct
{
  gboolean state, cpu, balloon, vcpu, interface, block;
  char **domains;
} Domstats;

static const VcField options[] = {
  VC_FLAG (Domstats, state, "--state", .doc = "its state"),
  VC_FLAG (Domstats, cpu, "--cpu-total", .doc = "time it took of the host's processors"),
  VC_FLAG (Domstats, balloon, "--balloon", .doc = "memory"),
  VC_FLAG (Domstats, vcpu, "--vcpu", .doc = "each of its processors"),
  VC_FLAG (Domstats, interface, "--interface", .doc = "network interfaces"),
  VC_FLAG (Domstats, block, "--block", .doc = "disks"),
  VC_ROW (Domstats, domains, char **, vc_type_domains, "[--domain] DOMAIN...",
          .doc = "name, UUID or number of a guest; without one all that are there"),
  { 0 },
};

static guint
find_flags (const Domstats *self)
{
  return (self->state ? VIRTCARD_STATS_STATE : 0u) | (self->cpu ? VIRTCARD_STATS_CPU : 0u)
         | (self->balloon ? VIRTCARD_STATS_BALLOON : 0u) | (self->vcpu ? VIRTCARD_STATS_VCPU : 0u)
         | (self->interface ? VIRTCARD_STATS_INTERFACE : 0u) | (self->block ? VIRTCARD_STATS_BLOCK : 0u);
}

static void
add_stats (GString *out, const VirtcardDomain *domain, GVariant *stats)
{
  GVariantIter at;
  const char *name;
  GVariant *value;

  g_string_append_printf (out, "Domain: '%s'\n", virtcard_domain_name (domain));
  g_variant_iter_init (&at, stats);
  while (g_variant_iter_loop (&at, "(&sv)", &name, &value))
    {
      g_autofree char *text = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
                                  ? g_variant_dup_string (value, NULL)
                              : g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)
                                  ? g_strdup (g_variant_get_boolean (value) ? "yes" : "no")
                                  : g_variant_print (value, FALSE);

      g_string_append_printf (out, "  %s=%s\n", name, text);
    }
  g_string_append_c (out, '\n');
}

static GPtrArray *
find_all (VirtcardConnect *connect, char *const *names, GError **error)
{
  g_autoptr (GPtrArray) domains = g_ptr_array_new_with_free_func ((GDestroyNotify) virtcard_domain_free);

  if (names == NULL)
    return virtcard_connect_list (connect, 0, error);
  for (; *names != NULL; names++)
    {
      VirtcardDomain *domain = virtcard_domain_find (connect, *names, error);

      if (domain == NULL)
        return NULL;
      g_ptr_array_add (domains, domain);
    }
  return g_steal_pointer (&domains);
}

static int
run (const VcCli *cli, gconstpointer data)
{
  const Domstats *self = data;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (VirtcardConnect) connect = vc_reach (cli);
  g_autoptr (GPtrArray) domains = NULL;
  g_autoptr (GError) error = NULL;

  if (connect == NULL)
    return VC_EXIT_FAILED;
  domains = find_all (connect, self->domains, &error);
  for (guint i = 0; domains != NULL && error == NULL && i < domains->len; i++)
    {
      g_autoptr (GVariant) stats = virtcard_domain_get_stats (domains->pdata[i], find_flags (self), &error);

      if (stats != NULL)
        add_stats (out, domains->pdata[i], stats);
    }
  if (error != NULL)
    {
      vc_say ("%s", error->message);
      return VC_EXIT_FAILED;
    }
  return vc_put (out->str) ? VC_EXIT_OK : VC_EXIT_FAILED;
}

const VcCommand vc_command_domstats = {
  .name = "domstats",
  .summary = "print numbers of guests",
  .about
  = "Prints what a guest has used, a number a line, with the names that virsh has for them. Without an "
    "option that names a group all are printed.",
  .options = options,
  .size = sizeof (Domstats),
  .connects = TRUE,
  .run = run,
};
