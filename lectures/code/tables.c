// SPDX-License-Identifier: GPL-2.0
/*
 * tables - whose table a descriptor is in
 *
 * tables copy       a child with a copy of the table opens a file, as after fork()
 * tables share      a child with the same table does so, as a thread would
 * tables exec       opens a file, then becomes ls, which lists its descriptors
 * tables cloexec    the same, with a descriptor that does not survive the exec
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_SIZE 65536 /* bytes, for the child */

static int open_or_die(int flags)
{
	int fd = open("/dev/null", flags);

	if (fd < 0)
		err(1, "/dev/null");
	return fd;
}

/* In the child: the exit status tells the number to the parent. */
static int open_in_child(void *unused)
{
	(void)unused;
	return open_or_die(O_RDONLY);
}

static void look_at_child(int flags)
{
	static char stack[STACK_SIZE];
	int status, fd;
	pid_t pid;

	pid = clone(open_in_child, stack + sizeof(stack), flags | SIGCHLD,
		    NULL);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "clone");
	fd = WEXITSTATUS(status);
	if (fd <= STDERR_FILENO)
		errx(1, "the child opened nothing");
	if (fcntl(fd, F_GETFD) < 0)
		printf("child opened %d, parent: %s\n", fd, strerror(errno));
	else
		printf("child opened %d, parent has it, too\n", fd);
}

static void become_ls(int flags)
{
	printf("opened %d\n", open_or_die(flags));
	fflush(stdout);
	execlp("ls", "ls", "/proc/self/fd", NULL);
	err(1, "ls");
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "copy"))
		look_at_child(0);
	else if (!strcmp(what, "share"))
		look_at_child(CLONE_FILES);
	else if (!strcmp(what, "exec"))
		become_ls(O_RDONLY);
	else if (!strcmp(what, "cloexec"))
		become_ls(O_RDONLY | O_CLOEXEC);
	else
		errx(2, "usage: tables copy|share|exec|cloexec");
	return 0;
}
