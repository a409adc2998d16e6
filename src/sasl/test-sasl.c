/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <malloc.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/error.h"
#include "sasl/caller.h"
#include "sasl/users.h"

static char *folder, *database;

static char *
give_name (gpointer data, GError **error)
{
  const char *const *both = data;

  if (both[0] == NULL)
    vc_fail (error, VC_ERROR_DENIED, "nobody says who it is");
  return g_strdup (both[0]);
}

static char *
give_password (const char *name, gpointer data, GError **error)
{
  const char *const *both = data;

  g_assert_cmpstr (name, ==, both[0]);
  if (both[1] == NULL)
    vc_fail (error, VC_ERROR_DENIED, "nobody says its password");
  return g_strdup (both[1]);
}

typedef struct
{
  VcSaslStep server, caller;
  guint n_said; /* how often the server has answered */
  GError *server_why, *caller_why;
  char *user;
} Result;

static void
clear (Result *result)
{
  g_clear_error (&result->server_why);
  g_clear_error (&result->caller_why);
  g_free (result->user);
}

/* Nothing is NULL, and "" is not. */
static const guint8 *
data_of (GBytes *bytes, gsize *ret_len)
{
  *ret_len = bytes != NULL ? g_bytes_get_size (bytes) : 0;
  if (bytes != NULL && *ret_len == 0)
    return (const guint8 *) "";
  return bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL;
}

/* Both ends, until one has had enough. */
static Result
try (const char *name, const char *password, const char *mechanisms)
{
  const char *both[] = { name, password };
  VcSaslQuestion question = { "localhost", 256, TRUE, give_name, give_password, both };
  g_autoptr (GError) error = NULL;
  g_autoptr (VcSaslServer) server = vc_sasl_server_new (256, &error);
  g_autoptr (VcSaslCaller) caller = vc_sasl_caller_new (&question, &error);
  g_autoptr (GBytes) words = NULL;
  g_autoptr (GBytes) answer = NULL;
  const char *mechanism = NULL;
  Result result = { VC_SASL_MORE, VC_SASL_MORE, 0, NULL, NULL, NULL };
  gsize len;

  g_assert_no_error (error);
  result.caller
      = vc_sasl_caller_start (caller, mechanisms != NULL ? mechanisms : vc_sasl_server_mechanisms (server),
                              &mechanism, &words, &result.caller_why);
  while (result.caller != VC_SASL_FAILED && result.server == VC_SASL_MORE)
    {
      const guint8 *bytes = data_of (words, &len);

      g_clear_pointer (&answer, g_bytes_unref);
      result.server = result.n_said++ == 0
                          ? vc_sasl_server_start (server, mechanism, bytes, len, &answer, &result.server_why)
                          : vc_sasl_server_step (server, bytes, len, &answer, &result.server_why);
      if (result.server == VC_SASL_FAILED || (result.server == VC_SASL_DONE && result.caller == VC_SASL_DONE))
        break;
      g_clear_pointer (&words, g_bytes_unref);
      bytes = data_of (answer, &len);
      result.caller = vc_sasl_caller_step (caller, bytes, len, &words, &result.caller_why);
    }
  if (result.server == VC_SASL_DONE)
    result.user = g_strdup (vc_sasl_server_user (server));
  return result;
}

static void
assert_in (const char *name, const char *password, const char *mechanisms)
{
  Result result = try (name, password, mechanisms);

  g_assert_no_error (result.server_why);
  g_assert_no_error (result.caller_why);
  g_assert_cmpint (result.server, ==, VC_SASL_DONE);
  g_assert_cmpint (result.caller, ==, VC_SASL_DONE);
  g_assert_cmpstr (result.user, ==, name);
  clear (&result);
}

/* Returns: how often the server answered until it said no. */
static guint
assert_out (const char *name, const char *password, const char *mechanisms)
{
  Result result = try (name, password, mechanisms);
  guint n = result.n_said;

  g_assert_cmpint (result.server, ==, VC_SASL_FAILED);
  g_assert_nonnull (result.server_why);
  g_assert_null (result.user);
  clear (&result);
  return n;
}

static void
test_in (void)
{
  assert_in ("fred", "secret", NULL);
  assert_in ("fred", "secret", "PLAIN");
  assert_in ("fred", "secret", "SCRAM-SHA-256");
  assert_in ("jörg", "\xc3\xbc\xc3\xa4 ,=", NULL);
}

