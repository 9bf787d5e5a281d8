// SPDX-License-Identifier: GPL-2.0
/*
 * lives - processes that open, share, hand on and lose /dev/lifetime, step by step
 *
 * A step is one argument: an actor, what it is to do, and with what.  Actor `a`
 * is there from the start, the others by fork or share.  A step is over before
 * the next one begins, and prints a line: the step, what the call gave, and the
 * first line of /proc/lifetime after it.
 *
 *	# lives 'a open' 'a fork b' 'b exit' 'a close 3'
 *	a open = 3 | opens 1 flushes 0 releases 0 alive 1
 *	a fork b = 0 | opens 1 flushes 0 releases 0 alive 1
 *	...
 *
 * After the last one come `---`, a line `ACTOR PID` for each actor, `---`, and
 * all of /proc/lifetime; then the actors that are left are killed.
 *
 *	A open [cloexec|path]	A close FD		A write FD TEXT
 *	A dup FD		A dup2 FD FD		A close-range FD FD
 *	A fork B		A share B		B has the same table of descriptors
 *	A exec			A exit			A kill	by SIGKILL
 *	A pair			two UNIX sockets: the number of the first
 *	A send SOCKET FD [FD]	A receive SOCKET
 *	A map FD [LENGTH [OFFSET]]	A unmap		A grow
 *	A poke NUMBER		into the first byte of the mapping
 *	A peek
 *	A rmmod
 *	wait N			until N files were released
 *
 * Descriptors from 100 on are ours.
 */

#define _GNU_SOURCE
#include "../../lib/guest/errno_name.h"
#include "actor.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#define PATIENCE 8000 /* ms, for what should happen at once */

static pid_t pids[ACTORS]; /* 0: not there, or gone */
static pid_t everybody[ACTORS]; /* who was ever there */

static void place(int fd, int target)
{
	if (dup2(fd, target) != target)
		err(2, "cannot move a descriptor");
	close(fd);
}

static void pipes(void)
{
	int pair[2], k;

	for (k = 0; k < ACTORS; k++) {
		if (pipe(pair))
			err(2, "no pipe");
		place(pair[0], ORDERS(k));
		place(pair[1], ORDERS_TO(k));
		if (pipe(pair))
			err(2, "no pipe");
		place(pair[0], ANSWERS_FROM(k));
		place(pair[1], ANSWERS(k));
	}
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for the end of @who, up to @ms; false when it lives on. */
static bool gone(int who, long ms, int *status)
{
	const struct timespec nap = { .tv_nsec = 500000 };
	long end = now_ms() + ms;

	while (!waitpid(pids[who], status, WNOHANG)) {
		if (now_ms() >= end)
			return false;
		nanosleep(&nap, NULL);
	}
	pids[who] = 0;
	return true;
}

/* The answer of @who; one that has died has given none. */
static bool listen_to(int who, struct answer *answer, int *status)
{
	struct pollfd ready = { .fd = ANSWERS_FROM(who), .events = POLLIN };
	long end = now_ms() + PATIENCE;

	while (poll(&ready, 1, 10) != 1) {
		if (gone(who, 0, status))
			return false;
		if (now_ms() >= end)
			errx(1, "actor %c does not answer", 'a' + who);
	}
	if (read(ready.fd, answer, sizeof(*answer)) != sizeof(*answer))
		err(2, "cannot hear an answer");
	return true;
}

/* The file /proc/lifetime, in one read. */
static char *look(void)
{
	static char text[65536];
	int fd = open("/proc/lifetime", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[got < 0 ? 0 : got] = '\0';
	return text;
}

static void report(const char *step, const char *what)
{
	char *text = look();

	printf("%s = %s | %.*s\n", step, what, (int)strcspn(text, "\n"), text);
}

static void report_answer(const char *step, const struct answer *answer)
{
	const char *name = errno_name(answer->error);
	char what[32];

	if (answer->value >= 0)
		snprintf(what, sizeof(what), "%ld", answer->value);
	else
		snprintf(what, sizeof(what), "-%s", name ? name : "?");
	report(step, what);
}

static void report_end(const char *step, int status)
{
	char what[32];

	if (WIFSIGNALED(status))
		snprintf(what, sizeof(what), "signal-%d", WTERMSIG(status));
	else
		snprintf(what, sizeof(what), "%d", WEXITSTATUS(status));
	report(step, what);
}

static void order(int who, const char *step)
{
	char text[STEP] = "";

	snprintf(text, sizeof(text), "%s", step);
	if (write(ORDERS_TO(who), text, sizeof(text)) != sizeof(text))
		err(2, "cannot talk to an actor");
}

/* fork and share: the answer is the new actor's PID. */
static void cast(const char *step, int child, struct answer *answer)
{
	if (answer->value > 0) {
		pids[child] = everybody[child] = answer->value;
		answer->value = 0;
	}
	report_answer(step, answer);
}

static void end(const char *step, int who)
{
	int status;

	if (!gone(who, PATIENCE, &status))
		errx(1, "actor %c lives on", 'a' + who);
	report_end(step, status);
}

static void wait_for(const char *step, long releases)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	long last = now_ms() + PATIENCE;
	long seen;

	while (sscanf(look(), "%*s %*d %*s %*d releases %ld", &seen) != 1 ||
	       seen < releases) {
		if (now_ms() >= last) {
			report(step, "-ETIMEDOUT");
			return;
		}
		nanosleep(&nap, NULL);
	}
	report(step, "0");
}

static void direct(const char *step)
{
	char text[STEP], *word[WORDS];
	struct answer answer;
	int who, status;

	snprintf(text, sizeof(text), "%s", step);
	if (words(text, word) < 2)
		errx(2, "too short: '%s'", step);
	if (!strcmp(word[0], "wait")) {
		wait_for(step, number(word[1]));
		return;
	}
	who = actor(word[0]);
	if (!pids[who])
		errx(1, "actor %s is not there for '%s'", word[0], step);
	if (!strcmp(word[1], "kill")) {
		kill(pids[who], SIGKILL);
		end(step, who);
		return;
	}
	find(word[1]);
	order(who, step);
	if (!strcmp(word[1], "exit"))
		end(step, who);
	else if (!listen_to(who, &answer, &status))
		report_end(step, status);
	else if (!strcmp(word[1], "fork") || !strcmp(word[1], "share"))
		cast(step, actor(word[2]), &answer);
	else
		report_answer(step, &answer);
}

static void close_the_theatre(void)
{
	int k, status;

	printf("---\n");
	for (k = 0; k < ACTORS; k++)
		if (everybody[k])
			printf("%c %d\n", 'a' + k, everybody[k]);
	printf("---\n%s", look());
	for (k = 0; k < ACTORS; k++) {
		if (!pids[k])
			continue;
		kill(pids[k], SIGKILL);
		if (!gone(k, PATIENCE, &status))
			errx(1, "actor %c does not die", 'a' + k);
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--actor")) {
		say(actor(argv[2]), 0, 0);
		act(actor(argv[2]));
	}
	if (argc < 2)
		errx(2, "usage: lives STEP...");
	setvbuf(stdout, NULL, _IOLBF, 0);
	pipes();
	pids[0] = everybody[0] = fork();
	if (pids[0] < 0)
		err(2, "cannot fork");
	if (!pids[0])
		act(0);
	for (argv++; *argv; argv++)
		direct(*argv);
	close_the_theatre();
	return 0;
}
