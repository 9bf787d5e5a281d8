// SPDX-License-Identifier: GPL-2.0
/*
 * bustle - everybody at the ledger at once
 *
 *	bustle FOLDER WRITES TIMER_MS HRTIMER_US
 *
 * Both timers are started, each from a CPU of its own.  Then two writers, each on
 * a CPU of its own, write the memos w0-0, w0-1, ... and w1-0, w1-1, ..., while two
 * readers drain into FOLDER/lines0 and FOLDER/lines1 and one process, on CPU 0,
 * copies the file counts into FOLDER/counts, again and again.  A writer makes
 * WRITES writes, and goes on until there was time for LOOKS copies.  At last the
 * timers are stopped and the rest is read.
 *
 * Prints how many each of the writers has written, and how many of all these gave
 * ENOSPC.
 */

#define _GNU_SOURCE
#include "../../lib/guest/stay_on.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FILES "/sys/class/misc/ledger/"
#define LOOKS 6000 /* lines of FOLDER/counts */
#define PATIENCE 10 /* times WRITES, and no more */

/* What the processes share. */
struct shop {
	int ready; /* writers that wait for the other */
	int finished; /* writers */
	int closed; /* the timers are stopped, too */
	int refused;
	int looks;
	int wrote[2]; /* by each writer */
};

static struct shop *shop;
static int writes;

static int get(const int *number)
{
	return __atomic_load_n(number, __ATOMIC_SEQ_CST);
}

static void add_one(int *number)
{
	__atomic_add_fetch(number, 1, __ATOMIC_SEQ_CST);
}

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		err(1, "cannot open %s", path);
	return fd;
}

static void store(const char *path, const char *value)
{
	int fd = open_or_die(path, O_WRONLY);

	if (write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		err(1, "cannot store %s into %s", value, path);
	close(fd);
}

static void writer(int who)
{
	int fd = open_or_die("/dev/ledger", O_WRONLY), k;
	char memo[16];

	stay_on(who);
	add_one(&shop->ready);
	while (get(&shop->ready) < 2)
		;
	for (k = 0;
	     k < writes || (get(&shop->looks) < LOOKS && k < PATIENCE * writes);
	     k++) {
		ssize_t length = snprintf(memo, sizeof(memo), "w%d-%d", who, k);
		ssize_t done = write(fd, memo, length);

		if (done < 0 && errno == ENOSPC)
			add_one(&shop->refused);
		else if (done != length)
			err(1, "a write of %zd bytes gave %zd", length, done);
	}
	shop->wrote[who] = k;
	add_one(&shop->finished);
}

static void reader(int who)
{
	static char buf[4096];
	size_t size = who ? sizeof(buf) : 100; /* here a line, there many */
	int fd = open_or_die("/dev/ledger", O_RDONLY), file, last;
	char name[16];
	ssize_t got;

	snprintf(name, sizeof(name), "lines%d", who);
	file = open_or_die(name, O_WRONLY | O_CREAT | O_TRUNC);
	do {
		last = get(&shop->closed);
		while ((got = read(fd, buf, size)) > 0)
			if (write(file, buf, got) != got)
				err(1, "cannot write %s", name);
		if (got < 0)
			err(1, "a read of %zu bytes", size);
		sched_yield();
	} while (!last);
}

static void watcher(int who)
{
	int file = open_or_die("counts", O_WRONLY | O_CREAT | O_TRUNC);
	int fd = open_or_die(FILES "counts", O_RDONLY);
	char line[256];
	ssize_t got;

	stay_on(who);
	while (get(&shop->looks) < LOOKS && !get(&shop->closed)) {
		got = pread(fd, line, sizeof(line), 0);
		if (got <= 0 || write(file, line, got) != got)
			err(1, "cannot copy " FILES "counts");
		add_one(&shop->looks);
	}
}

static void start(void (*work)(int who), int who)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "cannot fork");
	if (pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	work(who);
	_exit(0);
}

/* One that fails has said why; the others end with this process. */
static void wait_for_one(void)
{
	int status;

	if (wait(&status) > 0 && status)
		exit(1);
}

int main(int argc, char **argv)
{
	int k;

	if (argc != 5 || chdir(argv[1]))
		errx(2, "usage: bustle FOLDER WRITES TIMER_MS HRTIMER_US");
	writes = atoi(argv[2]);
	shop = mmap(NULL, sizeof(*shop), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shop == MAP_FAILED)
		err(1, "cannot map memory");

	stay_on(0);
	store(FILES "timer_ms", argv[3]);
	stay_on(1);
	store(FILES "hrtimer_us", argv[4]);
	for (k = 0; k < 2; k++)
		start(writer, k);
	for (k = 0; k < 2; k++)
		start(reader, k);
	start(watcher, 0);

	while (get(&shop->finished) < 2) {
		struct timespec ms = { .tv_nsec = 1000000 };
		int status;

		nanosleep(&ms, NULL);
		if (waitpid(-1, &status, WNOHANG) > 0 && status)
			return 1;
	}
	store(FILES "hrtimer_us", "0");
	store(FILES "timer_ms", "0");
	add_one(&shop->closed);
	for (k = 0; k < 5; k++)
		wait_for_one();
	printf("%d %d %d\n", shop->wrote[0], shop->wrote[1], shop->refused);
	return 0;
}
