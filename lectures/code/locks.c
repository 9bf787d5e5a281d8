// SPDX-License-Identifier: GPL-2.0
/*
 * locks - what a close does to a lock, and what the kernel does about a deadlock
 *
 * locks posix|ofd|flock    locks, opens the file again, closes that again
 * locks deadlock           two processes want what the other one has
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "locked"

static int open_file(void)
{
	int fd = open(NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		err(1, NAME);
	return fd;
}

/* Locks one byte by F_SETLK, F_SETLKW or F_OFD_SETLK. */
static int lock_byte(int fd, int command, off_t byte)
{
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};

	return fcntl(fd, command, &lock);
}

static int lock_file(int fd, const char *kind)
{
	if (!strcmp(kind, "flock"))
		return flock(fd, LOCK_EX | LOCK_NB);
	if (!strcmp(kind, "ofd"))
		return lock_byte(fd, F_OFD_SETLK, 0);
	return lock_byte(fd, F_SETLK, 0);
}

/* Asks from another process, which opens the file for itself. */
static void ask(const char *kind, const char *when)
{
	int status;

	fflush(stdout);
	if (fork() == 0)
		_exit(lock_file(open_file(), kind) ? errno : 0);
	wait(&status);
	printf("%s: another process gets %s\n", when,
	       status ? strerror(WEXITSTATUS(status)) : "the lock");
}

static void close_another(const char *kind)
{
	int fd = open_file();

	if (lock_file(fd, kind))
		err(1, "%s", kind);
	ask(kind, "locked");
	close(open_file());
	ask(kind, "after an open and a close");
}

/* Has one byte and waits for the other; who is refused gives up both. */
static void want_both(int fd, off_t first, int ready, int other_is_ready)
{
	char byte = 0;

	if (lock_byte(fd, F_SETLK, first))
		err(1, "first lock");
	if (write(ready, &byte, 1) != 1 || read(other_is_ready, &byte, 1) != 1)
		err(1, "pipe");
	if (lock_byte(fd, F_SETLKW, !first))
		printf("one: %s\n", strerror(errno));
	else
		printf("the other: has both\n");
	fflush(stdout);
	_exit(0);
}

static void make_deadlock(void)
{
	int one[2], two[2];

	if (pipe(one) || pipe(two))
		err(1, "pipe");
	if (fork() == 0)
		want_both(open_file(), 0, one[1], two[0]);
	if (fork() == 0)
		want_both(open_file(), 1, two[1], one[0]);
	wait(NULL);
	wait(NULL);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: locks posix|ofd|flock|deadlock");
	if (!strcmp(argv[1], "deadlock"))
		make_deadlock();
	else
		close_another(argv[1]);
	return 0;
}
