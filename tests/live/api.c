/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <virtcard/virtcard.h>

/* libvirtcard as programs use it: api ROOT FILE.  FILE describes a guest 'guest' that can be started. */

static char *uri;
static char *xml;

static VirtcardConnect *
open_it (guint flags)
{
  g_autoptr (GError) error = NULL;
  VirtcardConnect *connect = virtcard_connect_open (uri, flags, &error);

  g_assert_no_error (error);
  g_assert_true (virtcard_connect_is_alive (connect));
  return connect;
}

static VirtcardDomain *
create (VirtcardConnect *connect, guint flags)
{
  g_autoptr (GError) error = NULL;
  VirtcardDomain *domain = virtcard_domain_create (connect, xml, flags, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (virtcard_domain_name (domain), ==, "guest");
  return domain;
}

static void
assert_state (VirtcardDomain *domain, int want)
{
  g_autoptr (GError) error = NULL;
  int state = 0, reason = -1;

  virtcard_domain_get_state (domain, &state, &reason, &error);
  g_assert_no_error (error);
  g_assert_cmpint (state, ==, want);
  g_assert_cmpint (reason, >=, 0);
}

static void
assert_listed (VirtcardConnect *connect, guint flags, guint want)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) domains = virtcard_connect_list (connect, flags, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (domains->len, ==, want);
  if (want > 0)
    g_assert_cmpstr (virtcard_domain_name (domains->pdata[0]), ==, "guest");
}

static void
destroy (VirtcardDomain *domain)
{
  g_autoptr (GError) error = NULL;

  virtcard_domain_destroy (domain, 0, &error);
  g_assert_no_error (error);
}

/* Facts */

static void
assert_stats (VirtcardDomain *domain)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) stats = virtcard_domain_get_stats (domain, VIRTCARD_STATS_STATE, &error);
  g_autoptr (GVariant) value = NULL;
  const char *name;

  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_type_string (stats), ==, "a(sv)");
  g_variant_get_child (stats, 0, "(&sv)", &name, &value);
  g_assert_cmpstr (name, ==, "state.state");
  g_assert_cmpint (g_variant_get_int32 (value), ==, VIRTCARD_STATE_PAUSED);
}

static void
assert_info (VirtcardDomain *domain)
{
  g_autoptr (GError) error = NULL;
  VirtcardDomainInfo info;

  virtcard_domain_get_info (domain, &info, &error);
  g_assert_no_error (error);
  g_assert_cmpint (info.state, ==, VIRTCARD_STATE_PAUSED);
  g_assert_cmpuint (info.vcpus, ==, 1);
  g_assert_cmpuint (info.max_memory_kib, ==, 256 * 1024);
  g_assert_cmpstr (info.os_type, ==, "hvm");
  g_assert_true (info.is_active);
  g_assert_false (info.is_persistent);
  g_assert_false (info.has_autostart);
}

static void
test_facts (void)
{
  g_autoptr (VirtcardConnect) connect = open_it (0);
  g_autoptr (VirtcardDomain) domain = create (connect, VIRTCARD_START_PAUSED);
  g_autoptr (VirtcardDomain) by_id = NULL, by_uuid = NULL, by_text = NULL;
  g_autofree char *id = g_strdup_printf ("%d", virtcard_domain_id (domain));
  g_autofree char *text = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *host = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (virtcard_connect_uri (connect), ==, uri);
  g_assert_null (virtcard_connect_warnings (connect)[0]);
  assert_state (domain, VIRTCARD_STATE_PAUSED);
  assert_info (domain);
  assert_stats (domain);
  assert_listed (connect, 0, 1);
  assert_listed (connect, VIRTCARD_LIST_PAUSED | VIRTCARD_LIST_TRANSIENT, 1);
  assert_listed (connect, VIRTCARD_LIST_INACTIVE, 0);
  by_id = virtcard_domain_find_id (connect, virtcard_domain_id (domain), NULL);
  by_uuid = virtcard_domain_find_uuid (connect, virtcard_domain_uuid (domain), NULL);
  by_text = virtcard_domain_find (connect, id, NULL);
  g_assert_cmpstr (virtcard_domain_name (by_id), ==, "guest");
  g_assert_cmpstr (virtcard_domain_uuid (by_uuid), ==, virtcard_domain_uuid (by_text));
  text = virtcard_domain_get_xml (domain, 0, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (text, "<name>guest</name>"));
  answer = virtcard_domain_monitor (domain, "{\"execute\": \"query-name\"}", FALSE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (answer, "\"return\""));
  host = virtcard_connect_get_capabilities (connect, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (host, "<capabilities>"));
  destroy (domain);
}

