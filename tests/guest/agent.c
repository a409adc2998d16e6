/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The guest's agent: runs shell commands that the host sends over a virtio-serial or serial port.
 *
 * Lines in:   hello | run ID BASE64(command) | kill ID
 * Lines out:  @ready | @out ID EXIT BASE64(stdout and stderr) | @bad TEXT
 *
 * Commands run side by side; an ID is any word the host chose. EXIT is 128+signal for a killed one.
 * The port is the virtio-serial port org.virtcard.test.0; without one ttyS1, and without that ttyS0.
 * It also starts pcscd on a socket that exists before pcscd is up, so that clients wait instead of
 * failing, and powers the guest off when the ACPI power button is pressed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <linux/netlink.h>
#include <linux/serial.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PORT_NAME    "org.virtcard.test.0"
#define PORT_WAIT_MS 5000
#define MAX_JOBS     64
#define MAX_BUTTONS  8
#define MAX_OUTPUT   (8u << 20)

typedef struct
{
  char *data;
  size_t len, size;
} Buffer;

typedef struct
{
  pid_t pid; /* 0: free */
  int fd;    /* its output; -1 once closed */
  int status;
  int reaped;
  char id[64];
  Buffer out;
} Job;

static Job jobs[MAX_JOBS];
static int port = -1;
static int port_is_virtio, port_hung_up;
static Buffer in, out;

static void
add (Buffer *b, const void *data, size_t len)
{
  if (b->len + len + 1 > b->size)
    {
      b->size = (b->len + len + 1) * 2;
      b->data = realloc (b->data, b->size);
      if (!b->data)
        abort ();
    }
  memcpy (b->data + b->len, data, len);
  b->len += len;
  b->data[b->len] = 0;
}

static void
drop (Buffer *b, size_t len)
{
  memmove (b->data, b->data + len, b->len - len);
  b->len -= len;
}

static void __attribute__ ((format (printf, 1, 2))) say (const char *format, ...)
{
  char line[256];
  va_list args;

  va_start (args, format);
  int len = vsnprintf (line, sizeof line, format, args);
  va_end (args);
  add (&out, line, len < (int) sizeof line ? (size_t) len : sizeof line - 1);
}

static void
say_base64 (const unsigned char *data, size_t len)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  for (size_t i = 0; i < len; i += 3)
    {
      unsigned v = data[i] << 16 | (i + 1 < len ? data[i + 1] << 8 : 0) | (i + 2 < len ? data[i + 2] : 0);
      char c[4] = { digits[v >> 18], digits[v >> 12 & 63], i + 1 < len ? digits[v >> 6 & 63] : '=',
                    i + 2 < len ? digits[v & 63] : '=' };
      add (&out, c, 4);
    }
}

/* decodes in place; the length, or -1 */
static int
decode_base64 (char *text)
{
  unsigned v = 0;
  int bits = 0, len = 0;

  for (char *p = text; *p && *p != '='; p++)
    {
      int d = *p >= 'A' && *p <= 'Z'   ? *p - 'A'
              : *p >= 'a' && *p <= 'z' ? *p - 'a' + 26
              : *p >= '0' && *p <= '9' ? *p - '0' + 52
              : *p == '+'              ? 62
              : *p == '/'              ? 63
                                       : -1;
      if (d < 0)
        return -1;
      v = v << 6 | d;
      bits += 6;
      if (bits >= 8)
        {
          bits -= 8;
          text[len++] = v >> bits & 255;
        }
    }
  text[len] = 0;
  return len;
}

/* pcscd, with its socket already listening (as systemd would hand it over) */
static void
start_pcscd (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/pcscd/pcscd.comm" };
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  mkdir ("/run/pcscd", 0755);
  if (bind (fd, (void *) &address, sizeof address) || listen (fd, 64))
    perror ("pcscd socket");
  chmod (address.sun_path, 0666);
  if (fork () == 0)
    {
      char pid[16];
      sigset_t none;
      int log = open ("/run/pcscd.log", O_WRONLY | O_CREAT | O_APPEND, 0644);

      sigemptyset (&none);
      sigprocmask (SIG_SETMASK, &none, NULL);
      dup2 (fd, 3);
      dup2 (log, 1);
      dup2 (log, 2);
      snprintf (pid, sizeof pid, "%d", getpid ());
      setenv ("LISTEN_PID", pid, 1);
      setenv ("LISTEN_FDS", "1", 1);
      execl ("/usr/sbin/pcscd", "pcscd", "--foreground", NULL);
      _exit (127);
    }
  close (fd);
}

