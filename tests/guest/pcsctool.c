/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a test in the guest asks of PC/SC; called by one of these names:
 *
 *   readers                            one line a reader: INDEX STATE ATR NAME
 *                                      STATE is PRESENT, EMPTY or MUTE; ATR is hex or -
 *   apdu [-k] READER HEX...            sends each command, prints each answer in hex; -k goes on after errors
 *   apdubench READER COUNT [HEX]       "median_us N min_us N max_us N mean_us N" of COUNT exchanges
 *                                      (without ACPI the guest's clock may tick every 4 ms: take the mean)
 *   wait-card READER present|empty|mute|gone SECONDS
 *   wait-readers COUNT SECONDS
 *
 * Waiting is on PC/SC events. Exit: 0 done, 1 failed (words on stderr), 2 usage, 3 time is up.
 */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

#define PNP         "\\\\?PnP?\\Notification"
#define MAX_READERS 16

static SCARDCONTEXT context;
static SCARD_READERSTATE states[MAX_READERS + 1];
static char names[4096];
static int reader_count;

static int
fail (const char *what, LONG rv)
{
  fprintf (stderr, "%s: %s\n", what, pcsc_stringify_error (rv));
  return 1;
}

static double
now (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

/* fills states with every reader and what holds a card now; the last one stands for plugging */
static LONG
look (void)
{
  DWORD size = sizeof names;
  LONG rv = SCardListReaders (context, NULL, names, &size);

  reader_count = 0;
  memset (states, 0, sizeof states);
  if (rv == SCARD_E_NO_READERS_AVAILABLE)
    return SCARD_S_SUCCESS;
  if (rv != SCARD_S_SUCCESS)
    return rv;
  for (char *name = names; *name && reader_count < MAX_READERS; name += strlen (name) + 1)
    states[reader_count++].szReader = name;
  rv = SCardGetStatusChange (context, 0, states, (DWORD) reader_count);
  for (int i = 0; i < reader_count; i++)
    states[i].dwCurrentState = states[i].dwEventState & ~(DWORD) SCARD_STATE_CHANGED;
  return rv;
}

static const char *
state_name (int reader)
{
  DWORD state = states[reader].dwEventState;

  return state & SCARD_STATE_MUTE      ? "MUTE"
         : state & SCARD_STATE_PRESENT ? "PRESENT"
         : state & SCARD_STATE_EMPTY   ? "EMPTY"
                                       : "UNKNOWN";
}

static void
print_hex (const BYTE *data, DWORD len)
{
  for (DWORD i = 0; i < len; i++)
    printf ("%02x", data[i]);
}

static int
readers (void)
{
  LONG rv = look ();

  if (rv == SCARD_E_UNKNOWN_READER) /* one left between two questions */
    rv = look ();
  if (rv != SCARD_S_SUCCESS)
    return fail ("readers", rv);
  for (int i = 0; i < reader_count; i++)
    {
      printf ("%d %s ", i, state_name (i));
      print_hex (states[i].rgbAtr, states[i].cbAtr);
      printf ("%s %s\n", states[i].cbAtr ? "" : "-", states[i].szReader);
    }
  return 0;
}

static int
parse_hex (const char *text, BYTE *ret, DWORD *ret_len)
{
  unsigned byte;
  DWORD len = 0;

  for (; *text; text += 2)
    {
      while (*text == ' ' || *text == ':')
        text++;
      if (len == MAX_BUFFER_SIZE_EXTENDED || sscanf (text, "%2x", &byte) != 1 || !text[1])
        return 0;
      ret[len++] = (BYTE) byte;
    }
  *ret_len = len;
  return 1;
}

static LONG
transmit (SCARDHANDLE card, DWORD protocol, const BYTE *command, DWORD len, BYTE *answer, DWORD *answer_len)
{
  const SCARD_IO_REQUEST *pci = protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;

  return SCardTransmit (card, pci, command, len, NULL, answer, answer_len);
}

static LONG
open_card (const char *reader, SCARDHANDLE *card, DWORD *protocol)
{
  LONG rv = look ();
  int index = atoi (reader);

  if (rv != SCARD_S_SUCCESS)
    return rv;
  if (index < 0 || index >= reader_count)
    return SCARD_E_UNKNOWN_READER;
  return SCardConnect (context, states[index].szReader, SCARD_SHARE_SHARED,
                       SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, card, protocol);
}

static int
apdu (int argc, char **argv)
{
  static BYTE command[MAX_BUFFER_SIZE_EXTENDED], answer[MAX_BUFFER_SIZE_EXTENDED];
  int keep_going = argc > 1 && !strcmp (argv[1], "-k"), failed = 0;
  SCARDHANDLE card;
  DWORD protocol;

  argc -= keep_going;
  argv += keep_going;
  if (argc < 3)
    return 2;
  LONG rv = open_card (argv[1], &card, &protocol);
  if (rv != SCARD_S_SUCCESS)
    return fail ("connect", rv);
  for (int i = 2; i < argc && (!failed || keep_going); i++)
    {
      DWORD len, got = sizeof answer;
      if (!parse_hex (argv[i], command, &len))
        return 2;
      rv = transmit (card, protocol, command, len, answer, &got);
      if (rv != SCARD_S_SUCCESS)
        {
          printf ("error %s\n", pcsc_stringify_error (rv));
          failed = 1;
          continue;
        }
      print_hex (answer, got);
      printf ("\n");
      fflush (stdout);
    }
  SCardDisconnect (card, SCARD_LEAVE_CARD);
  return failed;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static int
bench (int argc, char **argv)
{
  static BYTE command[MAX_BUFFER_SIZE_EXTENDED], answer[MAX_BUFFER_SIZE_EXTENDED];
  DWORD len, protocol;
  SCARDHANDLE card;
  int count = argc > 2 ? atoi (argv[2]) : 0;
  double total = 0, *times = calloc ((size_t) (count > 0 ? count : 1), sizeof *times);

  if (count < 1 || !times || !parse_hex (argc > 3 ? argv[3] : "00a4040007a0000000790100", command, &len))
    return 2;
  LONG rv = open_card (argv[1], &card, &protocol);
  if (rv != SCARD_S_SUCCESS)
    return fail ("connect", rv);
  for (int i = 0; i < count; i++)
    {
      DWORD got = sizeof answer;
      double start = now ();
      rv = transmit (card, protocol, command, len, answer, &got);
      if (rv != SCARD_S_SUCCESS)
        return fail ("transmit", rv);
      times[i] = now () - start;
      total += times[i];
    }
  qsort (times, (size_t) count, sizeof *times, compare);
  printf ("median_us %.0f min_us %.0f max_us %.0f mean_us %.0f\n", times[count / 2] * 1e6, times[0] * 1e6,
          times[count - 1] * 1e6, total / count * 1e6);
  free (times);
  SCardDisconnect (card, SCARD_LEAVE_CARD);
  return 0;
}

static int
card_is (int reader, const char *wanted)
{
  if (!strcmp (wanted, "gone"))
    return reader >= reader_count;
  return reader < reader_count && !strcasecmp (wanted, state_name (reader));
}

/* waits for a card's state, or with wanted NULL for a number of readers */
static int
wait_for (int number, const char *wanted, double seconds)
{
  double deadline = now () + seconds;

  for (;;)
    {
      LONG rv = look ();
      if (rv != SCARD_S_SUCCESS && rv != SCARD_E_UNKNOWN_READER && rv != SCARD_E_TIMEOUT)
        return fail ("look", rv);
      if (rv != SCARD_E_UNKNOWN_READER && (wanted ? card_is (number, wanted) : reader_count == number))
        return 0;
      double left = deadline - now ();
      if (left <= 0)
        {
          fprintf (stderr, "time is up; now:\n");
          readers ();
          return 3;
        }
      states[reader_count].szReader = PNP;
      states[reader_count].dwCurrentState = (DWORD) reader_count << 16;
      /* a reader plugged in since look () raises no event in pcsc-lite 1.9: look again now and then */
      rv = SCardGetStatusChange (context, left < 1 ? (DWORD) (left * 1000) + 1 : 1000, states,
                                 (DWORD) reader_count + 1);
      if (rv != SCARD_S_SUCCESS && rv != SCARD_E_TIMEOUT && rv != SCARD_E_UNKNOWN_READER)
        return fail ("wait", rv);
    }
}

static int
run (const char *name, int argc, char **argv)
{
  if (!strcmp (name, "readers") && argc == 1)
    return readers ();
  if (!strcmp (name, "apdu") && argc > 2)
    return apdu (argc, argv);
  if (!strcmp (name, "apdubench") && argc > 2)
    return bench (argc, argv);
  if (!strcmp (name, "wait-card") && argc == 4)
    return wait_for (atoi (argv[1]), argv[2], atof (argv[3]));
  if (!strcmp (name, "wait-readers") && argc == 3)
    return wait_for (atoi (argv[1]), NULL, atof (argv[2]));
  return 2;
}

int
main (int argc, char **argv)
{
  LONG rv = SCardEstablishContext (SCARD_SCOPE_SYSTEM, NULL, NULL, &context);

  if (rv != SCARD_S_SUCCESS)
    return fail ("pcscd", rv);
  int status = run (basename (argv[0]), argc, argv);
  if (status == 2)
    fprintf (stderr, "usage: see the top of pcsctool.c\n");
  SCardReleaseContext (context);
  return status;
}