/* Errors can be told apart. */
static void
test_errors (void)
{
  g_autoptr (VirtcardConnect) connect = open_it (0);
  g_autoptr (VirtcardDomain) domain = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (virtcard_domain_find (connect, "nobody", &error));
  g_assert_error (error, VIRTCARD_ERROR, VIRTCARD_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (virtcard_domain_find_uuid (connect, "nobody", &error));
  g_assert_error (error, VIRTCARD_ERROR, VIRTCARD_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (virtcard_domain_define (connect, "<domain type='qemu'/>", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (virtcard_domain_restore (connect, "relative", 0, &error));
  g_assert_error (error, VIRTCARD_ERROR, VIRTCARD_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (virtcard_connect_open ("qemu+tcp://host/system", 0, &error));
  g_assert_error (error, VIRTCARD_ERROR, VIRTCARD_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_null (virtcard_connect_open (uri, 64, &error));
  g_assert_error (error, VIRTCARD_ERROR, VIRTCARD_ERROR_INVALID);
  g_clear_error (&error);
  domain = create (connect, VIRTCARD_START_PAUSED);
  g_assert_false (virtcard_domain_start (domain, 0, &error));
  g_assert_error (error, VIRTCARD_ERROR, VIRTCARD_ERROR_STATE);
  destroy (domain);
  g_clear_error (&error);
  g_assert_false (virtcard_domain_suspend (domain, &error));
  g_assert_error (error, VIRTCARD_ERROR, VIRTCARD_ERROR_NOT_FOUND);
}

/* Who may only look. */
static void
test_read_only (void)
{
  g_autoptr (VirtcardConnect) connect = open_it (VIRTCARD_CONNECT_READ_ONLY);
  g_autoptr (GError) error = NULL;

  assert_listed (connect, 0, 0);
  g_assert_null (virtcard_domain_define (connect, xml, &error));
  g_assert_error (error, VIRTCARD_ERROR, VIRTCARD_ERROR_DENIED);
  g_clear_error (&error);
  g_assert_null (virtcard_domain_create (connect, xml, 0, &error));
  g_assert_error (error, VIRTCARD_ERROR, VIRTCARD_ERROR_DENIED);
  assert_listed (connect, 0, 0);
}

/* Connections come and go, guests stay, unless they were to go. */
static void
test_outlives (void)
{
  VirtcardConnect *connect = open_it (0);
  g_autoptr (VirtcardDomain) domain = create (connect, VIRTCARD_START_PAUSED);
  g_autoptr (VirtcardDomain) found = NULL;
  g_autoptr (GError) error = NULL;
  int state;

  virtcard_connect_close (connect);
  g_assert_false (virtcard_domain_get_state (domain, &state, NULL, &error));
  g_assert_error (error, VIRTCARD_ERROR, VIRTCARD_ERROR_GONE);
  g_clear_error (&error);
  connect = open_it (0);
  found = virtcard_domain_find (connect, "guest", &error);
  g_assert_no_error (error);
  assert_state (found, VIRTCARD_STATE_PAUSED);
  g_assert_cmpint (virtcard_domain_id (found), ==, virtcard_domain_id (domain));
  destroy (found);
  assert_listed (connect, 0, 0);
  virtcard_connect_close (connect);
}

static void
test_autodestroy (void)
{
  VirtcardConnect *connect = open_it (0);
  g_autoptr (VirtcardDomain) domain = create (connect, VIRTCARD_START_PAUSED | VIRTCARD_START_AUTODESTROY);

  assert_state (domain, VIRTCARD_STATE_PAUSED);
  virtcard_connect_close (connect);
  connect = open_it (0);
  assert_listed (connect, 0, 0);
  virtcard_connect_close (connect);
}

/* Events */

typedef struct
{
  VirtcardDomain *domain;
  int events[8];
  guint n;
  gboolean is_in_call;
} Heard;

static void
on_event (VirtcardConnect *connect, const VirtcardEvent *event, gpointer data)
{
  Heard *heard = data;

  g_assert_false (heard->is_in_call);
  g_assert_cmpuint (heard->n, <, G_N_ELEMENTS (heard->events));
  g_assert_cmpint (event->kind, ==, VIRTCARD_EVENT_LIFECYCLE);
  g_assert_cmpstr (event->name, ==, "guest");
  heard->events[heard->n++] = event->event;
  if (event->event == 4) /* resumed: calls can be made from here */
    assert_state (heard->domain, VIRTCARD_STATE_RUNNING);
}

static void
until (const Heard *heard, guint n)
{
  while (heard->n < n)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_events (void)
{
  g_autoptr (VirtcardConnect) connect = open_it (0);
  g_autoptr (VirtcardDomain) domain = create (connect, VIRTCARD_START_PAUSED);
  g_autoptr (GError) error = NULL;
  Heard heard = { .domain = domain };
  guint number
      = virtcard_connect_listen (connect, VIRTCARD_EVENT_LIFECYCLE, domain, on_event, &heard, &error);

  g_assert_no_error (error);
  heard.is_in_call = TRUE;
  virtcard_domain_resume (domain, &error);
  g_assert_no_error (error);
  heard.is_in_call = FALSE;
  until (&heard, 1);
  g_assert_cmpint (heard.events[0], ==, 4);
  virtcard_domain_suspend (domain, &error);
  g_assert_no_error (error);
  until (&heard, 2);
  g_assert_cmpint (heard.events[1], ==, 3);
  virtcard_connect_unlisten (connect, number);
  destroy (domain);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (heard.n, ==, 2);
  g_assert_cmpuint (virtcard_connect_listen (connect, (VirtcardEventKind) 77, NULL, on_event, NULL, &error),
                    ==, 0);
  g_assert_error (error, VIRTCARD_ERROR, VIRTCARD_ERROR_INVALID);
}

/* The guest says "hi", and then what it is told. */
static void
hear (int fd, const char *want)
{
  g_autoptr (GString) got = g_string_new (NULL);

  while (got->len < strlen (want))
    {
      char buffer[64];
      gssize n = read (fd, buffer, sizeof buffer);

      if (n < 0 && errno == EAGAIN)
        g_main_context_iteration (NULL, TRUE);
      else
        g_assert_cmpint (n, >, 0);
      if (n > 0)
        g_string_append_len (got, buffer, n);
    }
  g_assert_cmpstr (got->str, ==, want);
}

static void
test_console (void)
{
  g_autoptr (VirtcardConnect) connect = open_it (0);
  g_autoptr (VirtcardDomain) domain = create (connect, VIRTCARD_START_PAUSED);
  g_autoptr (GError) error = NULL;
  char buffer[1];
  int fd = virtcard_domain_open_console (domain, NULL, 0, &error);

  g_assert_no_error (error);
  virtcard_domain_resume (domain, &error);
  g_assert_no_error (error);
  hear (fd, "hi");
  g_assert_cmpint (write (fd, "echo", 4), ==, 4);
  hear (fd, "echo");
  g_assert_cmpint (virtcard_domain_open_console (domain, "nothing0", 0, &error), ==, -1);
  g_assert_nonnull (error);
  destroy (domain);
  while (read (fd, buffer, 1) < 0)
    g_main_context_iteration (NULL, TRUE);
  close (fd);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 3);
  uri = g_strdup_printf ("qemu:///embed?root=%s", argv[1]);
  g_assert_true (g_file_get_contents (argv[2], &xml, NULL, NULL));
  g_test_add_func ("/api/facts", test_facts);
  g_test_add_func ("/api/errors", test_errors);
  g_test_add_func ("/api/read-only", test_read_only);
  g_test_add_func ("/api/outlives", test_outlives);
  g_test_add_func ("/api/autodestroy", test_autodestroy);
  g_test_add_func ("/api/events", test_events);
  g_test_add_func ("/api/console", test_console);
  status = g_test_run ();
  g_free (uri);
  g_free (xml);
  return status;
}
