/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an actor of lives.c can do, and how it is told: it reads an order, makes
 * one system call, and answers with what that gave.
 */
#ifndef LIFETIME_ACTOR_H
#define LIFETIME_ACTOR_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ACTORS 4
#define WORDS 6 /* the last one is NULL */
#define STEP 128 /* bytes */

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* An actor's ends of its two pipes, and the director's. */
#define ORDERS(actor) (100 + (actor))
#define ANSWERS(actor) (110 + (actor))
#define ORDERS_TO(actor) (120 + (actor))
#define ANSWERS_FROM(actor) (130 + (actor))

struct answer {
	long value; /* -1: a call failed, with error */
	int error;
};

static long number(const char *text)
{
	char *end;
	long value = text ? strtol(text, &end, 0) : 0;

	if (!text || end == text || *end)
		errx(2, "not a number: '%s'", text ? text : "");
	return value;
}

static int actor(const char *name)
{
	if (!name || name[0] < 'a' || name[0] >= 'a' + ACTORS || name[1])
		errx(2, "no actor: '%s'", name ? name : "");
	return name[0] - 'a';
}

static int words(char *text, char *word[WORDS])
{
	char *rest;
	int count = 0;

	for (word[0] = strtok_r(text, " ", &rest); word[count];)
		if (++count == WORDS)
			errx(2, "too many words");
		else
			word[count] = strtok_r(NULL, " ", &rest);
	return count;
}

/* The verbs.  word[1] is the verb itself; missing words are NULL. */

static char *mapping;
static size_t mapped;

static long do_open(char **word)
{
	int flags = O_RDWR;

	if (word[2] && !strcmp(word[2], "cloexec"))
		flags |= O_CLOEXEC;
	else if (word[2] && !strcmp(word[2], "path"))
		flags = O_PATH;
	return open("/dev/lifetime", flags);
}

static long do_close(char **word)
{
	return close(number(word[2]));
}

static long do_write(char **word)
{
	return write(number(word[2]), word[3], strlen(word[3]));
}

static long do_dup(char **word)
{
	return dup(number(word[2]));
}

static long do_dup2(char **word)
{
	return dup2(number(word[2]), number(word[3]));
}

static long do_close_range(char **word)
{
	return syscall(SYS_close_range, number(word[2]), number(word[3]), 0);
}

static void act(int me);

/* All actors are the director's children, which waits for them. */
static long spawn(int child, int flags)
{
	pid_t pid =
		syscall(SYS_clone, CLONE_PARENT | SIGCHLD | flags, 0, 0, 0, 0);

	if (!pid)
		act(child);
	return pid;
}

static long do_fork(char **word)
{
	return spawn(actor(word[2]), 0);
}

static long do_share(char **word)
{
	return spawn(actor(word[2]), CLONE_FILES);
}

/* The new program answers in place of this one: see main(). */
static long do_exec(char **word)
{
	return execl("/proc/self/exe", "lives", "--actor", word[0], NULL);
}

static long do_exit(char **word)
{
	(void)word;
	_exit(0);
}

static long do_pair(char **word)
{
	int pair[2];

	(void)word;
	return socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) ? -1 : pair[0];
}

/* A message of one byte; the descriptors that come with it lie in @control. */
struct letter {
	char byte;
	struct iovec part;
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr head;
};

static void address(struct letter *letter, int fds)
{
	memset(letter, 0, sizeof(*letter));
	letter->part.iov_base = &letter->byte;
	letter->part.iov_len = 1;
	letter->head.msg_iov = &letter->part;
	letter->head.msg_iovlen = 1;
	letter->head.msg_control = &letter->control;
	letter->head.msg_controllen = CMSG_SPACE(fds * sizeof(int));
}

static long do_send(char **word)
{
	int fds[2] = { number(word[3]), word[4] ? number(word[4]) : -1 };
	int count = word[4] ? 2 : 1;
	struct letter letter;
	struct cmsghdr *control;

	address(&letter, count);
	control = CMSG_FIRSTHDR(&letter.head);
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(control), fds, count * sizeof(int));
	return sendmsg(number(word[2]), &letter.head, MSG_DONTWAIT);
}

static long do_receive(char **word)
{
	struct letter letter;
	struct cmsghdr *control;
	int fd;

	address(&letter, 1);
	if (recvmsg(number(word[2]), &letter.head, MSG_DONTWAIT) < 0)
		return -1;
	control = CMSG_FIRSTHDR(&letter.head);
	if (!control)
		return 0;
	memcpy(&fd, CMSG_DATA(control), sizeof(fd));
	return fd;
}

static long do_map(char **word)
{
	size_t length = word[3] ? number(word[3]) : 4096;
	off_t offset = word[3] && word[4] ? number(word[4]) : 0;
	void *got = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED,
			 number(word[2]), offset);

	if (got == MAP_FAILED)
		return -1;
	mapping = got;
	mapped = length;
	return 0;
}

static long do_unmap(char **word)
{
	(void)word;
	return munmap(mapping, mapped);
}

static long do_grow(char **word)
{
	void *got = mremap(mapping, mapped, mapped + 4096, MREMAP_MAYMOVE);

	(void)word;
	return got == MAP_FAILED ? -1 : 0;
}

static long do_poke(char **word)
{
	*(volatile char *)mapping = number(word[2]);
	return 0;
}

static long do_peek(char **word)
{
	(void)word;
	return *(volatile unsigned char *)mapping;
}

static long do_rmmod(char **word)
{
	(void)word;
	return syscall(SYS_delete_module, "lifetime", O_NONBLOCK);
}

static const struct verb {
	const char *name;
	long (*run)(char **word);
} verbs[] = {
	{ "close", do_close }, { "close-range", do_close_range },
	{ "dup", do_dup },     { "dup2", do_dup2 },
	{ "exec", do_exec },   { "exit", do_exit },
	{ "fork", do_fork },   { "grow", do_grow },
	{ "map", do_map },     { "open", do_open },
	{ "pair", do_pair },   { "peek", do_peek },
	{ "poke", do_poke },   { "receive", do_receive },
	{ "rmmod", do_rmmod }, { "send", do_send },
	{ "share", do_share }, { "unmap", do_unmap },
	{ "write", do_write },
};

static const struct verb *find(const char *name)
{
	size_t k;

	for (k = 0; name && k < ARRAY_SIZE(verbs); k++)
		if (!strcmp(name, verbs[k].name))
			return &verbs[k];
	errx(2, "not known: '%s'", name ? name : "");
}

static void say(int me, long value, int error)
{
	struct answer answer = { value, error };

	if (write(ANSWERS(me), &answer, sizeof(answer)) != sizeof(answer))
		err(2, "cannot answer");
}

/* An actor's life: orders are carried out and answered, one at a time. */
static void act(int me)
{
	char text[STEP], *word[WORDS];
	long value;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(ORDERS(me), text, sizeof(text)) == sizeof(text)) {
		words(text, word);
		errno = 0;
		value = find(word[1])->run(word);
		say(me, value, errno);
	}
	_exit(0);
}

#endif
