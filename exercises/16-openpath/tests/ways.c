// SPDX-License-Identifier: GPL-2.0
/*
 * ways - open a file by many ways, and say whether its driver was asked
 *
 * All operations of one command line are done by one process.  Each is one
 * argument and prints one line, "OPERATION = RESULT, DRIVER":
 *
 *	# ways 'open r /dev/openpath' 'open r+directory /dev/openpath'
 *	open r /dev/openpath = 3, granted
 *	open r+directory /dev/openpath = -ENOTDIR, not asked
 *
 * DRIVER is by how much the two counts of openpath have moved meanwhile:
 * "granted" or "refused" by one, "not asked" by nothing; anything else is told
 * in numbers.  The operations:
 *
 *	open FLAGS PATH
 *	openat FLAGS DIRECTORY PATH             the directory is opened by O_PATH
 *	openat2 FLAGS RESOLVE DIRECTORY PATH
 *	exec PATH                               in a child
 *	dup FD
 *	close FD
 *	read FD                                 prints text, commas for new lines
 *	as UID                                  another user from here on, not root
 *	full                                    no descriptor is free from here on
 *
 * FLAGS are r, w or rw, then others behind a plus each; RESOLVE is the name of
 * a flag or "-".  The system calls are made as named, whatever the C library
 * makes of open().
 */

#define _GNU_SOURCE
#include "../../lib/guest/errno_name.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNTS "/sys/module/openpath/parameters/"
#define OUT_OF_THE_WAY 50 /* descriptors of our own begin here */
#define WORDS 5
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct name {
	const char *name;
	unsigned long flag;
};

static const struct name open_flags[] = {
	{ "r", O_RDONLY },	    { "w", O_WRONLY },
	{ "rw", O_RDWR },	    { "creat", O_CREAT },
	{ "direct", O_DIRECT },	    { "directory", O_DIRECTORY },
	{ "excl", O_EXCL },	    { "nofollow", O_NOFOLLOW },
	{ "nonblock", O_NONBLOCK }, { "path", O_PATH },
	{ "trunc", O_TRUNC },	    { NULL, 0 },
};

static const struct name resolve_flags[] = {
	{ "-", 0 },
	{ "beneath", RESOLVE_BENEATH },
	{ "in_root", RESOLVE_IN_ROOT },
	{ "no_magiclinks", RESOLVE_NO_MAGICLINKS },
	{ "no_symlinks", RESOLVE_NO_SYMLINKS },
	{ "no_xdev", RESOLVE_NO_XDEV },
	{ NULL, 0 },
};

static const char *const count_files[] = { COUNTS "opens", COUNTS "refused" };
static int count_fds[ARRAY_SIZE(count_files)];

struct counts {
	long opens, refused;
};

/* flags_of(text, names) - the flags whose names text has, plus signs between */
static unsigned long flags_of(char *text, const struct name *names)
{
	unsigned long flags = 0;
	const struct name *known;
	char *name;

	while ((name = strsep(&text, "+"))) {
		for (known = names; known->name; known++)
			if (!strcmp(name, known->name))
				break;
		if (!known->name)
			errx(2, "'%s' is no flag that ways knows", name);
		flags |= known->flag;
	}
	return flags;
}

