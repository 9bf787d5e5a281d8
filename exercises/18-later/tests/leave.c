// SPDX-License-Identifier: GPL-2.0
/*
 * leave - remove the module at the worst moment of a call
 *
 *	leave task_work
 *	leave timer|hrtimer|delayed_work
 *
 * task_work: one process asks for a task_work, and hold.ko, loaded with task=held,
 * keeps it from being called; another one, which shares the descriptor, closes it
 * and removes the module; then the call goes on, and the module is removed again.
 * Prints what the two removals gave.
 *
 * The others, on two CPUs: calls are asked for on CPU 0, the module is removed on
 * CPU 1, and stall.ko sees to it that a call comes meanwhile.  Prints what the
 * removal gave, and whether the call was "running" or "over" when it came back;
 * "never", when the module has stopped nothing.
 */

#define _GNU_SOURCE
#include "../../lib/guest/errno_name.h"
#include "../../lib/guest/stay_on.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 2000 /* ms for what should happen at once */
#define MUCH_LATER 400 /* ms, in which everything that is pending is called */

static void pause_ms(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static void store(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		err(1, "cannot write '%s' to %s", value, path);
	close(fd);
}

/* The digit in a module's parameter stage. */
static char stage(const char *path)
{
	char digit = '?';
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, &digit, 1) != 1)
		err(2, "cannot read %s", path);
	close(fd);
	return digit;
}

static void print_removal(void)
{
	const char *name;

	if (!syscall(SYS_delete_module, "later", O_NONBLOCK)) {
		printf("0");
		return;
	}
	name = errno_name(errno);
	printf("-%s", name ? name : "?");
}

static void writer(int fd)
{
	if (prctl(PR_SET_NAME, "held") || write(fd, "task_work", 9) != 9)
		err(1, "cannot ask for a task_work");
	_exit(0);
}

static int leave_task_work(void)
{
	int fd = open("/dev/later", O_WRONLY), k, status;
	long pid;

	if (fd < 0)
		err(1, "cannot open /dev/later");
	/* A process that shares our table of descriptors. */
	pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		err(2, "cannot clone");
	if (!pid)
		writer(fd);
	for (k = 0; stage("/sys/module/hold/parameters/stage") != '1'; k++) {
		if (k == PATIENCE)
			errx(1, "no task_work is about to be called");
		pause_ms(1);
	}
	close(fd);
	print_removal();
	store("/sys/module/hold/parameters/release", "1");
	if (waitpid(pid, &status, 0) != pid || status)
		errx(1, "the writer did not come back");
	printf(" ");
	print_removal();
	printf("\n");
	return 0;
}

static void load_stall(const char *kind)
{
	char options[64];
	int fd = open("/lib/stall.ko", O_RDONLY | O_CLOEXEC);

	snprintf(options, sizeof(options), "module=later kind=%s", kind);
	if (fd < 0 || syscall(SYS_finit_module, fd, options, 0))
		err(2, "cannot load stall.ko");
	close(fd);
}

static int leave_others(const char *mechanism)
{
	static const char *const words[] = { "never", "alone", "running",
					     "over" };
	const char *kind = strcmp(mechanism, "delayed_work") ? mechanism :
							       "work";
	char request[32];

	/* Or an idle CPU would leave its timers to a busy one. */
	store("/proc/sys/kernel/timer_migration", "0");
	snprintf(request, sizeof(request), "%s 20 x200", mechanism);
	stay_on(0);
	store("/dev/later", request);
	stay_on(1);
	load_stall(kind);
	print_removal();
	printf(" %s\n",
	       words[stage("/sys/module/stall/parameters/stage") - '0']);
	fflush(stdout); /* should the end come now */
	pause_ms(MUCH_LATER);
	return syscall(SYS_delete_module, "stall", O_NONBLOCK) ? 1 : 0;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: leave task_work|timer|hrtimer|delayed_work");
	return strcmp(argv[1], "task_work") ? leave_others(argv[1]) :
					      leave_task_work();
}
