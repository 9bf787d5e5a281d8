// SPDX-License-Identifier: GPL-2.0
#include "start.h"

#include "accel.h"
#include "address.h"
#include "bake.h"
#include "clock.h"
#include "supervisor.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLONE_MS 30000 /* a clone answers in a tenth of a second */

/* The bytes that make this guest's random numbers its own. */
static void choose_entropy(const struct settings *s, unsigned char bytes[32])
{
	char hash[HASH_TEXT];

	if (!s->entropy) {
		if (getrandom(bytes, 32, 0) != 32)
			err(EXIT_ENGINE, "getrandom");
		return;
	}
	store_hash_text(s->entropy, strlen(s->entropy), hash);
	memcpy(bytes, hash, 32);
}

/*
 * The template is checked while QEMU initialises itself, which takes longer.
 * 0; -1 with why; 1 when the template is damaged and was taken away.
 */
static int try_clone(struct supervisor *s, struct machine_spec *spec,
		     char **why)
{
	unsigned char entropy[32];
	struct template t;
	int status;

	if (template_open(&t, spec, why))
		return -1;
	spec->ram = t.ram;
	spec->memory = MEMORY_PRIVATE;
	spec->incoming = 1;
	machine_start(&s->guest.machine, spec);
	if (template_verify_changed(&t)) {
		machine_end(&s->guest.machine);
		template_discard(&t);
		return 1;
	}
	choose_entropy(s->settings, entropy);
	status = guest_greet(&s->guest, why) ||
		 guest_resume(&s->guest, t.state, &t.bearings, why) ||
		 guest_ping(&s->guest, entropy, sizeof(entropy), CLONE_MS, why);
	s->bearings = t.bearings;
	template_close(&t);
	return status ? -1 : 0;
}

static int start_clone(struct supervisor *s, struct machine_spec *spec,
		       char **why)
{
	int status = try_clone(s, spec, why);

	if (status > 0) {
		warnx("the template of kernel %s was damaged; making a new one",
		      spec->kernel->name);
		status = try_clone(s, spec, why);
	}
	if (status > 0)
		*why = format("the template is damaged again; is the disk?");
	return status;
}

static int start_cold(struct supervisor *s, struct machine_spec *spec,
		      char **why)
{
	int ram, status = boot_guest(&s->guest, spec, &ram, BOOT_MS, why);

	if (status)
		return -1;
	close(ram);
	if (take_bearings(&s->guest, spec->kernel, &s->bearings, why))
		return -1;
	if (gdb_interrupt(&s->guest.gdb) ||
	    tripwire_arm(&s->guest.gdb, &s->bearings) ||
	    gdb_continue(&s->guest.gdb)) {
		*why = format("QEMU's gdbstub took no breakpoint");
		return -1;
	}
	return 0;
}

static int listen_at(const struct settings *s)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;
	socklen_t length = address_of(s, &address);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length)) {
		if (errno == EADDRINUSE)
			errx(EXIT_ENGINE,
			     "a VM named '%s' runs already; end it: vm stop -n %s",
			     s->name, s->name);
		err(EXIT_ENGINE, "socket of VM '%s'", s->name);
	}
	if (listen(fd, 64))
		err(EXIT_ENGINE, "listen");
	return fd;
}

static int watch_owner(const struct settings *s)
{
	int fd = (int)syscall(SYS_pidfd_open, s->owner, 0);

	if (fd < 0)
		err(EXIT_ENGINE, "owner of VM '%s', process %d", s->name,
		    s->owner);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

/* From now on nobody listens, and no terminal or pipe may wait for us. */
static void detach(int ready)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (write(ready, "1", 1) != 1)
		_exit(EXIT_ENGINE);
	dup2(null, STDERR_FILENO);
	close(null);
	close(ready);
}

/*
 * Runs in a process of its own, in a session of its own; what is written to
 * standard error before detach() reaches the user.
 */
static void supervise(const struct settings *settings, int ready)
{
	static struct supervisor s;
	static struct kernel kernel;
	struct machine_spec spec = { .settings = settings,
				     .kernel = &kernel,
				     .tripwires = 1 };
	char *reason, *why = NULL;
	int status;

	setsid();
	signal(SIGPIPE, SIG_IGN);
	s.settings = settings;
	s.kernel = &kernel;
	for (int i = 0; i < MAX_CLIENTS; i++)
		s.clients[i].fd = -1;
	s.owner = watch_owner(settings);
	s.listener = listen_at(settings);
	kernel_open(&kernel, settings);
	spec.accel = accel_choose(settings, &kernel, &reason);
	s.evidence.accel = (char *)spec.accel;
	s.evidence.release = kernel.release;
	s.evidence.taint = -1;
	s.evidence.tripwires = json_array();
	s.evidence.started_ms = clock_ms();
	status = settings->cold ? start_cold(&s, &spec, &why) :
				  start_clone(&s, &spec, &why);
	if (status) {
		warnx("VM '%s' did not start: %s", settings->name, why);
		s.evidence.end = "error";
		s.evidence.detail = why;
		s.evidence.ended_ms = clock_ms();
		evidence_write(&s.evidence, settings, &s.guest.console);
		_exit(EXIT_ENGINE);
	}
	kernel_close(&kernel);
	detach(ready);
	supervisor_run(&s);
	_exit(0);
}

int start(const struct settings *s)
{
	int ready[2], status;
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		err(EXIT_ENGINE, "pipe");
	pid = fork();
	if (pid < 0)
		err(EXIT_ENGINE, "fork");
	if (!pid) {
		close_range(3, (unsigned int)ready[1] - 1, 0);
		close_range((unsigned int)ready[1] + 1, ~0u, 0);
		supervise(s, ready[1]);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) == 1)
		return 0;
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	    WEXITSTATUS(status))
		return WEXITSTATUS(status);
	warnx("VM '%s' did not start: its supervisor was killed", s->name);
	return EXIT_ENGINE;
}
