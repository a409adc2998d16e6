/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a guest for as long as it takes to look at it.
 *
 *   cc guest.c $(pkg-config --cflags --libs libvirtcard) -o guest
 *   ./guest qemu:///embed?root=/tmp/demo guest.xml
 */
#include <stdio.h>
#include <virtcard/virtcard.h>

static void
on_event (VirtcardConnect *connect, const VirtcardEvent *event, gpointer data)
{
  const char *detail;
  const char *words = virtcard_life_words (event->event, event->detail, &detail);

  printf ("%s: %s %s\n", event->name, words, detail);
  if (event->event == 5) /* stopped */
    g_main_loop_quit (data);
}

static gboolean
look_at (VirtcardDomain *domain, GError **error)
{
  const char *reason;
  int state, why;

  if (!virtcard_domain_get_state (domain, &state, &why, error))
    return FALSE;
  printf ("%s is %s", virtcard_domain_name (domain), virtcard_state_words (state, why, &reason));
  printf (" (%s)\n", reason);
  return virtcard_domain_destroy (domain, 0, error);
}

static gboolean
run (const char *uri, const char *xml, GError **error)
{
  g_autoptr (VirtcardConnect) connect = virtcard_connect_open (uri, 0, error);
  g_autoptr (VirtcardDomain) domain = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  if (connect == NULL
      || virtcard_connect_listen (connect, VIRTCARD_EVENT_LIFECYCLE, NULL, on_event, loop, error) == 0)
    return FALSE;
  domain = virtcard_domain_create (connect, xml, VIRTCARD_START_PAUSED, error);
  if (domain == NULL || !look_at (domain, error))
    return FALSE;
  g_main_loop_run (loop);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = NULL;

  if (argc != 3)
    {
      fprintf (stderr, "usage: guest URI FILE\n");
      return 2;
    }
  if (g_file_get_contents (argv[2], &xml, NULL, &error) && run (argv[1], xml, &error))
    return 0;
  fprintf (stderr, "%s\n", error->message);
  return 1;
}
