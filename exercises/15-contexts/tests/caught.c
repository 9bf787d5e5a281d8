// SPDX-License-Identifier: GPL-2.0
/*
 * caught - stop a timer while its function is about to run on another CPU
 *
 *	caught timer|hrtimer stop|rmmod
 *
 * The timer is started on CPU 0.  From CPU 1, stall.ko is then told to hold its
 * next firing up, and while it does so the timer is stopped by its file, or the
 * module is removed.  Prints what that gave, and whether it came back while the
 * timer was "running" or when it was "over".
 */

#define _GNU_SOURCE
#include "../../lib/guest/errno_name.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STAGE "/sys/module/stall/parameters/stage"
#define TRIES 10
#define PATIENCE 3000 /* ms until a timer of a few must have fired */

static void stay_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(2, "there is no CPU %d", cpu);
}

static long store(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), saved;
	long done;

	if (fd < 0)
		err(1, "cannot open %s", path);
	done = write(fd, value, strlen(value));
	saved = errno;
	close(fd);
	errno = saved;
	return done;
}

static char stage(void)
{
	char text = '?';
	int fd = open(STAGE, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, &text, 1) != 1)
		err(2, "cannot read " STAGE);
	close(fd);
	return text;
}

static void load_stall(const char *kind)
{
	char options[64];
	int fd = open("/lib/stall.ko", O_RDONLY | O_CLOEXEC);

	snprintf(options, sizeof(options), "module=ledger kind=%s ms=400",
		 kind);
	if (fd < 0 || syscall(SYS_finit_module, fd, options, 0))
		err(2, "cannot load stall.ko");
	close(fd);
}

/* Returns while the timer is stalled, and leaves it little time for the rest. */
static void catch (const char *kind)
{
	struct timespec ms = { .tv_nsec = 1000000 };
	int try, k;

	for (try = 0; try < TRIES; try++) {
		load_stall(kind);
		for (k = 0; k < PATIENCE && stage() == '0'; k++)
			nanosleep(&ms, NULL);
		if (stage() == '1')
			return;
		if (stage() == '0')
			errx(1, "the %s does not fire again and again", kind);
		/* We came too late, on a busy host: once more. */
		if (syscall(SYS_delete_module, "stall", O_NONBLOCK))
			err(2, "cannot unload stall.ko");
	}
	errx(2, "the %s was not caught in %d tries", kind, TRIES);
}

int main(int argc, char **argv)
{
	struct timespec ms = { .tv_nsec = 1000000 };
	const char *file, *period, *name;
	long result;
	char then;
	int k;

	if (argc != 3)
		errx(2, "usage: caught timer|hrtimer stop|rmmod");
	file = strcmp(argv[1], "timer") ? "/sys/class/misc/ledger/hrtimer_us" :
					  "/sys/class/misc/ledger/timer_ms";
	period = strcmp(argv[1], "timer") ? "10000" : "10";

	/* Or an idle CPU would leave its timers to a busy one. */
	store("/proc/sys/kernel/timer_migration", "0");
	stay_on(0);
	if (store(file, period) < 0)
		err(1, "cannot store %s into %s", period, file);
	stay_on(1);
	catch (argv[1]);
	result = strcmp(argv[2], "stop") ?
			 syscall(SYS_delete_module, "ledger", O_NONBLOCK) :
			 store(file, "0");
	then = stage();
	name = errno_name(errno);
	if (result < 0)
		printf("-%s ", name ? name : "?");
	else
		printf("%ld ", result);
	printf("%s\n", then == '2' ? "over" : "running");

	/* Time for what is still pending to fire. */
	for (k = 0; k < 300; k++)
		nanosleep(&ms, NULL);
	return 0;
}
