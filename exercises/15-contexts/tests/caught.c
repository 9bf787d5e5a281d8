// SPDX-License-Identifier: GPL-2.0
/*
 * caught - stop a timer while its function is about to run on another CPU
 *
 *	caught timer|hrtimer stop|rmmod
 *
 * The timer is started on CPU 0.  On CPU 1 it is then stopped by its file, or the
 * module is removed, and stall.ko sees to it that the timer fires meanwhile.
 * Prints what the call gave, and whether the firing was "running" or "over" when
 * it came back; "never", when the module has stopped nothing.
 */

#define _GNU_SOURCE
#include "../../lib/guest/errno_name.h"
#include "../../lib/guest/stay_on.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STAGE "/sys/module/stall/parameters/stage"
#define MUCH_LATER 400 /* ms, in which everything that is pending fires */

/*
 * No worker is to come between the call and the look at what it left behind: one
 * that waits for all CPUs, to free what insmod needed, would wait for the firing.
 */
static void go_first(void)
{
	struct sched_param first = { .sched_priority = 1 };

	if (syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &first)) /* not musl's */
		err(2, "cannot go first");
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

static const char *stage(void)
{
	static const char *const words[] = { "never", "alone", "running",
					     "over" };
	char text = '?';
	int fd = open(STAGE, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, &text, 1) != 1)
		err(2, "cannot read " STAGE);
	close(fd);
	return words[text - '0'];
}

static void load_stall(const char *kind)
{
	char options[64];
	int fd = open("/lib/stall.ko", O_RDONLY | O_CLOEXEC);

	snprintf(options, sizeof(options), "module=ledger kind=%s", kind);
	if (fd < 0 || syscall(SYS_finit_module, fd, options, 0))
		err(2, "cannot load stall.ko");
	close(fd);
}

int main(int argc, char **argv)
{
	struct timespec much_later = { .tv_nsec = MUCH_LATER * 1000000 };
	const char *file, *period, *name, *then;
	long result;

	if (argc != 3)
		errx(2, "usage: caught timer|hrtimer stop|rmmod");
	file = strcmp(argv[1], "timer") ? "/sys/class/misc/ledger/hrtimer_us" :
					  "/sys/class/misc/ledger/timer_ms";
	/* Long enough for a module to be gone before the next firing. */
	period = strcmp(argv[1], "timer") ? "250000" : "250";

	/* Or an idle CPU would leave its timers to a busy one. */
	store("/proc/sys/kernel/timer_migration", "0");
	stay_on(0);
	if (store(file, period) < 0)
		err(1, "cannot store %s into %s", period, file);
	stay_on(1);
	load_stall(argv[1]);
	go_first();

	result = strcmp(argv[2], "stop") ?
			 syscall(SYS_delete_module, "ledger", O_NONBLOCK) :
			 store(file, "0");
	name = errno_name(errno);
	then = stage();
	if (result < 0)
		printf("-%s %s\n", name ? name : "?", then);
	else
		printf("%ld %s\n", result, then);
	nanosleep(&much_later, NULL);
	return 0;
}
