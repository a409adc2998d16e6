/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/chardev.h"

#include "base/error.h"

/* Each row: what -chardev would be told, as name=value words, and what chardev-add is. */
static const struct
{
  const char *driver;
  const char *words[8];
  const char *want;
} cases[] = {
  { "null", { NULL }, "{\"type\":\"null\",\"data\":{}}" },
  { "pty",
    { "logfile=/l", "logappend=on" },
    "{\"type\":\"pty\",\"data\":{\"logfile\":\"/l\",\"logappend\":true}}" },
  { "file", { "path=/a,b", "append=on" }, "{\"type\":\"file\",\"data\":{\"out\":\"/a,b\",\"append\":true}}" },
  { "socket",
    { "host=::1", "port=2001", "server=on", "wait=off", "nodelay=on" },
    "{\"type\":\"socket\",\"data\":{\"addr\":{\"type\":\"inet\",\"data\":{\"host\":\"::1\",\"port\":\"2001\"}"
    "},"
    "\"server\":true,\"wait\":false,\"nodelay\":true}}" },
  { "socket",
    { "path=/s", "reconnect=7" },
    "{\"type\":\"socket\",\"data\":{\"addr\":{\"type\":\"unix\",\"data\":{\"path\":\"/"
    "s\"}},\"reconnect\":7,\"server\":false}}" },
  { "socket",
    { "fd=7" },
    "{\"type\":\"socket\",\"data\":{\"addr\":{\"type\":\"fd\",\"data\":{\"str\":\"7\"}},\"server\":false}}" },
  { "udp",
    { "host=", "port=1", "localport=2" },
    "{\"type\":\"udp\",\"data\":{\"remote\":{\"type\":\"inet\",\"data\":{\"host\":\"localhost\",\"port\":"
    "\"1\"}},"
    "\"local\":{\"type\":\"inet\",\"data\":{\"port\":\"2\",\"host\":\"\"}}}}" },
  { "spicevmc", { "name=smartcard" }, "{\"type\":\"spicevmc\",\"data\":{\"type\":\"smartcard\"}}" },
  { "spiceport", { "name=org.x" }, "{\"type\":\"spiceport\",\"data\":{\"fqdn\":\"org.x\"}}" },
  { "serial", { "path=/dev/ttyS0" }, "{\"type\":\"serial\",\"data\":{\"device\":\"/dev/ttyS0\"}}" },
  { "qemu-vdagent",
    { "name=vdagent", "mouse=off" },
    "{\"type\":\"qemu-vdagent\",\"data\":{\"mouse\":false}}" },
};

static VcProps *
props_from (const char *driver, const char *const *words)
{
  VcProps *props = vc_props_new (driver, "c0");

  for (; *words != NULL; words++)
    {
      g_auto (GStrv) word = g_strsplit (*words, "=", 2);

      if (g_str_equal (word[1], "on") || g_str_equal (word[1], "off"))
        vc_props_bool (props, word[0], g_str_equal (word[1], "on"));
      else if (g_ascii_isdigit (word[1][0]))
        vc_props_u64 (props, word[0], g_ascii_strtoull (word[1], NULL, 10));
      else
        vc_props_str (props, word[0], word[1]);
    }
  return props;
}

static void
test_nested (void)
{
  for (gsize n = 0; n < G_N_ELEMENTS (cases); n++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VcProps) props = props_from (cases[n].driver, cases[n].words);
      g_autoptr (json_t) json = vc_chardev_spell (props, &error);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      g_assert_cmpstr (vc_json_str (json, "id"), ==, "c0");
      text = vc_json_print (vc_json_get (json, "backend"));
      g_assert_cmpstr (text, ==, cases[n].want);
    }
}

static void
test_descriptors (void)
{
  g_autoptr (VcProps) listening = vc_props_new ("socket", "c1");
  g_autoptr (VcProps) file = vc_props_new ("file", "c2");
  g_autoptr (json_t) json = NULL;
  g_autoptr (json_t) json2 = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text2 = NULL;

  vc_props_listen (listening, "path", "/s");
  vc_props_get (listening, "path")->fd = 9;
  json = vc_chardev_spell (listening, NULL);
  text = vc_json_print (json);
  g_assert_cmpstr (
      text, ==,
      "{\"id\":\"c1\",\"backend\":{\"type\":\"socket\",\"data\":{\"addr\":{\"type\":\"fd\",\"data\":"
      "{\"str\":\"c1\"}},\"server\":false}}}");

  vc_props_file (file, "path", "/f", FALSE);
  vc_props_get (file, "path")->fd = 9;
  vc_props_get (file, "path")->fdset = 3;
  json2 = vc_chardev_spell (file, NULL);
  text2 = vc_json_print (json2);
  g_assert_cmpstr (text2, ==,
                   "{\"id\":\"c2\",\"backend\":{\"type\":\"file\",\"data\":{\"out\":\"/dev/fdset/3\"}}}");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *words[3];
    VcErrorCode code;
  } rows[] = {
    { { "mux=on" }, VC_ERROR_UNSUPPORTED },
    { { "path=/s", "host=h" }, VC_ERROR_INVALID },
    { { "path=\377" }, VC_ERROR_INVALID },
  };

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VcProps) props = props_from ("socket", rows[n].words);

      g_assert_null (vc_chardev_spell (props, &error));
      g_assert_error (error, VC_ERROR, (int) rows[n].code);
      g_assert_true (g_str_has_prefix (error->message, "character device 'c0': "));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chardev/nested", test_nested);
  g_test_add_func ("/chardev/descriptors", test_descriptors);
  g_test_add_func ("/chardev/refused", test_refused);
  return g_test_run ();
}
