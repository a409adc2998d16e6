/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/spell.h"

#include <string.h>

#include "base/error.h"

static void
assert_argv (const VcPlan *plan, const char *want)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_true (vc_plan_to_argv (plan, argv, &error));
  g_assert_no_error (error);
  g_ptr_array_add (argv, NULL);
  text = g_strjoinv (" | ", (char **) argv->pdata);
  g_assert_cmpstr (text, ==, want);
}

static void
assert_refused (const VcPlan *plan, const char *words)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_assert_false (vc_plan_to_argv (plan, argv, &error));
  g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, words);
}

/* A property of every type, for the classes that differ. */
static VcProps *
fill (VcProps *props)
{
  VcProps *cache;

  vc_props_str (props, "s", "a,b \"q\"\n");
  vc_props_bool (props, "t", TRUE);
  vc_props_bool (props, "f", FALSE);
  vc_props_i64 (props, "i", -1);
  vc_props_u64 (props, "u", G_MAXUINT64);
  cache = vc_props_group (props, "cache");
  vc_props_bool (cache, "direct", TRUE);
  vc_props_str (vc_props_group (cache, "deep"), "x", "y");
  vc_props_str (props, "last", "");
  return props;
}

static void
test_classes (void)
{
  g_autoptr (VcPlan) plan = vc_plan_new ();
  VcProps *list;

  vc_plan_word (plan, "-S", NULL);
  vc_plan_word (plan, "-uuid", "u, v");
  vc_props_bool (vc_plan_option (plan, "-machine", "pc"), "usb", FALSE);
  vc_props_str (vc_plan_option (plan, "-rtc", NULL), "base", "utc");
  fill (vc_plan_add (plan, VC_Q_DEVICE, "usb-ccid", "ccid0"));
  fill (vc_plan_add (plan, VC_Q_CHARDEV, "file", "c0"));
  vc_plan_add (plan, VC_Q_OBJECT, "secret", "s0");
  vc_plan_add (plan, VC_Q_BLOCK, "raw", "n0");
  list = vc_props_group (vc_plan_add (plan, VC_Q_NETDEV, "user", "net0"), "guestfwd");
  vc_props_str (vc_props_group (list, "0"), "str", "tcp");
  vc_props_str (vc_props_group (list, "1"), "str", "udp");
  vc_plan_add (plan, VC_Q_AUDIO, "none", "audio1");

  assert_argv (
      plan,
      "-S | -uuid | u, v | -machine | pc,usb=off | -rtc | base=utc"
      " | -device | {\"driver\":\"usb-ccid\",\"id\":\"ccid0\",\"s\":\"a,b \\\"q\\\"\\u000a\",\"t\":true,"
      "\"f\":false,\"i\":-1,\"u\":18446744073709551615,\"cache\":{\"direct\":true,\"deep\":{\"x\":\"y\"}},"
      "\"last\":\"\"}"
      " | -chardev | file,id=c0,s=a,,b \"q\"\n,t=on,f=off,i=-1,u=18446744073709551615,cache.direct=on,"
      "cache.deep.x=y,last="
      " | -object | {\"qom-type\":\"secret\",\"id\":\"s0\"}"
      " | -blockdev | {\"driver\":\"raw\",\"node-name\":\"n0\"}"
      " | -netdev | {\"type\":\"user\",\"id\":\"net0\",\"guestfwd\":[{\"str\":\"tcp\"},{\"str\":\"udp\"}]}"
      " | -audiodev | {\"driver\":\"none\",\"id\":\"audio1\"}");
}

