/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "domain/section.h"
#include "fields/list.h"

/* <clock>: what the guest's clock shows, and what keeps its time. */

enum
{
  RTC = 1,
  PIT,
  HPET,
  TSC,
  KVMCLOCK,
  HYPERVCLOCK
};
enum
{
  DELAY = 1,
  CATCHUP,
  MERGE,
  DISCARD
};

static const char *const offsets[] = { "", "utc", "localtime", "timezone", "variable", "absolute", NULL };
static const char *const bases[] = { "", "utc", "localtime", NULL };
static const char *const names[] = { "", "rtc", "pit", "hpet", "tsc", "kvmclock", "hypervclock", NULL };
static const char *const policies[] = { "", "delay", "catchup", "merge", "discard", NULL };
static const char *const tracks[] = { "", "boot", "guest", "wall", "realtime", NULL };
static const char *const modes[] = { "", "auto", "native", "emulate", "paravirt", "smpsafe", NULL };

/* @adjustment, @start: seconds, which may be less than none */

static gboolean
read_seconds (const VcField *row, const char *text, gpointer at, char **ret_why)
{
  gint64 value;

  if (!g_ascii_string_to_signed (text, 10, -G_MAXINT32, G_GINT64_CONSTANT (253402300799), &value, NULL))
    {
      *ret_why = g_strdup_printf ("'%s' is not a number of seconds", text);
      return FALSE;
    }
  *(VcU64 *) at = (VcU64){ .set = TRUE, .value = (guint64) value };
  return TRUE;
}

static char *
print_seconds (const VcField *row, gconstpointer at)
{
  const VcU64 *seconds = at;

  return seconds->set ? g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) seconds->value) : NULL;
}

static void
schema_seconds (const VcField *row, GString *out)
{
  g_string_append (out, "<data type='integer'/>");
}

static const VcType type_seconds
    = { .name = "seconds", .read = read_seconds, .print = print_seconds, .schema = schema_seconds };

static const VcField timer[]
    = { VC_CHOICE (VcTimer, name, "@name", names, .flags = VC_REQUIRED, .doc = "clock it is about"),
        VC_TRI (VcTimer, present, "@present", .doc = "whether the guest has it"),
        VC_CHOICE (VcTimer, policy, "@tickpolicy", policies, .doc = "what becomes of missed ticks"),
        VC_CHOICE (VcTimer, track, "@track", tracks, .doc = "what it follows (rtc)"),
        VC_U64 (VcTimer, frequency, "@frequency", .min = 1, .doc = "ticks a second (tsc)"),
        VC_CHOICE (VcTimer, mode, "@mode", modes, .doc = "how the guest reads it (tsc)"),
        VC_U32 (VcTimer, threshold, "catchup/@threshold", .doc = "missed ticks from which it catches up"),
        VC_U32 (VcTimer, slew, "catchup/@slew", .doc = "how fast it does"),
        VC_U32 (VcTimer, limit, "catchup/@limit", .doc = "missed ticks it does not go beyond"),
        { 0 } };

static const VcList timers = { .size = sizeof (VcTimer), .rows = timer };

const VcField vc_clock_rows[]
    = { VC_CHOICE (VcDomain, clock, "@offset", offsets, .doc = "what the guest's clock shows"),
        VC_STR (VcDomain, timezone, "@timezone", .doc = "name of the time zone (timezone)"),
        VC_ROW (VcDomain, adjustment, VcU64, type_seconds, "@adjustment",
                .doc = "seconds it is ahead (variable)"),
        VC_CHOICE (VcDomain, clock_basis, "@basis", bases, .doc = "what it is ahead of (variable)"),
        VC_ROW (VcDomain, clock_start, VcU64, type_seconds, "@start",
                .doc = "what it shows at the start: seconds since 1970 (absolute)"),
        VC_LIST (VcDomain, timers, "timer[]", timers, .doc = "clocks of the guest"),
        { 0 } };

void
vc_clock_fill (VcDomain *domain)
{
  if (domain->clock == 0)
    domain->clock = VC_CLOCK_UTC;
  if (domain->clock == VC_CLOCK_VARIABLE && domain->clock_basis == 0)
    domain->clock_basis = VC_CLOCK_UTC;
  if (domain->clock == VC_CLOCK_VARIABLE && !domain->adjustment.set)
    domain->adjustment.set = TRUE;
}

static gboolean
is_zone (const char *name)
{
  return *name != '\0' && *name != '/'
         && strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/")
                == strlen (name);
}

