// SPDX-License-Identifier: GPL-2.0
/*
 * readers - two processes drain the ledger at once, each on a CPU of its own
 *
 *	readers FOLDER
 *
 * They start together and read a line or a few at a time, until there is nothing
 * left; what each of them got is in FOLDER/lines0 and FOLDER/lines1.
 */

#define _GNU_SOURCE
#include "../../lib/guest/stay_on.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_READS 2048 /* more than there can be records: a ring without end */

static int *ready; /* readers that wait for the other, seen by both */

static void reader(int who)
{
	int fd = open("/dev/ledger", O_RDONLY | O_CLOEXEC), file, k;
	char name[16], buf[100];
	ssize_t got;

	snprintf(name, sizeof(name), "lines%d", who);
	file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || file < 0)
		err(1, "cannot open /dev/ledger or %s", name);
	stay_on(who);
	__atomic_add_fetch(ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(ready, __ATOMIC_SEQ_CST) < 2)
		;
	for (k = 0; k < MOST_READS; k++) {
		got = read(fd, buf, sizeof(buf));
		if (got < 0)
			err(1, "cannot read");
		if (!got)
			return;
		if (write(file, buf, got) != got)
			err(1, "cannot write %s", name);
	}
	errx(1, "the ring does not end");
}

int main(int argc, char **argv)
{
	int status, worst = 0, k;
	pid_t pid;

	if (argc != 2 || chdir(argv[1]))
		errx(2, "usage: readers FOLDER");
	ready = mmap(NULL, sizeof(*ready), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ready == MAP_FAILED)
		err(1, "cannot map memory");
	for (k = 0; k < 2; k++) {
		pid = fork();
		if (pid < 0)
			err(1, "cannot fork");
		if (!pid) {
			reader(k);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		worst |= status;
	return worst ? 1 : 0;
}