static void
test_descriptors (void)
{
  g_autoptr (VcPlan) plan = vc_plan_new ();
  VcProps *file = vc_plan_add (plan, VC_Q_CHARDEV, "file", "c,0");
  VcProps *wire = vc_plan_add (plan, VC_Q_CHARDEV, "socket", "c1");
  VcProps *disk = vc_plan_add (plan, VC_Q_BLOCK, "file", "n0");

  vc_props_file (file, "path", "/a,b", FALSE);
  vc_props_file (file, "logfile", "/log", TRUE);
  vc_props_listen (wire, "path", "/s,t");
  vc_props_bool (wire, "server", TRUE);
  vc_props_file (disk, "filename", "/d", FALSE);
  assert_argv (plan, "-chardev | file,id=c,,0,path=/a,,b,logfile=/log"
                     " | -chardev | socket,id=c1,path=/s,,t,server=on"
                     " | -blockdev | {\"driver\":\"file\",\"node-name\":\"n0\",\"filename\":\"/d\"}");

  vc_props_get (file, "path")->fd = 20;
  vc_props_get (file, "logfile")->fd = 21;
  vc_props_get (file, "logfile")->fdset = 1;
  vc_props_get (wire, "path")->fd = 22;
  vc_props_get (disk, "filename")->fd = 23;
  vc_props_get (disk, "filename")->fdset = 2;
  assert_argv (plan,
               "-add-fd | set=0,fd=20,opaque=c,,0-path | -add-fd | set=1,fd=21,opaque=c,,0-logfile"
               " | -chardev | file,id=c,,0,path=/dev/fdset/0,logfile=/dev/fdset/1"
               " | -chardev | socket,id=c1,fd=22,server=on"
               " | -add-fd | set=2,fd=23,opaque=n0-filename"
               " | -blockdev | {\"driver\":\"file\",\"node-name\":\"n0\",\"filename\":\"/dev/fdset/2\"}");
}

/* Shown as it was asked for; passed by number, and to a QEMU that runs by name. */
static void
test_tap (void)
{
  g_autoptr (VcPlan) plan = vc_plan_new ();
  VcProps *bridged = vc_plan_add (plan, VC_Q_NETDEV, "tap", "hostnet0");
  VcProps *alone = vc_plan_add (plan, VC_Q_NETDEV, "tap", "hostnet1");
  g_autoptr (json_t) command = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  vc_props_tap (bridged, "br", "br0", TRUE);
  vc_props_tap (alone, "ifname", NULL, FALSE);
  assert_argv (plan, "-netdev | {\"type\":\"tap\",\"id\":\"hostnet0\",\"br\":\"br0\"}"
                     " | -netdev | {\"type\":\"tap\",\"id\":\"hostnet1\"}");

  vc_props_get (bridged, "br")->fd = 20;
  vc_props_bool (bridged, "vhost", TRUE);
  vc_props_fd (bridged, "vhostfd", 21);
  vc_props_get (alone, "ifname")->fd = 22;
  assert_argv (
      plan, "-netdev | {\"type\":\"tap\",\"id\":\"hostnet0\",\"fd\":\"20\",\"vhost\":true,\"vhostfd\":\"21\"}"
            " | -netdev | {\"type\":\"tap\",\"id\":\"hostnet1\",\"fd\":\"22\"}");

  command = vc_spell_qmp (vc_plan_nth (plan, 0), &error);
  g_assert_no_error (error);
  text = vc_json_print (command);
  g_assert_cmpstr (text, ==,
                   "{\"execute\":\"netdev_add\",\"arguments\":{\"type\":\"tap\",\"id\":\"hostnet0\","
                   "\"fd\":\"hostnet0\",\"vhost\":true,\"vhostfd\":\"vhostfd-hostnet0\"}}");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *option, *first, *name, *value, *words;
  } rows[] = {
    { "-boot", "a=b", NULL, NULL, "-boot: 'a=b' cannot be said to QEMU as a leading value" },
    { "-cpu", "help", NULL, NULL, "-cpu: 'help' cannot be said to QEMU as a leading value" },
    { "-cpu", "", NULL, NULL, "-cpu: '' cannot be said to QEMU as a leading value" },
    { "-cpu", "q", "vendor", "a,b", "-cpu: QEMU cannot be told a value with a comma here" },
    { "-machine", "a,b", NULL, NULL, "-machine: QEMU cannot be told a value with a comma here" },
    { "-rtc", NULL, "a=b", "c", "-rtc: 'a=b' cannot be the name of a property" },
  };
  g_autoptr (VcPlan) device = vc_plan_new ();

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_autoptr (VcPlan) plan = vc_plan_new ();
      VcProps *props = vc_plan_option (plan, rows[n].option, rows[n].first);

      if (rows[n].name != NULL)
        vc_props_str (props, rows[n].name, rows[n].value);
      assert_refused (plan, rows[n].words);
    }

  vc_props_str (vc_props_group (vc_plan_add (device, VC_Q_DEVICE, "d", "d0"), "g"), "x", "\377");
  assert_refused (device, "d0: g.x: the value is not UTF-8 text, which QEMU needs here");
}

