/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/cardhost.h"
#include "host/nss.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* Real databases, made with the tools people use.  Reading as another user needs root; where we are not
 * root that part asks as ourselves. */

#define IN_DIR "cd \"$0\" && head -c 512 /dev/urandom > noise && echo secret > pw && "

static const char make_script[]
    = IN_DIR "n0=1; sign () { d=$1; n=$2; shift 2; n0=$((n0+1)); certutil -S -m $n0 -d sql:$PWD/$d -f $f -z "
             "noise -s \"CN=$n\" -n "
             "\"$n\" -x -t CT,C,C "
             "-k ec -q nistp256 \"$@\"; }\n"
             "set -e\n"
             ": > nopw; f=nopw; mkdir plain locked empty; certutil -N -d sql:$PWD/plain --empty-password\n"
             "sign plain 'card one'; sign plain 'old' -w -24 -v 3; sign plain 'new' -w 12 -v 12\n"
             "certutil -L -d sql:$PWD/plain -n 'card one' -r > one.der\n"
             "certutil -N -d sql:$PWD/locked -f pw; f=pw; sign locked 'card one'; sign locked 'gone'\n"
             "certutil -N -d sql:$PWD/empty --empty-password\n"
             "certutil -A -d sql:$PWD/empty -n 'no key' -t ,, -i one.der\n"
             "certutil -A -d sql:$PWD/locked -n 'no key' -t ,, -i one.der -f pw\n"
             "mkdir legacy broken half; touch legacy/cert8.db; echo x > broken/cert9.db; cp broken/cert9.db "
             "broken/key4.db\n"
             "cp plain/cert9.db half/\n"
             "chmod -R a+rX . ; chmod 0600 empty/key4.db\n";

typedef struct
{
  char *dir;
  VcUser *user;
} Place;

static void
run (const char *script, const char *dir)
{
  const char *argv[] = { "/bin/sh", "-c", script, dir, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *err = NULL;
  int status;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &err,
                               &status, &error));
  if (status != 0)
    g_test_message ("%s", err);
  g_assert_cmpint (status, ==, 0);
}

static char *
fill_in (const Place *place, const char *text)
{
  g_autoptr (GString) words = g_string_new (text);

  g_string_replace (words, "%u", place->user->name, 0);
  g_string_replace (words, "%d", place->dir, 0);
  return g_strdup (words->str);
}

static gboolean
check (const Place *place, const char *database, const char *nickname, GPtrArray *warnings, GError **error)
{
  const char *names[] = { nickname, NULL };
  g_autofree char *path
      = *database == '/' ? g_strdup (database) : g_build_filename (place->dir, database, NULL);

  return vc_nss_check_certificates (path, names, place->user, NULL, warnings, error);
}

