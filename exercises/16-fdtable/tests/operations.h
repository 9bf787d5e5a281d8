/* SPDX-License-Identifier: GPL-2.0 */
/* What a task of fds.c can be told; a part of that program. */
#ifndef FDTABLE_OPERATIONS_H
#define FDTABLE_OPERATIONS_H

#include "../../lib/guest/errno_name.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEATS 9 /* tasks, "me" included */
#define MOST_LINES (1 << 20) /* bytes of what an operation shows */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

enum {
	DONE,
	ASKED
};

struct seat {
	atomic_int asked;
	pid_t pid; /* as "me" sees it */
};

/* What all tasks share. */
struct stage {
	struct seat seats[SEATS];
	int acting; /* whose turn it is */
	char operation[8192];
	long result; /* -1: see error */
	int error;
	size_t length; /* of lines */
	char lines[MOST_LINES];
};

static struct stage *stage;
static int channel[2]; /* two sockets, by which files are sent */

static int pid_of(const char *word);
static void add_line(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
static long breed(const char *how, const char *name, int wanted);
static long resume_by_exec(void);

/* The words of an operation; the text behind the second may have blanks. */
struct words {
	char word[4][64];
	const char *rest; /* behind the second word */
	int count;
};

/* FLAGS: r, w or rw, then what is wanted besides: rw+append+cloexec. */
static int flags_of(const char *text)
{
	static const struct {
		const char *name;
		int flag;
	} flags[] = {
		{ "r", O_RDONLY },
		{ "w", O_WRONLY },
		{ "rw", O_RDWR },
		{ "append", O_APPEND },
		{ "cloexec", O_CLOEXEC },
		{ "creat", O_CREAT },
		{ "directory", O_DIRECTORY },
		{ "dsync", O_DSYNC },
		{ "noatime", O_NOATIME },
		{ "nonblock", O_NONBLOCK },
		{ "path", O_PATH },
	};
	char copy[64], *at = copy, *name;
	int wanted = 0;
	size_t i;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((name = strsep(&at, "+"))) {
		for (i = 0; i < ARRAY_SIZE(flags); i++)
			if (!strcmp(name, flags[i].name))
				break;
		if (i == ARRAY_SIZE(flags))
			errx(2, "'%s' is not an open flag", name);
		wanted |= flags[i].flag;
	}
	return wanted;
}

/* open FLAGS PATH */
static long do_open(const struct words *words)
{
	return open(words->rest, flags_of(words->word[1]), 0600);
}

/* many COUNT PATH: PATH0, PATH1, ... */
static long do_many(const struct words *words)
{
	int count = atoi(words->word[1]), i, fd = -1;
	char path[256];

	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s%d", words->rest, i);
		fd = open(path, O_RDWR | O_CREAT, 0600);
		if (fd < 0)
			break;
	}
	return fd;
}

/* unlink file PATH */
static long do_unlink(const struct words *words)
{
	return unlink(words->rest);
}

static long do_close(const struct words *words)
{
	return close(atoi(words->word[1]));
}

static long do_dup(const struct words *words)
{
	return dup(atoi(words->word[1]));
}

/* dup3 FD NEW FLAGS */
static long do_dup3(const struct words *words)
{
	return dup3(atoi(words->word[1]), atoi(words->word[2]),
		    flags_of(words->word[3]));
}

static long do_seek(const struct words *words)
{
	return lseek(atoi(words->word[1]), atol(words->word[2]), SEEK_SET);
}

/* fill FD MIB: writes zeros. */
static long do_fill(const struct words *words)
{
	static const char zeros[1 << 20];
	long left = atol(words->word[2]), done = 0;

	while (left-- > 0 && done >= 0)
		done = write(atoi(words->word[1]), zeros, sizeof(zeros));
	return done < 0 ? -1 : 0;
}

/* read FD: one byte, if there is one. */
static long do_read(const struct words *words)
{
	char byte;

	return read(atoi(words->word[1]), &byte, 1);
}

/* make KIND [FLAGS]: descriptors without a path; gives the last. */
static long do_make(const struct words *words)
{
	const char *kind = words->word[1];
	int flags = words->count > 2 ? flags_of(words->word[2]) : 0, both[2];

	if (!strcmp(kind, "pipe"))
		return pipe2(both, flags) ? -1 : both[1];
	if (!strcmp(kind, "pair"))
		return socketpair(AF_UNIX, SOCK_STREAM | flags, 0, both) ?
			       -1 :
			       both[1];
	if (!strcmp(kind, "socket"))
		return socket(AF_UNIX, SOCK_DGRAM | flags, 0);
	if (!strcmp(kind, "eventfd"))
		return eventfd(0, flags);
	if (!strcmp(kind, "epoll"))
		return epoll_create1(flags);
	if (!strcmp(kind, "memfd"))
		return memfd_create("a memfd", 0);
	if (!strcmp(kind, "channel"))
		return socketpair(AF_UNIX, SOCK_DGRAM, 0, channel) ? -1 :
								     channel[1];
	errx(2, "'%s' cannot be made", kind);
}

/* A message that carries, or has room for, one descriptor. */
struct parcel {
	struct msghdr message;
	struct iovec part;
	char byte;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	};
};

static void wrap(struct parcel *parcel)
{
	memset(parcel, 0, sizeof(*parcel));
	parcel->part = (struct iovec){ &parcel->byte, 1 };
	parcel->message.msg_iov = &parcel->part;
	parcel->message.msg_iovlen = 1;
	parcel->message.msg_control = parcel->room;
	parcel->message.msg_controllen = sizeof(parcel->room);
}

/* send FD: it is on its way then, in nobody's table. */
static long do_send(const struct words *words)
{
	int fd = atoi(words->word[1]);
	struct parcel parcel;

	wrap(&parcel);
	parcel.head.cmsg_level = SOL_SOCKET;
	parcel.head.cmsg_type = SCM_RIGHTS;
	parcel.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&parcel.head), &fd, sizeof(fd));
	return sendmsg(channel[0], &parcel.message, 0) == 1 ? 0 : -1;
}

static long do_receive(const struct words *words)
{
	struct parcel parcel;
	int fd;

	(void)words;
	wrap(&parcel);
	if (recvmsg(channel[1], &parcel.message, MSG_DONTWAIT) != 1)
		return -1;
	memcpy(&fd, CMSG_DATA(&parcel.head), sizeof(fd));
	return fd;
}

/* HOW NAME: fork, share, thread, nsfork */
static long do_breed(const struct words *words)
{
	return breed(words->word[0], words->word[1], 0);
}

/* again DEAD NAME: a new task with a dead one's PID. */
static long do_again(const struct words *words)
{
	return breed(words->word[0], words->word[2], pid_of(words->word[1]));
}

static long do_exec(const struct words *words)
{
	(void)words;
	return resume_by_exec();
}

static long do_group(const struct words *words)
{
	(void)words;
	return setpgid(0, 0);
}

/* wait NAME: until it is dead, and a zombie. */
static long do_wait(const struct words *words)
{
	siginfo_t info;

	return waitid(P_PID, pid_of(words->word[1]), &info, WEXITED | WNOWAIT);
}

/* reap NAME: until it is gone; its number can be had again. */
static long do_reap(const struct words *words)
{
	return waitpid(pid_of(words->word[1]), NULL, 0) < 0 ? -1 : 0;
}

#endif