/* Whoever does not exist fails where a wrong password does. */
static void
test_alike (void)
{
  static const char *const mechanisms[] = { "SCRAM-SHA-256", "PLAIN", "DIGEST-MD5" };

  for (guint i = 0; i < G_N_ELEMENTS (mechanisms); i++)
    {
      guint wrong = assert_out ("fred", "geheim", mechanisms[i]);
      guint unknown = assert_out ("nobody", "geheim", mechanisms[i]);
      Result a = try ("fred", "geheim", mechanisms[i]), b = try ("nobody", "geheim", mechanisms[i]);

      g_assert_cmpuint (wrong, ==, unknown);
      g_assert_cmpstr (a.server_why->message, ==,
                       "user 'fred': authentication failure"); /* the log knows more */
      g_assert_cmpstr (b.server_why->message, ==, "there is no user 'nobody'");
      clear (&a);
      clear (&b);
    }
  g_assert_cmpuint (assert_out ("fred", "geheim", "SCRAM-SHA-256"), ==, 2);
  assert_out ("fred@elsewhere", "secret", NULL);
}

/* What the server says first to one who exists, and to one who does not, looks the same, and does so every
 * time. */
static void
test_first_answer (void)
{
  const char *names[] = { "fred", "nobody", "fred", "nobody" };
  gsize lens[4];
  g_auto (GStrv) salts = g_new0 (char *, 5);

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VcSaslServer) server = vc_sasl_server_new (256, &error);
      g_autofree char *first = g_strdup_printf ("n,,n=%s,r=abcdefghijklmnop", names[i]);
      g_autoptr (GBytes) answer = NULL;
      g_auto (GStrv) parts = NULL;
      g_autofree char *text = NULL;

      g_assert_cmpint (vc_sasl_server_start (server, "SCRAM-SHA-256", (const guint8 *) first, strlen (first),
                                             &answer, &error),
                       ==, VC_SASL_MORE);
      text = g_strndup (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer));
      parts = g_strsplit (text, ",", -1);
      lens[i] = strlen (parts[1]);
      g_assert_cmpuint (g_strv_length (parts), ==, 3);
      g_assert_true (g_str_has_prefix (parts[1], "s="));
      g_assert_cmpstr (parts[2], ==, "i=4096");
      salts[i] = g_strdup (parts[1]);
    }
  for (guint i = 1; i < 4; i++)
    g_assert_cmpuint (lens[i], ==, lens[0]);
  g_assert_cmpstr (salts[0], ==, salts[2]);
  g_assert_cmpstr (salts[1], ==, salts[3]);
  g_assert_cmpstr (salts[0], !=, salts[1]);
}

/* Nanoseconds of this thread that the server takes to say no. */
static gint64
measure (const char *name)
{
  g_autofree char *first = g_strdup_printf ("n,,n=%s,r=abcdefghijklmnop", name);
  g_autoptr (GError) error = NULL;
  g_autoptr (VcSaslServer) server = vc_sasl_server_new (256, &error);
  g_autoptr (GBytes) answer = NULL;
  g_autofree char *second = NULL;
  struct timespec before, after;
  GBytes *none = NULL;
  const char *text;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &before);
  g_assert_cmpint (
      vc_sasl_server_start (server, "SCRAM-SHA-256", (const guint8 *) first, strlen (first), &answer, &error),
      ==, VC_SASL_MORE);
  text = g_bytes_get_data (answer, NULL);
  second = g_strdup_printf (
      "c=biws,%.*s,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", (int) strcspn (text, ","), text);
  g_assert_cmpint (vc_sasl_server_step (server, (const guint8 *) second, strlen (second), &none, &error), ==,
                   VC_SASL_FAILED);
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &after);
  return (after.tv_sec - before.tv_sec) * G_GINT64_CONSTANT (1000000000) + after.tv_nsec - before.tv_nsec;
}

/* The same work is done for both: without an invented password it is a hundredth for who is not there. */
static void
test_work (void)
{
  gint64 wrong = G_MAXINT64, unknown = G_MAXINT64;

  for (guint i = 0; i < 20; i++)
    {
      wrong = MIN (wrong, measure ("fred"));
      unknown = MIN (unknown, measure ("nobody"));
    }
  g_test_message ("a wrong password takes %" G_GINT64_FORMAT " us, an unknown user %" G_GINT64_FORMAT,
                  wrong / 1000, unknown / 1000);
  g_assert_cmpint (unknown, <, wrong * 3);
  g_assert_cmpint (wrong, <, unknown * 3);
}

static void
test_order (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VcSaslServer) server = vc_sasl_server_new (0, &error);
  GBytes *answer = NULL;

  g_assert_cmpint (vc_sasl_server_step (server, (const guint8 *) "x", 1, &answer, &error), ==,
                   VC_SASL_FAILED);
  g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
  g_clear_error (&error);
  g_assert_cmpint (vc_sasl_server_start (server, "ANONYMOUS", (const guint8 *) "x", 1, &answer, &error), ==,
                   VC_SASL_FAILED);
  g_assert_cmpstr (error->message, ==, "it wants a mechanism that was not offered");
  g_clear_error (&error);
  g_assert_cmpint (vc_sasl_server_start (server, "PLAIN", NULL, 0, &answer, &error), ==, VC_SASL_MORE);
  g_clear_pointer (&answer, g_bytes_unref);
  g_assert_cmpint (vc_sasl_server_start (server, "PLAIN", NULL, 0, &answer, &error), ==, VC_SASL_FAILED);
}

