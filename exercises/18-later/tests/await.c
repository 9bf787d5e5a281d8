// SPDX-License-Identifier: GPL-2.0
/*
 * await - wait for /dev/later
 *
 *	await line REQUEST	poll for a line before and after the request, and
 *				after the line was read
 *	await room		poll for room in a full log, before and while
 *				somebody reads
 *	await lines COUNT	read so many lines, or until there is none for QUIET
 *
 * Prints the lines; or what poll() returned each time, 1 for an event and 0 for
 * none, and how many ms the second one took.
 */

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 10000 /* ms */
#define QUIET 2500 /* ms */
#define STEP 10 /* ms, from one look to the next */
#define ASLEEP 50 /* ms, after which the other one waits in poll() */

static int look(int fd, short events, int timeout)
{
	struct pollfd file = { .fd = fd, .events = events };
	int count = poll(&file, 1, timeout);

	if (count < 0 || (count && file.revents & ~events))
		err(1, "poll gives %d, events %#x", count, file.revents);
	return count;
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(long ms)
{
	struct timespec time = { .tv_nsec = ms * 1000000 };

	nanosleep(&time, NULL);
}

/* Without poll(), which may not be there yet. */
static int collect(int fd, int count)
{
	char text[4096];
	ssize_t got, k;
	int quiet = 0;

	while (count > 0 && quiet < QUIET) {
		got = read(fd, text, sizeof(text));
		if (got < 0)
			err(1, "cannot read");
		if (!got) {
			pause_ms(STEP);
			quiet += STEP;
			continue;
		}
		quiet = 0;
		for (k = 0; k < got; k++)
			count -= text[k] == '\n';
		fwrite(text, got, 1, stdout);
	}
	return 0;
}

/* Reads one line, after the parent has begun to wait. */
static void reader(int fd)
{
	char line[64];

	pause_ms(ASLEEP);
	if (read(fd, line, sizeof(line)) <= 0)
		errx(1, "there is nothing to read");
	_exit(0);
}

int main(int argc, char **argv)
{
	int line = argc == 3 && !strcmp(argv[1], "line");
	short event = line ? POLLIN : POLLOUT;
	int fd = open("/dev/later", O_RDWR), before, after, status;
	char text[4096];
	long start;

	if (fd < 0)
		err(1, "cannot open /dev/later");
	if (argc == 3 && !strcmp(argv[1], "lines"))
		return collect(fd, atoi(argv[2]));
	before = look(fd, event, 0);
	start = now_ms();
	if (line && write(fd, argv[2], strlen(argv[2])) < 0)
		err(1, "cannot write '%s'", argv[2]);
	if (!line && !fork())
		reader(fd);
	after = look(fd, event, PATIENCE);
	printf("%d %d", before, after);
	start = now_ms() - start;
	if (line && read(fd, text, sizeof(text)) >= 0)
		printf(" %d", look(fd, event, 0));
	printf(" %ld\n", start);
	return !line && (wait(&status) < 0 || status);
}