static void
test_qmp (void)
{
  static const struct
  {
    VcQClass what;
    const char *add, *del, *gone;
  } rows[] = {
    { VC_Q_OBJECT, "{\"execute\":\"object-add\",\"arguments\":{\"qom-type\":\"d\",\"id\":\"x\",\"a\":1}}",
      "{\"execute\":\"object-del\",\"arguments\":{\"id\":\"x\"}}", NULL },
    { VC_Q_BLOCK,
      "{\"execute\":\"blockdev-add\",\"arguments\":{\"driver\":\"d\",\"node-name\":\"x\",\"a\":1}}",
      "{\"execute\":\"blockdev-del\",\"arguments\":{\"node-name\":\"x\"}}", NULL },
    { VC_Q_NETDEV, "{\"execute\":\"netdev_add\",\"arguments\":{\"type\":\"d\",\"id\":\"x\",\"a\":1}}",
      "{\"execute\":\"netdev_del\",\"arguments\":{\"id\":\"x\"}}", NULL },
    { VC_Q_DEVICE, "{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"d\",\"id\":\"x\",\"a\":1}}",
      "{\"execute\":\"device_del\",\"arguments\":{\"id\":\"x\"}}", "DEVICE_DELETED" },
  };
  g_autoptr (VcPlan) rest = vc_plan_new ();
  const char *gone = NULL;

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_autoptr (VcPlan) plan = vc_plan_new ();
      g_autoptr (json_t) add = NULL;
      g_autoptr (json_t) del = NULL;
      g_autofree char *add_text = NULL;
      g_autofree char *del_text = NULL;

      vc_props_u64 (vc_plan_add (plan, rows[n].what, "d", "x"), "a", 1);
      add = vc_spell_qmp (vc_plan_nth (plan, 0), NULL);
      del = vc_spell_qmp_undo (vc_plan_nth (plan, 0), &gone, NULL);
      add_text = vc_json_print (add);
      del_text = vc_json_print (del);
      g_assert_cmpstr (add_text, ==, rows[n].add);
      g_assert_cmpstr (del_text, ==, rows[n].del);
      g_assert_cmpstr (gone, ==, rows[n].gone);
    }

  vc_plan_word (rest, "-S", NULL);
  vc_plan_option (rest, "-machine", "pc");
  vc_plan_add (rest, VC_Q_AUDIO, "none", "a");
  vc_props_u64 (vc_plan_add (rest, VC_Q_DEVICE, "d", "x"), "wwn", G_MAXUINT64);
  for (guint n = 0; n < vc_plan_n (rest); n++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (vc_spell_qmp (vc_plan_nth (rest, n), &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_UNSUPPORTED);
    }
  g_assert_null (vc_spell_qmp_undo (vc_plan_nth (rest, 0), &gone, NULL));
}

/* QEMU's reader of key=value text, as its manual describes it: a leading word without a key, then
 * keys and values; a comma in a value is doubled. */
static GPtrArray *
read_kv (const char *text)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  gboolean first = TRUE;

  while (*text != '\0')
    {
      gsize len = strcspn (text, "=,");
      GString *value = g_string_new (NULL);

      g_ptr_array_add (words, text[len] == '=' || !first ? g_strndup (text, len) : g_strdup (""));
      g_assert_true (text[len] == '=' || first);
      text += text[len] == '=' ? len + 1 : 0;
      for (; *text != '\0' && !(text[0] == ',' && text[1] != ','); text++)
        {
          text += *text == ',' ? 1 : 0;
          g_string_append_c (value, *text);
        }
      g_ptr_array_add (words, g_string_free (value, FALSE));
      text += *text == ',' ? 1 : 0;
      first = FALSE;
    }
  return words;
}

static char *
random_text (void)
{
  static const char *const bits[] = { ",",
                                      "=",
                                      "\"",
                                      "'",
                                      "\n",
                                      "%",
                                      "%s",
                                      "\\",
                                      "{",
                                      "}",
                                      ",,",
                                      "a",
                                      "Z9",
                                      " ",
                                      "\t",
                                      "\1",
                                      "\303\274",
                                      "\342\202\254",
                                      "\360\237\222\263",
                                      "\177",
                                      "on",
                                      "/" };
  GString *text = g_string_new (NULL);

  for (gint n = g_test_rand_int_range (0, 12); n > 0; n--)
    g_string_append (text, bits[g_test_rand_int_range (0, G_N_ELEMENTS (bits))]);
  return g_string_free (text, FALSE);
}

