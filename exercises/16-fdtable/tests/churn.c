// SPDX-License-Identifier: GPL-2.0
/*
 * churn - tasks that exit, exec and close while they are listed
 *
 *	churn ROUNDS FILE
 *
 * On one CPU a reader lists a victim by /dev/fdtable, again and again, and keeps
 * what it read in FILE.  On the other CPU one victim after the other lives: it
 * opens PIPES pipes, waits until it has been found, and then
 *
 *	exits	in the middle of a list;
 *	execs	another program, which closes all of them;
 *	works	closes and opens pipes, and lets its table grow.
 *
 * Prints how many lists there were.
 */

#define _GNU_SOURCE
#include "../../lib/guest/stay_on.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPES 40 /* more descriptors than a table has room for at first */
#define FIRST 3 /* descriptor of a pipe */
#define HOT 3 /* pipes of a victim that works */
#define LISTS 40 /* of a victim that works */
#define KEPT (3 << 20) /* bytes of FILE */

/* What the processes share. */
struct square {
	atomic_int victim; /* 0: wait */
	atomic_int lists;
	atomic_int over;
};

static struct square *square;

/* listed(wanted) - waits until there are so many lists, or no more to come */
static void listed(int wanted)
{
	while (atomic_load(&square->lists) < wanted &&
	       !atomic_load(&square->over))
		;
}

static void open_pipe(void)
{
	int both[2];

	if (pipe2(both, O_CLOEXEC))
		err(1, "cannot make a pipe");
}

/*
 * work(until) - opens and closes until there are so many lists
 *
 * Few pipes are left, so that the reader mostly has one of them in hand.
 */
static void work(int until)
{
	int k, fd, high = 2 * PIPES;

	for (fd = FIRST + 2 * HOT; fd < FIRST + 2 * PIPES; fd++)
		close(fd);
	for (k = 0;
	     atomic_load(&square->lists) < until && !atomic_load(&square->over);
	     k++) {
		fd = FIRST + 2 * (k % HOT);
		close(fd);
		close(fd + 1);
		open_pipe();
		/* Every now and then the table has to grow. */
		if (k % 64 == 0 && high < 900) {
			dup2(fd, high *= 2);
			close(high);
		}
	}
}

static void victim(int round)
{
	int found = atomic_load(&square->lists), k;

	for (k = 0; k < PIPES; k++)
		open_pipe(); /* FIRST, FIRST + 1, ... */
	atomic_store(&square->victim, getpid());
	listed(found + 2);
	switch (round % 3) {
	case 0:
		_exit(0);
	case 1:
		execl("/proc/self/exe", "churn", NULL);
		err(1, "cannot exec");
	default:
		work(found + LISTS);
		_exit(0);
	}
}

/* breeder(rounds) - one victim after the other; 0 if all of them went well */
static int breeder(int rounds)
{
	int k, status;

	stay_on(1);
	for (k = 0; k < rounds; k++) {
		pid_t pid = fork();

		if (!pid)
			victim(k);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
			warnx("round %d went wrong", k);
			return 1;
		}
	}
	return 0;
}

/* keep_list(fd, pid, file) - reads one list of pid; 0 when that is gone */
static int keep_list(int fd, int pid, FILE *file)
{
	static char text[8192];
	char number[16];
	ssize_t got;
	int length = snprintf(number, sizeof(number), "%d", pid);

	if (write(fd, number, length) != length) {
		if (errno != ESRCH)
			err(1, "cannot write %d", pid);
		return 0;
	}
	while ((got = read(fd, text, sizeof(text))) > 0)
		if (ftell(file) < KEPT)
			fwrite(text, 1, got, file);
	if (got < 0)
		err(1, "cannot read the list of %d", pid);
	return 1;
}

static void reader(const char *path)
{
	FILE *file = fopen(path, "w");
	int fd = open("/dev/fdtable", O_RDWR | O_CLOEXEC);

	if (!file || fd < 0)
		err(1, "cannot open %s and /dev/fdtable", path);
	stay_on(0);
	while (!atomic_load(&square->over)) {
		int pid = atomic_load(&square->victim);

		if (pid && keep_list(fd, pid, file))
			atomic_fetch_add(&square->lists, 1);
	}
	if (fclose(file))
		err(1, "%s", path);
}

int main(int argc, char **argv)
{
	pid_t pid;
	int status;

	if (argc == 1)
		return 0; /* after exec */
	if (argc != 3)
		errx(2, "usage: churn ROUNDS FILE");
	square = mmap(NULL, sizeof(*square), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (square == MAP_FAILED)
		err(1, "cannot map memory");
	pid = fork();
	if (pid < 0)
		err(1, "cannot fork");
	if (!pid) {
		status = breeder(atoi(argv[1]));
		atomic_store(&square->over, 1);
		_exit(status);
	}
	reader(argv[2]);
	if (waitpid(pid, &status, 0) != pid || status)
		return 1;
	printf("%d\n", atomic_load(&square->lists));
	return 0;
}
