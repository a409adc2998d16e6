/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nsscheck/modules.h"

#include <dlfcn.h>
#include <pk11pub.h>
#include <secmod.h>
#include <string.h>
#include <winscard.h>

#include "nsscheck/text.h"

#define PCSC_LIBRARY "libpcsclite.so.1"

static VcJson *
look_at_slot (PK11SlotInfo *slot)
{
  VcJson *one = json_object ();
  gboolean present = PK11_IsPresent (slot);

  json_object_set_new (one, "name", text_json (PK11_GetSlotName (slot)));
  json_object_set_new (one, "removable", json_boolean (PK11_IsRemovable (slot)));
  json_object_set_new (one, "hardware", json_boolean (PK11_IsHW (slot)));
  json_object_set_new (one, "present", json_boolean (present));
  if (present)
    json_object_set_new (one, "token", text_json (PK11_GetTokenName (slot)));
  return one;
}

static VcJson *
look_at_module (SECMODModule *module)
{
  VcJson *one = json_object ();
  VcJson *slots = json_array ();

  json_object_set_new (one, "name", text_json (module->commonName));
  json_object_set_new (one, "library", text_json (module->dllName));
  json_object_set_new (one, "loaded", json_boolean (module->loaded));
  json_object_set_new (one, "slots", slots);
  for (int i = 0; module->loaded && i < module->slotCount; i++)
    json_array_append_new (slots, look_at_slot (module->slots[i]));
  return one;
}

/* The library is there only if a module brought it; then it is the very one the module uses. */
static VcJson *
look_at_pcsc (void)
{
  void *library = dlopen (PCSC_LIBRARY, RTLD_NOW | RTLD_NOLOAD);

  if (!library)
    return json_null ();

  typeof (&SCardEstablishContext) establish = dlsym (library, "SCardEstablishContext");
  typeof (&SCardListReaders) list = dlsym (library, "SCardListReaders");
  typeof (&SCardReleaseContext) release = dlsym (library, "SCardReleaseContext");
  typeof (&pcsc_stringify_error) words = dlsym (library, "pcsc_stringify_error");
  VcJson *pcsc = json_object ();
  VcJson *readers = json_array ();
  SCARDCONTEXT context;
  char names[16 * (MAX_READERNAME + 1)];
  DWORD len = sizeof names;
  LONG rv = SCARD_E_NO_SERVICE;

  if (establish && list && release)
    rv = establish (SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
  json_object_set_new (pcsc, "reachable", json_boolean (rv == SCARD_S_SUCCESS));
  if (rv != SCARD_S_SUCCESS && words)
    json_object_set_new (pcsc, "detail", text_json (words (rv)));
  json_object_set_new (pcsc, "readers", readers);
  if (rv == SCARD_S_SUCCESS)
    {
      if (list (context, NULL, names, &len) == SCARD_S_SUCCESS)
        for (const char *name = names; *name; name += strlen (name) + 1)
          json_array_append_new (readers, text_json (name));
      release (context);
    }
  dlclose (library);
  return pcsc;
}

static void
add_modules (VcJson *modules, SECMODModuleList *list)
{
  for (; list; list = list->next)
    if (!list->module->internal)
      json_array_append_new (modules, look_at_module (list->module));
}

VcJson *
modules_look (void)
{
  VcJson *result = json_object ();
  VcJson *modules = json_array ();
  SECMODListLock *lock = SECMOD_GetDefaultModuleListLock ();

  json_object_set_new (result, "modules", modules);
  SECMOD_GetReadLock (lock);
  add_modules (modules, SECMOD_GetDefaultModuleList ());
  add_modules (modules, SECMOD_GetDeadModuleList ()); /* those that could not be loaded */
  SECMOD_ReleaseReadLock (lock);
  json_object_set_new (result, "pcsc", look_at_pcsc ());
  return result;
}
