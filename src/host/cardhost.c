/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/cardhost.h"

#include "base/error.h"
#include "host/nss.h"
#include "host/reach.h"

#define PCSC_SOCKET "/run/pcscd/pcscd.comm"

/* What all modules together have. */
typedef struct
{
  guint modules;
  guint loaded;
  guint slots;
  guint usable;          /* slots that are removable and hardware: QEMU takes no others */
  guint with_card;       /* … and hold a card                                           */
  const char *lost_name; /* a module that cannot be loaded                              */
  const char *lost_library;
  const char *slot_name; /* an unusable slot                                            */
  const char *slot_module;
} Found;

static void
count_slot (Found *found, const VcJson *slot, const char *module)
{
  gboolean removable = FALSE, hardware = FALSE, present = FALSE;

  vc_json_bool (slot, "removable", &removable);
  vc_json_bool (slot, "hardware", &hardware);
  vc_json_bool (slot, "present", &present);
  found->slots++;
  if (removable && hardware)
    {
      found->usable++;
      found->with_card += present;
      return;
    }
  found->slot_name = vc_json_str (slot, "name");
  found->slot_module = module;
}

static Found
count (const VcJson *modules)
{
  Found found = { 0 };
  size_t i, j;
  VcJson *module, *slot;

  json_array_foreach (modules, i, module)
  {
    const char *name = vc_json_str (module, "name");
    gboolean loaded = FALSE;

    found.modules++;
    vc_json_bool (module, "loaded", &loaded);
    found.loaded += loaded;
    if (!loaded)
      {
        found.lost_name = name;
        found.lost_library = vc_json_str (module, "library");
      }
    json_array_foreach (vc_json_get (module, "slots"), j, slot) count_slot (&found, slot, name);
  }
  return found;
}

static const char *
text_or (const char *text, const char *other)
{
  return text ? text : other;
}

/* A module brought the PC/SC library along: is there a daemon behind it, and a reader? */
static gboolean
check_pcsc (const VcJson *pcsc, const VcUser *user, GError **error)
{
  const char *name = g_getenv ("PCSCLITE_CSOCK_NAME");
  const char *socket = name && g_path_is_absolute (name) ? name : PCSC_SOCKET;
  gboolean reachable = FALSE;
  g_autoptr (GError) why = NULL;

  vc_json_bool (pcsc, "reachable", &reachable);
  if (reachable && json_array_size (vc_json_get (pcsc, "readers")) > 0)
    return TRUE;
  if (reachable)
    return vc_fail (error, VC_ERROR_NOT_FOUND, "the PC/SC daemon has no card reader");
  if (!vc_reach_check_one (user, socket, VC_REACH_CONNECT, NULL, &why))
    return vc_fail (error, VC_ERROR_FAILED, "the PC/SC daemon cannot be reached (is pcscd running?): %s",
                    why->message);
  return vc_fail (error, VC_ERROR_FAILED, "the PC/SC daemon at '%s' does not answer user %s: %s", socket,
                  user->name, text_or (vc_json_str (pcsc, "detail"), "no reason given"));
}

static gboolean
fail_unusable (const Found *found, const char *database, const VcJson *pcsc, const VcUser *user,
               GError **error)
{
  if (found->modules == 0)
    return vc_fail (
        error, VC_ERROR_NOT_FOUND,
        "database '%s' has no PKCS#11 module for card readers (add one with 'modutil -dbdir sql:%s "
        "-add OpenSC -libfile opensc-pkcs11.so')",
        database, database);
  if (found->loaded == 0)
    return vc_fail (error, VC_ERROR_FAILED, "PKCS#11 module '%s' of database '%s' cannot be loaded from '%s'",
                    text_or (found->lost_name, ""), database, text_or (found->lost_library, ""));
  if (json_is_object (pcsc) && !check_pcsc (pcsc, user, error))
    return FALSE;
  if (found->slots == 0)
    return vc_fail (error, VC_ERROR_NOT_FOUND, "no PKCS#11 module of database '%s' has a slot", database);
  return vc_fail (
      error, VC_ERROR_UNSUPPORTED,
      "no PKCS#11 module of database '%s' has a slot that is removable and hardware, and QEMU takes "
      "no others (slot '%s' of module '%s' is not)",
      database, text_or (found->slot_name, ""), text_or (found->slot_module, ""));
}

gboolean
vc_cardhost_check (const char *database, const VcUser *user, const char *helper, GPtrArray *warnings,
                   GError **error)
{
  g_autoptr (json_t) answer = vc_nss_find_modules (database, user, helper, error);

  if (!answer)
    return vc_prefix (error, "smartcard mode 'host': ");

  Found found = count (vc_json_get (answer, "modules"));

  if (found.usable == 0)
    {
      fail_unusable (&found, database, vc_json_get (answer, "pcsc"), user, error);
      return vc_prefix (error, "smartcard mode 'host': ");
    }
  if (found.loaded < found.modules)
    g_ptr_array_add (
        warnings,
        g_strdup_printf (
            "smartcard mode 'host': PKCS#11 module '%s' of database '%s' cannot be loaded from '%s'",
            text_or (found.lost_name, ""), database, text_or (found.lost_library, "")));
  if (found.usable > 1)
    g_ptr_array_add (warnings,
                     g_strdup_printf ("smartcard mode 'host': there are %u readers, and QEMU shows the "
                                      "guest only the one that is announced last",
                                      found.usable));
  if (found.with_card == 0)
    g_ptr_array_add (warnings,
                     g_strdup ("smartcard mode 'host': the reader is empty; the guest sees a card when "
                               "one is put in"));
  return TRUE;
}
