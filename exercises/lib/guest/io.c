// SPDX-License-Identifier: GPL-2.0
/*
 * io - run system calls one after the other and say exactly what each gave
 *
 * All calls of one command line are made by one process, so a test can state
 * what happens to a descriptor, a position, a mapping.  Every operation is one
 * argument and prints one line, "OPERATION = RESULT [BYTES IN HEX]":
 *
 *	# io 'open /dev/prng0 r' 'read 4' 'lseek -1 set' close
 *	open /dev/prng0 r = 3
 *	read 4 = 4 1f83d9ab
 *	lseek -1 set = -EINVAL
 *	close = 0
 *
 * A call that fails is a result like any other.  The exit status is 0 when all
 * operations were carried out, 2 when one of them made no sense.
 */

#define _GNU_SOURCE
#include "errno_name.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define POISON 0x5a /* what a buffer holds before read() fills it */
#define HELP "\nTo see all operations: io help"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The descriptor that calls are made on: the last one opened, or "use FD". */
static int current = -1;

/* One parsed operation: its words, and the text behind each of the words. */
struct op {
	const char *line; /* as given, for the report */
	char *word[4];
	const char *rest[4]; /* rest[n]: everything after word n */
	int words;
};

/* What a call gave, and the buffer that it was to fill. */
struct result {
	long value; /* as returned; -1 with errno set */
	const unsigned char *bytes;
	long room; /* bytes that are there, whatever value says */
};

struct command {
	const char *name;
	int words; /* at least, the name included */
	struct result (*run)(const struct op *op);
	const char *usage;
};

static long number(const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 0);
	if (errno || end == text || *end)
		errx(2, "not a number: '%s'" HELP, text);
	return value;
}

static size_t size(const char *text)
{
	long value = number(text);

	if (value < 0)
		errx(2, "must not be negative: '%s'" HELP, text);
	return value;
}

/*
 * guarded(mapped) - memory of which exactly the first `mapped` bytes exist
 *
 * The byte behind them belongs to a page without any access, so a kernel that
 * goes one byte too far is caught.  Returns the first byte; never freed: the
 * process is short.
 */
static unsigned char *guarded(size_t mapped)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t room = (mapped + page - 1) / page * page;
	unsigned char *start;

	start = mmap(NULL, room + page, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (start == MAP_FAILED)
		err(2, "cannot map %zu bytes", room + page);
	memset(start, POISON, room);
	if (mprotect(start + room, page, PROT_NONE))
		err(2, "cannot protect the page behind the buffer");
	return start + room - mapped;
}

static struct result status(long value)
{
	return (struct result){ .value = value };
}

static struct result data(long value, const unsigned char *bytes, size_t room)
{
	return (struct result){ value, bytes, room };
}

static struct result do_open(const struct op *op)
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
		{ "excl", O_EXCL },
		{ "nonblock", O_NONBLOCK },
		{ "trunc", O_TRUNC },
	};
	char *text = op->word[2], *name;
	int wanted = 0, fd;
	size_t i;

	while ((name = strsep(&text, "+"))) {
		for (i = 0; i < ARRAY_SIZE(flags); i++)
			if (!strcmp(name, flags[i].name))
				break;
		if (i == ARRAY_SIZE(flags))
			errx(2, "'%s' is not an open flag" HELP, name);
		wanted |= flags[i].flag;
	}
	fd = open(op->word[1], wanted, 0600);
	if (fd >= 0)
		current = fd;
	return status(fd);
}

static struct result do_close(const struct op *op)
{
	return status(close(op->words > 1 ? number(op->word[1]) : current));
}

static struct result do_use(const struct op *op)
{
	current = number(op->word[1]);
	return status(current);
}

static struct result do_dup(const struct op *op)
{
	int fd = dup(current);

	(void)op;
	if (fd >= 0)
		current = fd;
	return status(fd);
}

static struct result do_read(const struct op *op)
{
	size_t count = size(op->word[1]);
	unsigned char *buf = guarded(count);

	return data(read(current, buf, count), buf, count);
}

static struct result do_pread(const struct op *op)
{
	size_t count = size(op->word[1]);
	unsigned char *buf = guarded(count);

	return data(pread(current, buf, count, number(op->word[2])), buf,
		    count);
}

/* readv N M: the bytes of both parts are shown as one run. */
static struct result do_readv(const struct op *op)
{
	size_t first = size(op->word[1]), second = size(op->word[2]);
	unsigned char *buf = guarded(first + second);
	struct iovec parts[] = {
		{ buf, first },
		{ buf + first, second },
	};

