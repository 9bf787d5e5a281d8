// SPDX-License-Identifier: GPL-2.0
/*
 * knock - writes to a file, and gets a signal while it waits
 *
 * knock FILE TEXT            after 200 ms, whose handler asks for no restart
 * knock FILE TEXT restart    the same with SA_RESTART
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* Only there so that the signal does not kill. */
static void on_alarm(int number)
{
	(void)number;
}

/* Has SIGALRM come once, 200 ms from now. */
static void set_alarm(int flags)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = flags };
	struct itimerval soon = { .it_value.tv_usec = 200000 };

	if (sigaction(SIGALRM, &action, NULL))
		err(2, "sigaction");
	if (setitimer(ITIMER_REAL, &soon, NULL))
		err(2, "setitimer");
}

int main(int argc, char **argv)
{
	ssize_t written;
	int file;

	if (argc < 3)
		errx(2, "usage: knock FILE TEXT [restart]");
	file = open(argv[1], O_WRONLY);
	if (file < 0)
		err(2, "%s", argv[1]);
	set_alarm(argc > 3 ? SA_RESTART : 0);
	written = write(file, argv[2], strlen(argv[2]));
	printf("write = %s\n", written < 0 ? strerror(errno) : "done");
	return 0;
}