static void
start_job (const char *id, char *command)
{
  Job *job = jobs;
  int ends[2];

  while (job < jobs + MAX_JOBS && job->pid)
    job++;
  if (job == jobs + MAX_JOBS || pipe2 (ends, O_CLOEXEC))
    {
      say ("@bad no room for %.60s\n", id);
      return;
    }
  memset (job, 0, sizeof *job);
  snprintf (job->id, sizeof job->id, "%s", id);
  job->fd = ends[0];
  job->pid = fork ();
  if (job->pid == 0)
    {
      sigset_t none;

      sigemptyset (&none);
      sigprocmask (SIG_SETMASK, &none, NULL);
      setsid ();
      dup2 (open ("/dev/null", O_RDONLY), 0);
      dup2 (ends[1], 1);
      dup2 (ends[1], 2);
      execl ("/bin/sh", "sh", "-c", command, NULL);
      _exit (127);
    }
  close (ends[1]);
}

static void
finish_job (Job *job)
{
  int exit = WIFEXITED (job->status) ? WEXITSTATUS (job->status) : 128 + WTERMSIG (job->status);

  if (job->fd >= 0)
    close (job->fd);
  say ("@out %s %d ", job->id, exit);
  say_base64 ((unsigned char *) job->out.data, job->out.len);
  say ("\n");
  free (job->out.data);
  memset (job, 0, sizeof *job);
}

static void
read_job (Job *job)
{
  char data[16384];
  ssize_t got = read (job->fd, data, sizeof data);

  if (got > 0 && job->out.len < MAX_OUTPUT)
    add (&job->out, data, (size_t) got);
  if (got > 0 || (got < 0 && errno == EINTR))
    return;
  close (job->fd);
  job->fd = -1;
}

/* A finished shell ends its job, even when something it left in the background holds the pipe. */
static void
reap (void)
{
  pid_t pid;
  int status;

  while ((pid = waitpid (-1, &status, WNOHANG)) > 0)
    for (Job *job = jobs; job < jobs + MAX_JOBS; job++)
      if (job->pid == pid)
        {
          job->status = status;
          job->reaped = 1;
          if (job->fd >= 0)
            {
              fcntl (job->fd, F_SETFL, O_NONBLOCK);
              for (ssize_t before = -1; job->fd >= 0 && before != (ssize_t) job->out.len;)
                {
                  before = (ssize_t) job->out.len;
                  struct pollfd ready = { job->fd, POLLIN, 0 };
                  if (poll (&ready, 1, 0) > 0)
                    read_job (job);
                }
            }
          finish_job (job);
        }
}

static void
obey (char *line)
{
  char *verb = strtok (line, " \r"), *id = strtok (NULL, " \r"), *text = strtok (NULL, " \r");

  if (!verb)
    return;
  if (!strcmp (verb, "hello"))
    {
      say ("\n@ready\n");
    }
  else if (!strcmp (verb, "run") && id && text && decode_base64 (text) >= 0)
    {
      start_job (id, text);
    }
  else if (!strcmp (verb, "kill") && id)
    {
      for (Job *job = jobs; job < jobs + MAX_JOBS; job++)
        if (job->pid && !strcmp (job->id, id))
          kill (-job->pid, SIGKILL);
    }
  else
    {
      say ("@bad %.60s\n", verb);
    }
}