static void
test_questions (void)
{
  Result result = try (NULL, NULL, NULL);

  g_assert_cmpstr (result.caller_why->message, ==, "nobody says who it is");
  clear (&result);
  result = try ("fred", NULL, NULL);
  g_assert_cmpstr (result.caller_why->message, ==, "nobody says its password");
  clear (&result);
  result = try ("fred", "secret", "ANONYMOUS,X-NONE");
  g_assert_error (result.caller_why, VC_ERROR, VC_ERROR_UNSUPPORTED);
  clear (&result);
}

/* Who says nonsense is not believed, and it is said what failed. */
static void
test_nonsense (void)
{
  const char *both[] = { "fred", "secret" };
  VcSaslQuestion question = { "localhost", 256, TRUE, give_name, give_password, both };
  g_autoptr (GError) error = NULL;
  g_autoptr (VcSaslCaller) caller = vc_sasl_caller_new (&question, &error);
  g_autoptr (GBytes) words = NULL;
  g_autoptr (GBytes) more = NULL;
  const char *mechanism = NULL;

  g_assert_cmpint (vc_sasl_caller_start (caller, "SCRAM-SHA-256", &mechanism, &words, &error), ==,
                   VC_SASL_MORE);
  g_assert_cmpint (vc_sasl_caller_step (caller, (const guint8 *) "r=,s", 4, &more, &error), ==,
                   VC_SASL_FAILED);
  g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
  g_assert_true (g_str_has_prefix (error->message, "logging in failed: "));
}

/* The password itself is shown to nobody who may be somebody else. */
static void
test_unsure (void)
{
  const char *both[] = { "fred", "secret" };
  VcSaslQuestion question = { "localhost", 256, FALSE, give_name, give_password, both };
  g_autoptr (GError) error = NULL;
  g_autoptr (VcSaslCaller) caller = vc_sasl_caller_new (&question, &error);
  g_autoptr (GBytes) words = NULL;
  const char *mechanism = NULL;

  g_assert_cmpint (vc_sasl_caller_start (caller, "PLAIN", &mechanism, &words, &error), ==, VC_SASL_FAILED);
  g_assert_error (error, VC_ERROR, VC_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "need a verified server"));
}