static void
test_fine (gconstpointer data)
{
  const Place *place = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  g_assert_true (check (place, "plain", "card one", warnings, &error));
  g_assert_no_error (error);
  g_assert_true (check (place, "locked", "card one", warnings, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (warnings->len, ==, 0);

  g_autofree char *sql = g_strdup_printf ("sql:%s/plain", place->dir);
  const char *three[] = { "card one", "old", "new", NULL };

  g_assert_true (vc_nss_check_certificates (sql, three, place->user, NULL, warnings, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (warnings->len, ==, 2);

  g_autofree char *expired
      = fill_in (place, "certificate database '%d/plain': certificate 'old' (CN=old) expired on 2");
  g_autofree char *early
      = fill_in (place, "certificate database '%d/plain': certificate 'new' (CN=new) is not valid before 2");

  g_assert_true (g_str_has_prefix (warnings->pdata[0], expired));
  g_assert_true (g_str_has_prefix (warnings->pdata[1], early));
}

static void
test_errors (gconstpointer data)
{
  static const struct
  {
    const char *database, *nickname, *message;
    int code;
  } rows[] = {
    { "plain", "no such", "certificate database '%d/plain' has no certificate with the nickname 'no such'",
      VC_ERROR_NOT_FOUND },
    { "plain", "", "certificate database '%d/plain' has no certificate with the nickname ''",
      VC_ERROR_NOT_FOUND },
    { "plain", "/home/a b/c.pem",
      "certificate database '%d/plain' has no certificate with the nickname '/home/a b/c.pem': a certificate "
      "is "
      "named by its nickname in the database, not by a file; import the file with: openssl pkcs12 -export "
      "-in "
      "'/home/a b/c.pem' -inkey KEY.pem -name NICKNAME -out CARD.p12 && pk12util -i CARD.p12 -d "
      "'sql:%d/plain'",
      VC_ERROR_NOT_FOUND },
    { "locked", "no key", "certificate database '%d/locked' has no private key for the certificate 'no key'",
      VC_ERROR_NOT_FOUND },
    { "nowhere", "x",
      "certificate database '%d/nowhere' does not exist (make one with 'certutil -N -d sql:%d/nowhere')",
      VC_ERROR_NOT_FOUND },
    { "half", "x",
      "folder '%d/half' holds no certificate database: '%d/half/key4.db' does not exist (make one with "
      "'certutil "
      "-N -d sql:%d/half')",
      VC_ERROR_NOT_FOUND },
    { "pw", "x", "certificate database '%d/pw' is not a folder", VC_ERROR_INVALID },
    { "legacy", "x",
      "certificate database '%d/legacy' has the old dbm format (convert it with 'certutil -K -X -d "
      "sql:%d/legacy')",
      VC_ERROR_UNSUPPORTED },
    { "broken", "x",
      "certificate database '%d/broken' cannot be opened: '%d/broken/cert9.db': not an SQLite file",
      VC_ERROR_INVALID },
  };
  const Place *place = data;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *want = fill_in (place, rows[i].message);

      g_assert_false (check (place, rows[i].database, rows[i].nickname, warnings, &error));
      g_assert_nonnull (error);
      g_assert_cmpstr (error->message, ==, want);
      g_assert_error (error, VC_ERROR, rows[i].code);
    }
  g_assert_cmpuint (warnings->len, ==, 0);
}

/* certutil leaves its files 0600: what everybody meets first. */
static void
test_rights (gconstpointer data)
{
  const Place *place = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *want
      = fill_in (place, "certificate database '%d/empty': user %u cannot read '%d/empty/key4.db'");

  if (geteuid () != 0)
    {
      g_autofree char *key = g_build_filename (place->dir, "empty", "key4.db", NULL);

      chmod (key, 0);
    }
  g_assert_false (check (place, "empty", "no key", NULL, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_DENIED);
  g_assert_cmpstr (error->message, ==, want);
}

static void
put_helper (const Place *place, const char *script)
{
  g_autofree char *path = g_build_filename (place->dir, "virtcard-nss-check", NULL);

  g_assert_true (g_file_set_contents (path, script, -1, NULL));
  g_assert_cmpint (chmod (path, 0755), ==, 0);
}

/* A helper that misbehaves is an error, never a hang or a crash. */
static void
test_helper (gconstpointer data)
{
  static const struct
  {
    const char *script, *message;
  } rows[] = {
    { "#!/bin/sh\nexit 3\n", "' ended with status 3" },
    { "#!/bin/sh\nkill -9 $$\n", "virtcard-nss-check died of signal 9 (Killed)" },
    { "#!/bin/sh\nkill -ALRM $$\n", "gave no answer within 10 seconds" },
    { "#!/bin/sh\nexit 0\n", "virtcard-nss-check: " },
    { "#!/bin/sh\necho '[]'\n", "virtcard-nss-check said nothing about 'card one'" },
    { "#!/bin/sh\necho '{\"certificates\":[{\"found\":1}]}'\n", "said nothing about 'card one'" },
    { "#!/bin/sh\necho '{}'; exit 2\n", "virtcard-nss-check did not say why it cannot open" },
    { "#!/no/such/interpreter\n", "cannot run '" },
  };
  const Place *place = data;
  g_autofree char *helper = g_build_filename (place->dir, "virtcard-nss-check", NULL);
  g_autofree char *database = g_build_filename (place->dir, "plain", NULL);
  const char *names[] = { "card one", NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      put_helper (place, rows[i].script);
      g_assert_false (vc_nss_check_certificates (database, names, place->user, helper, NULL, &error));
      g_assert_nonnull (error);
      if (!strstr (error->message, rows[i].message))
        g_assert_cmpstr (error->message, ==, rows[i].message);
    }

  g_autoptr (GError) error = NULL;

  g_assert_false (vc_nss_check_certificates (database, names, place->user, "/no/helper", NULL, &error));
  g_assert_cmpstr (error->message, ==, "cannot run '/no/helper': No such file or directory");
}

/* The card of mode 'host', from what the helper would say. */
static void
test_cardhost (gconstpointer data)
{
#define SLOT(r, h, p) "{\"name\":\"S\",\"removable\":" r ",\"hardware\":" h ",\"present\":" p "}"
#define MODULE(loaded, slots)                                                                                \
  "{\"name\":\"M\",\"library\":\"/l.so\",\"loaded\":" loaded ",\"slots\":[" slots "]}"
  static const struct
  {
    const char *modules, *pcsc, *error, *warning;
  } rows[] = {
    { "", "null",
      "smartcard mode 'host': database '%d/plain' has no PKCS#11 module for card readers (add one with "
      "'modutil "
      "-dbdir sql:%d/plain -add OpenSC -libfile opensc-pkcs11.so')" },
    { MODULE ("false", ""), "null",
      "smartcard mode 'host': PKCS#11 module 'M' of database '%d/plain' cannot be loaded from '/l.so'" },
    { MODULE ("true", SLOT ("false", "true", "true")), "null",
      "smartcard mode 'host': no PKCS#11 module of database '%d/plain' has a slot that is removable and "
      "hardware, "
      "and QEMU takes no others (slot 'S' of module 'M' is not)" },
    { MODULE ("true", ""), "{\"reachable\":true,\"readers\":[]}",
      "smartcard mode 'host': the PC/SC daemon has no card reader" },
    { MODULE ("true", ""), "{\"reachable\":false,\"detail\":\"no\",\"readers\":[]}",
      "smartcard mode 'host': the PC/SC daemon cannot be reached (is pcscd running?): folder '/no' on the "
      "way "
      "to '/no/pcscd.comm' does not exist" },
    { MODULE ("true", ""), "null",
      "smartcard mode 'host': no PKCS#11 module of database '%d/plain' has a slot" },
    { MODULE ("true", SLOT ("true", "true", "true")), "null", NULL, NULL },
    { MODULE ("true", SLOT ("true", "true", "false")), "null", NULL,
      "smartcard mode 'host': the reader is empty; the guest sees a card when one is put in" },
    { MODULE ("true", SLOT ("true", "true", "true") "," SLOT ("true", "true", "false")), "null", NULL,
      "smartcard mode 'host': there are 2 readers, and QEMU shows the guest only the one that is announced "
      "last" },
    { MODULE ("true", SLOT ("true", "true", "true")) "," MODULE ("false", ""), "null", NULL,
      "smartcard mode 'host': PKCS#11 module 'M' of database '%d/plain' cannot be loaded from '/l.so'" },
  };
  const Place *place = data;
  g_autofree char *helper = g_build_filename (place->dir, "virtcard-nss-check", NULL);
  g_autofree char *database = g_build_filename (place->dir, "plain", NULL);

  g_setenv ("PCSCLITE_CSOCK_NAME", "/no/pcscd.comm", TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *want = rows[i].error ? fill_in (place, rows[i].error) : NULL;
      g_autofree char *warn = rows[i].warning ? fill_in (place, rows[i].warning) : NULL;
      g_autofree char *script = g_strdup_printf ("#!/bin/sh\necho '{\"modules\":[%s],\"pcsc\":%s}'\n",
                                                 rows[i].modules, rows[i].pcsc);

      put_helper (place, script);
      g_assert_cmpint (vc_cardhost_check (database, place->user, helper, warnings, &error), ==, want == NULL);
      g_assert_cmpstr (error ? error->message : NULL, ==, want);
      g_assert_cmpuint (warnings->len, ==, warn != NULL);
      if (warn)
        g_assert_cmpstr (warnings->pdata[0], ==, warn);
    }
  g_unsetenv ("PCSCLITE_CSOCK_NAME");
}

/* The real helper and real modules, as far as this machine has them. */
static void
test_modules (gconstpointer data)
{
  const Place *place = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *database = g_build_filename (place->dir, "plain", NULL);

  g_assert_false (vc_cardhost_check (database, place->user, NULL, warnings, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_NOT_FOUND);
  g_clear_error (&error);
  if (!g_file_test ("/usr/lib/softhsm/libsofthsm2.so", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("no SoftHSM here");
      return;
    }
  run (
      "cd \"$0\" && mkdir -m 0777 tokens && echo directories.tokendir = $PWD/tokens > softhsm.conf && printf "
      "'library=/usr/lib/softhsm/libsofthsm2.so\\nname=SoftHSM\\n\\n' >> plain/pkcs11.txt",
      place->dir);

  g_autofree char *settings = g_build_filename (place->dir, "softhsm.conf", NULL);
  g_autofree char *want = fill_in (
      place,
      "smartcard mode 'host': no PKCS#11 module of database '%d/plain' has a slot that is removable and "
      "hardware, and QEMU takes no others (slot 'SoftHSM slot ID 0x0' of module 'SoftHSM' is not)");
  g_autofree char *lost = fill_in (
      place, "smartcard mode 'host': PKCS#11 module 'SoftHSM' of database '%d/plain' cannot be loaded from "
             "'/usr/lib/softhsm/libsofthsm2.so'");

  g_setenv ("SOFTHSM2_CONF", settings, TRUE);
  g_assert_false (vc_cardhost_check (database, place->user, NULL, warnings, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==, want);
  g_clear_error (&error);

  g_setenv ("SOFTHSM2_CONF", "/no/such/file", TRUE);
  g_assert_false (vc_cardhost_check (database, place->user, NULL, warnings, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, lost);
  g_unsetenv ("SOFTHSM2_CONF");
}

int
main (int argc, char **argv)
{
  Place place = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *certutil = g_find_program_in_path ("certutil");

  g_test_init (&argc, &argv, NULL);
  if (!certutil)
    {
      g_print ("1..0 # SKIP no certutil here\n");
      return 0;
    }
  place.dir = g_dir_make_tmp ("nss-XXXXXX", &error);
  g_assert_no_error (error);
  chmod (place.dir, 0755);
  place.user = geteuid () == 0 ? vc_user_get ("nobody", NULL, &error) : vc_user_self ();
  run (make_script, place.dir);

  g_test_add_data_func ("/nss/fine", &place, test_fine);
  g_test_add_data_func ("/nss/errors", &place, test_errors);
  g_test_add_data_func ("/nss/rights", &place, test_rights);
  g_test_add_data_func ("/nss/helper", &place, test_helper);
  g_test_add_data_func ("/nss/cardhost", &place, test_cardhost);
  g_test_add_data_func ("/nss/modules", &place, test_modules);

  int rv = g_test_run ();

  run ("rm -r \"$0\"", place.dir);
  g_free (place.dir);
  vc_user_free (place.user);
  return rv;
}