static void
use_port (const char *path, int is_virtio)
{
  int fd = open (path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  struct termios mode;

  if (fd < 0)
    return;
  if (port >= 0)
    close (port);
  port = fd;
  port_is_virtio = is_virtio;
  port_hung_up = 0;
  in.len = out.len = 0;
  if (is_virtio)
    {
      /* SIGIO says when the host connects or goes away: a port without a host polls as hung up */
      fcntl (fd, F_SETOWN, getpid ());
      fcntl (fd, F_SETFL, O_RDWR | O_NONBLOCK | O_ASYNC);
    }
  else if (tcgetattr (fd, &mode) == 0)
    {
      cfmakeraw (&mode);
      mode.c_cflag |= CLOCAL | CREAD;
      cfsetspeed (&mode, B115200);
      tcsetattr (fd, TCSANOW, &mode);
    }
  say ("\n@ready\n");
}

static int
find_virtio_port (void)
{
  for (int dev = 0; dev < 16; dev++)
    for (int nr = 0; nr < 32; nr++)
      {
        char path[80], name[64] = "";
        snprintf (path, sizeof path, "/sys/class/virtio-ports/vport%dp%d/name", dev, nr);
        FILE *file = fopen (path, "re");
        if (!file)
          continue;
        if (!fgets (name, sizeof name, file))
          name[0] = 0;
        fclose (file);
        name[strcspn (name, "\n")] = 0;
        if (strcmp (name, PORT_NAME))
          continue;
        snprintf (path, sizeof path, "/dev/vport%dp%d", dev, nr);
        use_port (path, 1);
        return port >= 0 && port_is_virtio;
      }
  return 0;
}

static void
use_serial_port (void)
{
  int fd = open ("/dev/ttyS1", O_RDWR | O_NOCTTY | O_NONBLOCK);
  struct serial_struct info = { 0 };
  int real = fd >= 0 && ioctl (fd, TIOCGSERIAL, &info) == 0 && info.type != PORT_UNKNOWN;

  if (fd >= 0)
    close (fd);
  if (!real && freopen ("/proc/sys/kernel/printk", "we", stdout))
    {
      printf ("1\n"); /* the console is ours: keep the kernel's words out of it */
      fflush (stdout);
    }
  use_port (real ? "/dev/ttyS1" : "/dev/ttyS0", 0);
}

static void
serve_port (short events)
{
  char data[4096];
  ssize_t got;

  if (port_is_virtio && (events & POLLHUP))
    {
      port_hung_up = 1;
      in.len = out.len = 0;
      return;
    }
  if (events & POLLIN)
    while ((got = read (port, data, sizeof data)) > 0)
      add (&in, data, (size_t) got);
  for (char *end; in.len && (end = memchr (in.data, '\n', in.len));)
    {
      *end = 0;
      char *line = strdup (in.data);
      drop (&in, (size_t) (end - in.data) + 1);
      obey (line);
      free (line);
    }
  while (out.len)
    {
      ssize_t sent = write (port, out.data, out.len < 4096 ? out.len : 4096);
      if (sent <= 0)
        break;
      drop (&out, (size_t) sent);
    }
}

static void
look_at_port_again (void)
{
  struct pollfd p = { port, POLLIN, 0 };

  if (port_is_virtio && port_hung_up && poll (&p, 1, 0) >= 0 && !(p.revents & POLLHUP))
    {
      port_hung_up = 0;
      say ("\n@ready\n");
    }
}

static int
find_buttons (int *fds)
{
  int count = 0;

  for (int nr = 0; nr < 16 && count < MAX_BUTTONS; nr++)
    {
      char path[40];
      unsigned long keys[KEY_CNT / (8 * sizeof (long)) + 1] = { 0 };
      snprintf (path, sizeof path, "/dev/input/event%d", nr);
      int fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
      if (fd < 0)
        continue;
      ioctl (fd, EVIOCGBIT (EV_KEY, sizeof keys), keys);
      if (keys[KEY_POWER / (8 * sizeof (long))] >> KEY_POWER % (8 * sizeof (long)) & 1)
        fds[count++] = fd;
      else
        close (fd);
    }
  return count;
}

static void
read_button (int fd)
{
  struct input_event event;

  while (read (fd, &event, sizeof event) == sizeof event)
    if (event.type == EV_KEY && event.code == KEY_POWER && event.value == 1)
      {
        sync ();
        reboot (RB_POWER_OFF);
      }
}

static long
now_ms (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int
main (int argc, char **argv)
{
  struct sockaddr_nl kernel = { .nl_family = AF_NETLINK, .nl_groups = 1 };
  int uevents = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
  int buttons[MAX_BUTTONS];
  long deadline = now_ms () + PORT_WAIT_MS;
  sigset_t signals;

  /* "--serial": the init saw no virtio console, so there is no named port to wait for */
  if (argc > 1 && !strcmp (argv[1], "--serial"))
    deadline = 0;
  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  sigaddset (&signals, SIGIO);
  sigprocmask (SIG_BLOCK, &signals, NULL);
  signal (SIGPIPE, SIG_IGN);
  int signal_fd = signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (bind (uevents, (void *) &kernel, sizeof kernel))
    perror ("uevents");
  start_pcscd ();
  int button_count = find_buttons (buttons);
  if (!find_virtio_port () && !deadline)
    use_serial_port ();

  for (;;)
    {
      struct pollfd fds[3 + MAX_BUTTONS + MAX_JOBS] = { { signal_fd, POLLIN, 0 }, { uevents, POLLIN, 0 } };
      Job *owners[MAX_JOBS];
      int count = 3, job_count = 0;
      char data[8192];

      fds[2].fd = port_hung_up ? -1 : port;
      fds[2].events = (short) (POLLIN | (out.len ? POLLOUT : 0));
      for (int i = 0; i < button_count; i++)
        fds[count++] = (struct pollfd){ buttons[i], POLLIN, 0 };
      for (Job *job = jobs; job < jobs + MAX_JOBS; job++)
        if (job->pid && job->fd >= 0)
          {
            owners[job_count++] = job;
            fds[count++] = (struct pollfd){ job->fd, POLLIN, 0 };
          }

      long wait = port < 0 ? deadline - now_ms () : -1;
      if (port < 0 && wait <= 0)
        {
          use_serial_port ();
          continue;
        }
      if (poll (fds, (nfds_t) count, (int) wait) < 0)
        continue;
      for (int i = 0; i < job_count; i++)
        if (fds[3 + button_count + i].revents)
          read_job (owners[i]);
      for (int i = 0; i < button_count; i++)
        if (fds[3 + i].revents)
          read_button (buttons[i]);
      if (fds[0].revents)
        {
          while (read (signal_fd, data, sizeof data) > 0)
            ;
          reap ();
          look_at_port_again ();
        }
      if (fds[1].revents)
        {
          while (recv (uevents, data, sizeof data, 0) > 0)
            ;
          if (!port_is_virtio || access ("/sys/class/virtio-ports", F_OK))
            find_virtio_port ();
        }
      if (port >= 0 && !port_hung_up)
        serve_port (fds[2].revents);
    }
}