	return data(readv(current, parts, 2), buf, first + second);
}

/* read-bad N: a pointer where nothing is mapped. */
static struct result do_read_bad(const struct op *op)
{
	return status(read(current, guarded(0), size(op->word[1])));
}

/* read-edge N K: of the N bytes of the buffer only the first K are mapped. */
static struct result do_read_edge(const struct op *op)
{
	size_t count = size(op->word[1]), mapped = size(op->word[2]);
	unsigned char *buf = guarded(mapped);

	return data(read(current, buf, count), buf, mapped);
}

/* guarded_text(text, length, mapped) - the text; after `mapped` bytes a hole */
static const unsigned char *guarded_text(const char *text, size_t length,
					 size_t mapped)
{
	unsigned char *buf = guarded(mapped);

	memcpy(buf, text, length < mapped ? length : mapped);
	return buf;
}

static struct result do_write(const struct op *op)
{
	size_t length = strlen(op->rest[0]);
	const unsigned char *text = guarded_text(op->rest[0], length, length);

	return status(write(current, text, length));
}

static struct result do_pwrite(const struct op *op)
{
	size_t length = strlen(op->rest[1]);
	const unsigned char *text = guarded_text(op->rest[1], length, length);

	return status(pwrite(current, text, length, number(op->word[1])));
}

static struct result do_writehex(const struct op *op)
{
	const char *hex = op->words > 1 ? op->word[1] : "";
	size_t length = strlen(hex) / 2, i;
	unsigned char *buf = guarded(length);

	if (strlen(hex) != length * 2)
		errx(2, "'%s': bytes are pairs of hex digits" HELP, hex);
	for (i = 0; i < length; i++)
		if (!isxdigit((unsigned char)hex[2 * i]) ||
		    sscanf(hex + 2 * i, "%2hhx", buf + i) != 1)
			errx(2, "'%s' is not hex" HELP, hex);
	return status(write(current, buf, length));
}

static struct result do_write_bad(const struct op *op)
{
	return status(write(current, guarded(0), size(op->word[1])));
}

/* write-edge K TEXT: only the first K bytes of the text are mapped. */
static struct result do_write_edge(const struct op *op)
{
	size_t length = strlen(op->rest[1]), mapped = size(op->word[1]);
	const unsigned char *text = guarded_text(op->rest[1], length, mapped);

	return status(write(current, text, length));
}

static struct result do_lseek(const struct op *op)
{
	static const char *const names[] = {
		[SEEK_SET] = "set",   [SEEK_CUR] = "cur",   [SEEK_END] = "end",
		[SEEK_DATA] = "data", [SEEK_HOLE] = "hole",
	};
	long offset = number(op->word[1]);
	size_t whence;

	for (whence = 0; whence < ARRAY_SIZE(names); whence++)
		if (!strcmp(op->word[2], names[whence]))
			return status(lseek(current, offset, whence));
	errx(2, "'%s' is not a place to seek from" HELP, op->word[2]);
}

static struct result do_sleep(const struct op *op)
{
	size_t ms = size(op->word[1]);
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	return status(nanosleep(&time, NULL));
}

/* insmod PATH [P=V...] and rmmod NAME: the system calls, with their errno. */
static struct result do_insmod(const struct op *op)
{
	int fd = open(op->word[1], O_RDONLY | O_CLOEXEC), saved;
	struct result result;

	if (fd < 0)
		errx(2, "%s: %s", op->word[1], strerror(errno));
	result = status(syscall(SYS_finit_module, fd, op->rest[1], 0));
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}

static struct result do_rmmod(const struct op *op)
{
	return status(syscall(SYS_delete_module, op->word[1], O_NONBLOCK));
}

/* mknod PATH MAJOR MINOR: a character device, in place of what was there. */
static struct result do_mknod(const struct op *op)
{
	dev_t device = makedev(size(op->word[2]), size(op->word[3]));

	unlink(op->word[1]);
	return status(mknod(op->word[1], S_IFCHR | 0600, device));
}

/* clock: the guest's own clock, which began at boot and never jumps. */
static struct result do_clock(const struct op *op)
{
	struct timespec now;

