// SPDX-License-Identifier: GPL-2.0
/*
 * held - what happens to a call on the recorder while another one holds it
 *
 *	held KEY write|read|share|hold nothing|nonblock|signal|restart
 *
 * A process holds the recorder by the class file hold.  Another one then writes
 * one press or makes the first read of an open file; share: two do so on one open
 * file; hold: it is the one that holds.  Once they sleep, or have returned,
 *
 *	nothing		the recorder is set free
 *	nonblock	the same; they have opened with O_NONBLOCK
 *	signal		they get a signal, for which there is a handler
 *	restart		the same, with SA_RESTART
 *
 * Prints a line for each of them: in which state of /proc/PID/stat it was, what
 * the call gave, and whether the recorder was still held then.  What is read is
 * in /tmp/song0 and /tmp/song1.
 */

#define _GNU_SOURCE
#include "../../lib/guest/errno_name.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 3000 /* ms for all that should happen at once */
#define HOLD "5000" /* ms: longer than anybody waits here */

/* One that uses the recorder while it is held. */
struct user {
	pid_t pid;
	char state;
	volatile bool entered, done, was_held;
	volatile long result;
	volatile int error;
};

static struct user *users; /* shared by all processes */
static volatile bool *held;
static const char *text = "1"; /* what is written */
static int key, count;

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void nap(void)
{
	struct timespec ms = { .tv_nsec = 1000000 };

	nanosleep(&ms, NULL);
}

static void on_signal(int number)
{
	(void)number;
}

/* The first word of /proc/PID/NAME behind @skip, as a character. */
static char peek(pid_t pid, const char *name, const char *skip)
{
	char path[64], text[512] = "", *at = text;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return '?';
	if (read(fd, text, sizeof(text) - 1) <= 0)
		text[0] = '?';
	close(fd);
	if (*skip)
		at = strstr(text, skip);
	return at ? at[strlen(skip)] : '?';
}

/*
 * In a system call that sleeps, /proc/PID/syscall has its number: 0 and 1 are
 * read and write.  While it runs, the file says "running".
 */
static bool sleeps(pid_t pid)
{
	char call = peek(pid, "syscall", "");

	return call == '0' || call == '1';
}

static pid_t hold(int fd)
{
	pid_t pid = fork();
	long end = now_ms() + PATIENCE;

	if (pid < 0)
		err(2, "cannot fork");
	if (!pid) {
		if (write(fd, HOLD, strlen(HOLD)) < 0)
			err(1, "cannot hold the recorder");
		_exit(0);
	}
	while (!sleeps(pid) && now_ms() < end)
		nap();
	if (!sleeps(pid))
		errx(1, "a write to hold does not sleep");
	return pid;
}

/* The call itself, by @user, in a process of its own. */
static void use(struct user *user, bool reads)
{
	static char song[1 << 17];
	char path[16];
	int fd;

	user->entered = true;
	user->result = reads ? pread(key, song, sizeof(song), 0) :
			       write(key, text, strlen(text));
	user->error = errno;
	user->was_held = *held;
	user->done = true;
	if (reads && user->result > 0) {
		snprintf(path, sizeof(path), "/tmp/song%d",
			 (int)(user - users));
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (write(fd, song, user->result) != user->result)
			err(1, "cannot write %s", path);
	}
	_exit(0);
}

static void start(struct user *user, bool reads)
{
	long end = now_ms() + PATIENCE;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		err(2, "cannot fork");
	if (!pid)
		use(user, reads);
	user->pid = pid; /* here only: this memory is the child's, too */
	while (!user->done && !sleeps(user->pid) && now_ms() < end)
		nap();
	/* The state is behind the name of the program, which is in brackets. */
	user->state = user->done ? '-' : peek(user->pid, "stat", ") ");
}

static void report(const struct user *user)
{
	const char *name = errno_name(user->error);

	printf("%c ", user->state);
	if (user->result < 0)
		printf("-%s", name ? name : "?");
	else
		printf("%ld", user->result);
	printf(" %s\n", user->was_held ? "held" : "free");
}

/* Bounded: a call that a signal does not wake returns when the hold ends. */
static void wait_for(const struct user *user)
{
	long end = now_ms() + PATIENCE;

	while (!user->done && now_ms() < end)
		nap();
}

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		err(1, "cannot open %s", path);
	return fd;
}

static void handle_signal(int flags)
{
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = flags };

	if (sigaction(SIGUSR1, &action, NULL))
		err(2, "cannot handle a signal");
}

int main(int argc, char **argv)
{
	bool reads, holds, nonblock, signals;
	char path[32];
	pid_t holder = 0;
	int file, k;

	if (argc != 4)
		errx(2, "usage: held KEY write|read|share|hold "
			"nothing|nonblock|signal|restart");
	count = strcmp(argv[2], "share") ? 1 : 2;
	holds = !strcmp(argv[2], "hold");
	reads = !holds && strcmp(argv[2], "write");
	nonblock = !strcmp(argv[3], "nonblock");
	signals = !strcmp(argv[3], "signal") || !strcmp(argv[3], "restart");
	handle_signal(strcmp(argv[3], "restart") ? 0 : SA_RESTART);

	users = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (users == MAP_FAILED)
		err(2, "cannot map memory");
	held = (bool *)(users + count);
	snprintf(path, sizeof(path), "/dev/kkey%s", argv[1]);
	key = open_or_die(path, O_RDWR | (nonblock ? O_NONBLOCK : 0));
	file = open_or_die("/sys/class/kkey/hold", O_WRONLY);

	*held = true;
	if (holds) {
		key = file;
		text = HOLD;
	} else {
		holder = hold(file);
	}
	for (k = 0; k < count; k++)
		start(&users[k], reads);
	for (k = 0; signals && k < count; k++) {
		kill(users[k].pid, SIGUSR1);
		wait_for(&users[k]);
	}
	*held = false;
	if (holder)
		kill(holder, SIGKILL); /* a signal ends a hold */
	while (waitpid(-1, NULL, 0) > 0)
		;
	for (k = 0; k < count; k++)
		report(&users[k]);
	return 0;
}