static void
test_users (void)
{
  g_autofree char *path = g_build_filename (folder, "a", "b", "users.db", NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = vc_sasl_users_list (path, &error);
  g_autofree char *all = NULL;
  GStatBuf st;

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (names), ==, 0);
  g_assert_true (vc_sasl_users_set (path, "b", "x", 1, FALSE, &error));
  g_assert_true (vc_sasl_users_set (path, "a", "y", 1, FALSE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0600);
  g_assert_false (vc_sasl_users_set (path, "a", "y", 1, FALSE, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_true (vc_sasl_users_set (path, "a", "z", 1, TRUE, &error));
  g_strfreev (names);
  names = vc_sasl_users_list (path, &error);
  all = g_strjoinv (" ", names);
  g_assert_cmpstr (all, ==, "a b");
  g_assert_true (vc_sasl_users_remove (path, "a", &error));
  g_assert_false (vc_sasl_users_remove (path, "a", &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
  g_clear_error (&error);
  for (const char *const *bad
       = (const char *const[]){ "", "-x", "a b", "a@b", "a\nb", "*", "a:b", "a'b", NULL };
       *bad != NULL; bad++)
    {
      g_assert_false (vc_sasl_users_set (path, *bad, "x", 1, TRUE, &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
      g_clear_error (&error);
    }
  g_assert_false (vc_sasl_users_set (path, "c", "", 0, TRUE, NULL));
  g_assert_false (vc_sasl_users_set (path, "c", "a\nb", 3, TRUE, NULL));
}

/* Whoever names somebody who cannot be leaves no memory behind. */
static void
test_long_names (void)
{
  static const char *const mechanisms[] = { "PLAIN", "SCRAM-SHA-256" };
  g_autofree char *name = g_strnfill (1500, 'a');
  g_autofree char *plain = g_strdup_printf ("x%sx%s", name, "secret");
  g_autofree char *scram = g_strdup_printf ("n,,n=%s,r=0123456789abcdef", name);
  gsize before = 0;

  plain[0] = plain[1 + strlen (name)] = '\0';
  for (guint i = 0; i < 220; i++)
    {
      const char *bytes = i % 2 == 0 ? plain : scram;
      gsize len = i % 2 == 0 ? 1 + strlen (name) + 1 + strlen ("secret") : strlen (scram);
      g_autoptr (GError) error = NULL;
      g_autoptr (VcSaslServer) server = vc_sasl_server_new (256, &error);
      g_autoptr (GBytes) answer = NULL;

      g_assert_no_error (error);
      g_assert_cmpint (
          vc_sasl_server_start (server, mechanisms[i % 2], (const guint8 *) bytes, len, &answer, &error), ==,
          VC_SASL_FAILED);
      g_assert_cmpstr (error->message, ==, "overflowed buffer");
      if (i == 20) /* what is kept for good is there */
        before = mallinfo2 ().uordblks;
    }
  g_assert_cmpuint (mallinfo2 ().uordblks, <, before + 100 * strlen (name));
}

static void
test_options (void)
{
  static const struct
  {
    const char *text, *why;
  } wrong[] = {
    { "mech_list PLAIN\n", "o:1: expected 'key: value'" },
    { "\n# x\nmech_list:\n", "o:3: 'mech_list' is set to nothing" },
    { "a: b\na: c\n", "o:2: 'a' is set twice" },
    { "a: \xff\n", "o: is not text" },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (VcSaslOptions) options = vc_sasl_options_read_text ("", 0, "o", "/d", &error);

  g_assert_cmpstr (vc_sasl_options_get (options, "mech_list"), ==, "SCRAM-SHA-256");
  g_assert_cmpstr (vc_sasl_options_get (options, "sasldb_path"), ==, "/d");
  g_assert_cmpstr (vc_sasl_options_get (options, "auxprop_plugin"), ==, "sasldb virtcard");
  g_assert_null (vc_sasl_options_get (options, "keytab"));
  g_clear_pointer (&options, vc_sasl_options_free);
  options = vc_sasl_options_read_text ("mech_list:  gssapi \n keytab: x\n", 31, "o", "/d", &error);
  g_assert_null (options); /* a key begins its line */
  g_clear_error (&error);
  options = vc_sasl_options_read_text ("mech_list:  gssapi \nkeytab: x y\n", 32, "o", "/d", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vc_sasl_options_get (options, "mech_list"), ==, "gssapi");
  g_assert_cmpstr (vc_sasl_options_get (options, "keytab"), ==, "x y");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_null (vc_sasl_options_read_text (wrong[i].text, strlen (wrong[i].text), "o", "/d", &error));
      g_assert_cmpstr (error->message, ==, wrong[i].why);
      g_clear_error (&error);
    }
}

/* Settings of another's that libsasl2 would find by itself. */
static void
mislead (void)
{
  static const char text[] = "mech_list: CRAM-MD5\nscram_iteration_counter: 9999\n";
  g_autofree char *path = g_build_filename (folder, "libvirt.conf", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_setenv ("SASL_CONF_PATH", folder, TRUE);
}

static void
begin (void)
{
  static const char text[] = "mech_list: SCRAM-SHA-256 PLAIN DIGEST-MD5\n";
  g_autoptr (GError) error = NULL;

  folder = g_dir_make_tmp ("sasl-XXXXXX", &error);
  g_assert_no_error (error);
  mislead ();
  database = g_build_filename (folder, "passwd.db", NULL);
  g_assert_true (vc_sasl_users_set (database, "fred", "secret", 6, FALSE, &error));
  g_assert_true (vc_sasl_users_set (database, "jörg", "\xc3\xbc\xc3\xa4 ,=", 7, FALSE, &error));
  g_assert_no_error (error);
  g_assert_true (
      vc_sasl_server_begin (vc_sasl_options_read_text (text, strlen (text), "o", database, &error), &error));
  g_assert_no_error (error);
}

static void
clean (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);

  for (const char *name = dir != NULL ? g_dir_read_name (dir) : NULL; name != NULL;
       name = g_dir_read_name (dir))
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      clean (inner);
    }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  begin ();
  g_test_add_func ("/sasl/in", test_in);
  g_test_add_func ("/sasl/alike", test_alike);
  g_test_add_func ("/sasl/first-answer", test_first_answer);
  g_test_add_func ("/sasl/work", test_work);
  g_test_add_func ("/sasl/order", test_order);
  g_test_add_func ("/sasl/questions", test_questions);
  g_test_add_func ("/sasl/nonsense", test_nonsense);
  g_test_add_func ("/sasl/unsure", test_unsure);
  g_test_add_func ("/sasl/users", test_users);
  g_test_add_func ("/sasl/long-names", test_long_names);
  g_test_add_func ("/sasl/options", test_options);
  status = g_test_run ();
  clean (folder);
  return status;
}