/* What is put in comes out again, through both spellings. */
static void
test_round_trip (void)
{
  for (guint round = 0; round < 2000; round++)
    {
      g_autofree char *id = random_text ();
      g_autoptr (VcProps) props = vc_props_new ("driver", id);
      g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GPtrArray) words = NULL;
      g_autoptr (json_t) object = NULL;
      g_autofree char *kv = NULL;
      g_autofree char *json = NULL;

      for (gint n = g_test_rand_int_range (0, 5); n > 0; n--)
        {
          g_autofree char *name = g_strdup_printf ("p%d", n);
          char *value = random_text ();

          g_ptr_array_add (values, value);
          vc_props_str (props, name, value);
        }

      kv = vc_spell_kv (props, NULL);
      words = read_kv (kv);
      g_assert_cmpuint (words->len, ==, 4 + 2 * values->len);
      g_assert_cmpstr (words->pdata[1], ==, "driver");
      g_assert_cmpstr (words->pdata[3], ==, id);

      json = vc_spell_json (props, "driver", "id", NULL);
      object = vc_json_read (json, strlen (json), NULL);
      g_assert_cmpuint (json_object_size (object), ==, 2 + values->len);
      g_assert_cmpstr (vc_json_str (object, "id"), ==, id);

      for (guint n = 0; n < values->len; n++)
        {
          const VcProp *prop = vc_props_nth (props, n);

          g_assert_cmpstr (words->pdata[4 + 2 * n], ==, prop->name);
          g_assert_cmpstr (words->pdata[5 + 2 * n], ==, values->pdata[n]);
          g_assert_cmpstr (vc_json_str (object, prop->name), ==, values->pdata[n]);
        }
    }
}

/* Text JSON cannot hold, or that QEMU's own reader of JSON refuses. */
static void
test_not_text (void)
{
  static const char *const rows[]
      = { "\377", "a\303", "\355\240\200", "\357\277\276", "\357\267\220", "\360\237\277\277" };

  for (gsize n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VcProps) props = vc_props_new ("d", rows[n]);

      g_assert_null (vc_spell_json (props, "driver", "id", &error));
      g_assert_error (error, VC_ERROR, VC_ERROR_INVALID);
    }
}

static char *
print_ids (const VcPlan *plan)
{
  GString *out = g_string_new (NULL);

  for (guint n = 0; n < vc_plan_n (plan); n++)
    g_string_append (out, vc_props_id (vc_plan_nth (plan, n)->props));
  return g_string_free (out, FALSE);
}

static void
assert_ids (const VcPlan *plan, const char *want)
{
  g_autofree char *got = print_ids (plan);

  g_assert_cmpstr (got, ==, want);
}

/* A device's part of a plan keeps its order, and comes back behind the rest. */
static void
test_split (void)
{
  static const char sources[] = "xy";
  g_autoptr (VcPlan) plan = vc_plan_new ();
  g_autoptr (GPtrArray) wanted = g_ptr_array_new ();
  VcPlan *part;

  vc_plan_add (plan, VC_Q_OBJECT, "o", "a");
  vc_plan_set_source (plan, &sources[0]);
  vc_plan_add (plan, VC_Q_OBJECT, "o", "b");
  vc_plan_set_source (plan, &sources[1]);
  vc_plan_add (plan, VC_Q_OBJECT, "o", "c");
  vc_plan_set_source (plan, &sources[0]);
  vc_plan_add (plan, VC_Q_OBJECT, "o", "d");
  part = vc_plan_split (plan, wanted);
  g_assert_cmpuint (vc_plan_n (part), ==, 0);
  vc_plan_free (part);
  g_ptr_array_add (wanted, (gpointer) &sources[0]);
  part = vc_plan_split (plan, wanted);
  assert_ids (part, "bd");
  assert_ids (plan, "ac");
  vc_plan_join (plan, part);
  assert_ids (plan, "acbd");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/spell/classes", test_classes);
  g_test_add_func ("/spell/descriptors", test_descriptors);
  g_test_add_func ("/spell/tap", test_tap);
  g_test_add_func ("/spell/refused", test_refused);
  g_test_add_func ("/spell/qmp", test_qmp);
  g_test_add_func ("/plan/split", test_split);
  g_test_add_func ("/spell/round-trip", test_round_trip);
  g_test_add_func ("/spell/not-text", test_not_text);
  return g_test_run ();
}