static void
check_offset (const VcDomain *domain, GPtrArray *errors)
{
  const char *offset = vc_choice (offsets, domain->clock);

  if (domain->clock == VC_CLOCK_TIMEZONE && domain->timezone == NULL)
    vc_domain_complain (domain, "clock", errors, VC_ERROR_INVALID, "offset='timezone' needs @timezone");
  if (domain->timezone != NULL && domain->clock != VC_CLOCK_TIMEZONE)
    vc_domain_complain (domain, "clock", errors, VC_ERROR_INVALID, "@timezone needs offset='timezone'");
  if (domain->timezone != NULL && !is_zone (domain->timezone))
    vc_domain_complain (domain, "clock", errors, VC_ERROR_INVALID,
                        "@timezone: '%s' is no time zone such as 'Europe/Paris'", domain->timezone);
  if ((domain->adjustment.set || domain->clock_basis != 0) && domain->clock != VC_CLOCK_VARIABLE)
    vc_domain_complain (domain, "clock", errors, VC_ERROR_UNSUPPORTED,
                        "@adjustment and @basis are supported for offset='variable' only, not '%s'",
                        offset != NULL ? offset : "utc");
  if ((domain->clock == VC_CLOCK_ABSOLUTE) != domain->clock_start.set)
    vc_domain_complain (domain, "clock", errors, VC_ERROR_INVALID,
                        "offset='absolute' and @start need each other");
}

/* What QEMU has of a timer. */
static const char *
find_fault (const VcTimer *self)
{
  gboolean catches_up = self->threshold.set || self->slew.set || self->limit.set;

  if ((self->track != 0 && self->name != RTC) || self->track == 1)
    return "@track is for the rtc: guest, wall or realtime";
  if ((self->frequency.set || self->mode != 0) && self->name != TSC)
    return "@frequency and @mode are for the tsc";
  if (catches_up && self->policy != CATCHUP)
    return "<catchup> needs tickpolicy='catchup'";
  if (self->name == RTC && (self->policy == MERGE || self->policy == DISCARD))
    return "QEMU's rtc takes the tick policies delay and catchup only";
  if (self->name == PIT && self->policy == MERGE)
    return "QEMU's pit takes the tick policies delay, catchup and discard only";
  if ((self->name == TSC || self->name >= KVMCLOCK) && self->policy != 0)
    return "this clock takes no @tickpolicy";
  return NULL;
}

void
vc_clock_check (const VcDomain *domain, GPtrArray *errors)
{
  check_offset (domain, errors);
  for (guint i = 0; i < vc_list_n (domain->timers); i++)
    {
      const VcTimer *self = vc_list_nth (domain->timers, i);
      const char *fault = find_fault (self);

      if (fault != NULL)
        vc_domain_complain (domain, "clock", errors, VC_ERROR_UNSUPPORTED, "timer '%s': %s",
                            names[self->name], fault);
      for (guint j = 0; j < i; j++)
        if (((const VcTimer *) vc_list_nth (domain->timers, j))->name == self->name)
          vc_domain_complain (domain, "clock", errors, VC_ERROR_INVALID, "the timer '%s' is given twice",
                              names[self->name]);
    }
}

static void
plan_base (const VcDomain *domain, const VcSectionPlan *into)
{
  gint64 now = into->now != 0 ? into->now : g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *text = NULL;

  if (domain->clock == VC_CLOCK_ABSOLUTE)
    now = (gint64) domain->clock_start.value;
  else if (domain->clock == VC_CLOCK_VARIABLE)
    now += (gint64) domain->adjustment.value;
  else
    {
      vc_props_str (into->rtc, "base", domain->clock == VC_CLOCK_UTC ? "utc" : "localtime");
      return;
    }
  time = domain->clock == VC_CLOCK_VARIABLE && domain->clock_basis == VC_CLOCK_LOCALTIME
             ? g_date_time_new_from_unix_local (now)
             : g_date_time_new_from_unix_utc (now);
  text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");
  vc_props_str (into->rtc, "base", text);
}

static void
plan_timer (const VcTimer *self, const VcSectionPlan *into)
{
  static const char *const clocks[] = { "", "", "vm", "host", "rt" };

  switch (self->name)
    {
    case RTC:
      if (self->track != 0)
        vc_props_str (into->rtc, "clock", clocks[self->track]);
      if (self->policy == CATCHUP)
        vc_props_str (into->rtc, "driftfix", "slew");
      break;
    case PIT:
      if (self->policy == DELAY || self->policy == DISCARD)
        vc_props_str (vc_plan_option (into->plan, "-global", NULL), "kvm-pit.lost_tick_policy",
                      policies[self->policy]);
      break;
    case HPET:
      if (self->present != VC_TRI_NO)
        break;
      if (into->caps->release >= VC_CAPS_HPET_RELEASE)
        vc_props_bool (into->machine, "hpet", FALSE);
      else
        vc_plan_word (into->plan, "-no-hpet", NULL);
      break;
    case TSC:
      if (self->frequency.set)
        vc_props_u64 (into->cpu, "tsc-frequency", self->frequency.value);
      break;
    case KVMCLOCK:
      vc_props_tri (into->cpu, "kvmclock", self->present);
      break;
    case HYPERVCLOCK:
      if (self->present == VC_TRI_YES)
        vc_props_bool (into->cpu, "hv-time", TRUE);
      break;
    default:
      break;
    }
}

void
vc_clock_plan (const VcDomain *domain, const VcSectionPlan *into)
{
  plan_base (domain, into);
  for (guint i = 0; i < vc_list_n (domain->timers); i++)
    plan_timer (vc_list_nth (domain->timers, i), into);
}
