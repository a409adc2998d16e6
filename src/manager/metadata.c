/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "manager/internal.h"
#include "xml/space.h"

static char **
find_member (VcDomain *domain, VcMetadata what)
{
  return what == VC_METADATA_TITLE         ? &domain->title
         : what == VC_METADATA_DESCRIPTION ? &domain->description
                                           : &domain->metadata;
}

char *
vc_guest_get_metadata (const VcGuest *guest, VcMetadata what, const char *uri, VcGuestPart part,
                       GError **error)
{
  const VcDomain *domain = vc_guest_domain (guest, part, error);
  const char *text;

  if (domain == NULL)
    return NULL;
  text = *find_member ((VcDomain *) domain, what);
  if (what == VC_METADATA_ELEMENT)
    return vc_space_get (text, uri != NULL ? uri : "", error);
  if (text == NULL)
    return vc_fail_null (error, VC_ERROR_NOT_FOUND, "the domain has no %s",
                         what == VC_METADATA_TITLE ? "title" : "description");
  return g_strdup (text);
}

/* It is to be written into a file that can be read again: XML has no way to hold the other characters. */
static gboolean
check_text (const char *text, GError **error)
{
  const char *at;

  if (text == NULL)
    return TRUE;
  if (!g_utf8_validate (text, -1, NULL))
    return vc_fail (error, VC_ERROR_INVALID, "metadata is not UTF-8");
  for (at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0xfffe || c == 0xffff)
        return vc_fail (error, VC_ERROR_INVALID, "metadata cannot hold the character U+%04X", c);
    }
  return TRUE;
}

/* The new value in *ret_value, which may be NULL. */
static gboolean
make (const VcDomain *domain, VcMetadata what, const char *text, const char *key, const char *uri,
      char **ret_value, GError **error)
{
  const char *now = *find_member ((VcDomain *) domain, what);

  if (!check_text (text, error) || !check_text (uri, error))
    return FALSE;
  if (what == VC_METADATA_ELEMENT)
    {
      *ret_value = vc_space_set (now, "metadata", uri != NULL ? uri : "", key, text, error);
      return *ret_value != NULL;
    }
  if (what == VC_METADATA_TITLE && text != NULL && strchr (text, '\n') != NULL)
    return vc_fail (error, VC_ERROR_INVALID, "a title cannot hold a new line");
  *ret_value = text != NULL && *text != '\0' ? g_strdup (text) : NULL;
  return TRUE;
}

static void
swap (char **a, char **b)
{
  char *kept = *a;

  *a = *b;
  *b = kept;
}

/* What is to be written, beside what is there. */
typedef struct
{
  char **config, *new_config; /* the member, and what comes into it; then what was in it */
  char **live, *new_live;
  char *text, *draft; /* of the definition */
} Change;

static void
change_clear (Change *self)
{
  if (self->draft != NULL)
    unlink (self->draft);
  g_free (self->draft);
  g_free (self->text);
  g_free (self->new_config);
  g_free (self->new_live);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

static gboolean
prepare_config (Change *self, VcGuest *guest, VcMetadata what, GError **error)
{
  VcDescription *config = vc_config_get (guest, error);

  if (config == NULL)
    return FALSE;
  self->config = find_member (config->domain, what);
  swap (self->config, &self->new_config);
  self->text = vc_domain_print (config->domain, VC_PRINT_INACTIVE);
  self->draft = vc_store_draft (guest->manager, config->domain, self->text, error);
  return self->draft != NULL;
}

static gboolean
prepare_live (Change *self, VcGuest *guest, VcMetadata what, GError **error)
{
  self->live = find_member (guest->live->domain, what);
  swap (self->live, &self->new_live);
  return vc_status_write (guest, error);
}

/* The last step needs no room on the disk. */
static gboolean
commit (Change *self, VcGuest *guest, GError **error)
{
  g_autofree char *draft = g_steal_pointer (&self->draft);

  if (draft == NULL)
    return TRUE;
  if (!vc_store_commit (guest->manager, guest->name, draft, error))
    return FALSE;
  swap (&guest->text, &self->text);
  guest->edition++;
  return TRUE;
}

static void
undo (Change *self, VcGuest *guest)
{
  if (self->config != NULL)
    swap (self->config, &self->new_config);
  if (self->live == NULL)
    return;
  swap (self->live, &self->new_live);
  vc_status_write (guest, NULL);
}

gboolean
vc_guest_set_metadata (VcGuest *guest, VcMetadata what, const char *text, const char *key, const char *uri,
                       guint part, GError **error)
{
  const VcDomain *live = NULL, *config = NULL;
  g_auto (Change) change = { 0 };
  VcEvent event = { .kind = VC_EVENT_METADATA_CHANGE,
                    .name = guest->name,
                    .uuid = guest->uuid,
                    .id = vc_guest_id (guest),
                    .event = (int) what,
                    .text = uri };

  if (part == VC_GUEST_CURRENT)
    part = guest->live != NULL ? VC_GUEST_LIVE : VC_GUEST_CONFIG;
  /* Everything that can be refused comes first. */
  if (((part & VC_GUEST_LIVE) != 0
       && ((live = vc_guest_domain (guest, VC_GUEST_LIVE, error)) == NULL
           || !make (live, what, text, key, uri, &change.new_live, error)))
      || ((part & VC_GUEST_CONFIG) != 0
          && ((config = vc_guest_domain (guest, VC_GUEST_CONFIG, error)) == NULL
              || !make (config, what, text, key, uri, &change.new_config, error))))
    return FALSE;
  if ((config != NULL && !prepare_config (&change, guest, what, error))
      || (live != NULL && !prepare_live (&change, guest, what, error)) || !commit (&change, guest, error))
    {
      undo (&change, guest);
      return FALSE;
    }
  vc_later_event (guest->manager, &event);
  return TRUE;
}