/* Opened once, before there is no descriptor left or another user at work. */
static void open_counts(void)
{
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(count_files); i++) {
		fd = open(count_files[i], O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			err(1, "there is no %s", count_files[i]);
		count_fds[i] = fcntl(fd, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
		close(fd);
	}
}

static long count(int index)
{
	char text[32] = "";

	if (pread(count_fds[index], text, sizeof(text) - 1, 0) < 0)
		err(2, "cannot read %s", count_files[index]);
	return strtol(text, NULL, 10);
}

static struct counts counts(void)
{
	return (struct counts){ count(0), count(1) };
}

/* A directory to begin at; the place of the next file stays free. */
static int open_directory(const char *path)
{
	int low = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), high;

	if (low < 0)
		err(2, "there is no directory %s", path);
	high = fcntl(low, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
	close(low);
	return high;
}

static long do_open(char **word)
{
	return syscall(SYS_open, word[2], flags_of(word[1], open_flags), 0600);
}

static long do_openat(char **word)
{
	return syscall(SYS_openat, open_directory(word[2]), word[3],
		       flags_of(word[1], open_flags), 0600);
}

static long do_openat2(char **word)
{
	struct open_how how = {
		.flags = flags_of(word[1], open_flags),
		.resolve = flags_of(word[2], resolve_flags),
	};

	return syscall(SYS_openat2, open_directory(word[3]), word[4], &how,
		       sizeof(how));
}

static long do_exec(char **word)
{
	char *const nothing[] = { NULL };
	pid_t child = fork();
	int status;

	if (child < 0)
		err(2, "cannot fork");
	if (!child) {
		execve(word[1], nothing, nothing);
		_exit(errno);
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		errx(2, "the child of '%s' is lost", word[0]);
	errno = WEXITSTATUS(status);
	return errno ? -1 : 0;
}

static long do_dup(char **word)
{
	return dup(atoi(word[1]));
}

static long do_close(char **word)
{
	return close(atoi(word[1]));
}

/* Prints what it reads as a part of its line. */
static long do_read(char **word)
{
	char text[4096], *at;
	long total = 0, got;

	for (;;) {
		got = read(atoi(word[1]), text, sizeof(text));
		if (got <= 0)
			return got ? got : total;
		total += got;
		for (at = text; at < text + got; at++)
			putchar(*at == '\n' ? ',' : *at);
		putchar(' ');
	}
}

static long do_as(char **word)
{
	int id = atoi(word[1]);

	if (setgroups(0, NULL) || setgid(id) || setuid(id))
		err(2, "cannot become user %d", id);
	return 0;
}

static long do_full(char **word)
{
	struct rlimit limit;
	int lowest = dup(0);

	(void)word;
	close(lowest);
	limit.rlim_cur = limit.rlim_max = lowest;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

static const struct {
	const char *name;
	int words;
	long (*run)(char **word);
} operations[] = {
	{ "as", 2, do_as },	    { "close", 2, do_close },
	{ "dup", 2, do_dup },	    { "exec", 2, do_exec },
	{ "full", 1, do_full },	    { "open", 3, do_open },
	{ "openat", 4, do_openat }, { "openat2", 5, do_openat2 },
	{ "read", 2, do_read },
};

/* run(line) - splits it, and does what its first word says */
static long run(const char *line)
{
	char *copy = strdup(line), *word[WORDS + 1] = { NULL };
	int words = 0;
	size_t i;

	if (!copy)
		err(2, "no memory for '%s'", line);
	while (words < WORDS && (word[words] = strsep(&copy, " ")))
		words++;
	for (i = 0; words && i < ARRAY_SIZE(operations); i++)
		if (!strcmp(word[0], operations[i].name) &&
		    words == operations[i].words)
			return operations[i].run(word);
	errx(2, "'%s' makes no sense; see the head of ways.c", line);
}

static void report(long result, int error, long opens, long refused)
{
	const char *name = errno_name(error);

	if (result >= 0)
		printf("= %ld, ", result);
	else
		printf("= -%s, ", name ? name : "?");
	if (!opens && !refused)
		printf("not asked\n");
	else if (opens == 1 && !refused)
		printf("granted\n");
	else if (!opens && refused == 1)
		printf("refused\n");
	else
		printf("opens %+ld refused %+ld\n", opens, refused);
}

int main(int argc, char **argv)
{
	struct counts before, after;
	long result;
	int error;

	if (argc < 2)
		errx(2, "usage: ways OPERATION...; see the head of ways.c");
	setvbuf(stdout, NULL, _IOLBF,
		0); /* a panic must not take lines along */
	open_counts();
	for (argv++; *argv; argv++) {
		printf("%s ", *argv);
		before = counts();
		result = run(*argv);
		error = errno;
		after = counts();
		report(result, error, after.opens - before.opens,
		       after.refused - before.refused);
	}
	return 0;
}