	(void)op;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return status(now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

/* tick: returns right after jiffies has moved on, with which this clock moves. */
static struct result do_tick(const struct op *op)
{
	struct timespec first, now, step;

	(void)op;
	clock_getres(CLOCK_MONOTONIC_COARSE, &step);
	clock_gettime(CLOCK_MONOTONIC_COARSE, &first);
	do
		clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	while (now.tv_nsec == first.tv_nsec);
	return status(step.tv_nsec / 1000);
}

static struct result do_help(const struct op *op);

static const struct command commands[] = {
	{ "clock", 1, do_clock, "clock                in us" },
	{ "close", 1, do_close, "close [FD]" },
	{ "dup", 1, do_dup, "dup                  and use the copy" },
	{ "help", 1, do_help, "help" },
	{ "insmod", 2, do_insmod, "insmod PATH [P=V...]" },
	{ "lseek", 3, do_lseek, "lseek OFF set|cur|end|data|hole" },
	{ "mknod", 4, do_mknod, "mknod PATH MAJOR MINOR" },
	{ "open", 3, do_open,
	  "open PATH r|w|rw[+nonblock+append+creat+excl+trunc+cloexec+directory]" },
	{ "pread", 3, do_pread, "pread N OFF" },
	{ "pwrite", 2, do_pwrite, "pwrite OFF TEXT" },
	{ "read", 2, do_read, "read N" },
	{ "read-bad", 2, do_read_bad, "read-bad N           into no memory" },
	{ "read-edge", 3, do_read_edge,
	  "read-edge N K        into memory that ends after K bytes" },
	{ "readv", 3, do_readv, "readv N M" },
	{ "rmmod", 2, do_rmmod, "rmmod NAME" },
	{ "sleep", 2, do_sleep, "sleep MS" },
	{ "tick", 1, do_tick,
	  "tick                 waits for one; its length in us" },
	{ "use", 2, do_use, "use FD               for the calls that follow" },
	{ "write", 1, do_write, "write TEXT" },
	{ "write-bad", 2, do_write_bad, "write-bad N          from no memory" },
	{ "write-edge", 3, do_write_edge,
	  "write-edge K TEXT    from memory that ends after K bytes" },
	{ "writehex", 1, do_writehex, "writehex HEX" },
};

static struct result do_help(const struct op *op)
{
	size_t i;

	(void)op;
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf("%s\n", commands[i].usage);
	return status(0);
}

/* parse(line) - its words, at most four; a longer text is read from rest[] */
static struct op parse(const char *line)
{
	struct op op = { .line = line };
	char *copy = strdup(line);
	size_t at = 0, length;

	if (!copy)
		err(2, "no memory for '%s'", line);
	while (op.words < 4) {
		at += strspn(line + at, " ");
		length = strcspn(line + at, " ");
		if (!length)
			break;
		op.word[op.words] = copy + at;
		at += length;
		copy[at] = '\0';
		/* One space ends a word; further ones belong to the text. */
		op.rest[op.words++] = line + at + (line[at] == ' ');
	}
	return op;
}

/* A new line in a text must not look like the end of a report. */
static void print_line(const char *line)
{
	for (; *line; line++)
		if (isprint((unsigned char)*line))
			putchar(*line);
		else
			printf("\\x%02x", (unsigned char)*line);
}

static void report(const struct op *op, const struct result *result)
{
	int error = errno;
	const char *name = errno_name(error);
	long i;

	print_line(op->line);
	if (result->value == -1 && name)
		printf(" = -%s\n", name);
	else if (result->value == -1)
		printf(" = -%d\n", error);
	else
		printf(" = %ld", result->value);
	if (result->value == -1)
		return;

	if (result->bytes && result->value > 0)
		putchar(' ');
	for (i = 0; i < result->value && i < result->room; i++)
		printf("%02x", result->bytes[i]);
	putchar('\n');
}

static struct result run(const struct op *op)
{
	size_t i;

	for (i = 0; op->words && i < ARRAY_SIZE(commands); i++) {
		if (strcmp(op->word[0], commands[i].name))
			continue;
		if (op->words < commands[i].words)
			errx(2, "'%s' is too short: %s", op->line,
			     commands[i].usage);
		return commands[i].run(op);
	}
	errx(2, "'%s' is not an operation" HELP, op->line);
}

int main(int argc, char **argv)
{
	/* A panic must not take the lines of earlier calls with it. */
	setvbuf(stdout, NULL, _IOLBF, 0);

	if (argc < 2)
		errx(2, "usage: io OPERATION..." HELP);
	for (argv++; *argv; argv++) {
		struct op op = parse(*argv);
		struct result result = run(&op);

		report(&op, &result);
	}
	return 0;
}
