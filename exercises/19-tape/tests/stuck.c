// SPDX-License-Identifier: GPL-2.0
/*
 * stuck - what a call gives while another one is in the middle of its copy
 *
 *	stuck shared|apart|append|kill FIRST SECOND
 *
 * FIRST and SECOND are "read N", "pread N AT", "write N C", "pwrite N C AT" or
 * "lseek OFF", where C is the character that all N bytes are; lseek is from the
 * current position.
 *
 * The second half of FIRST's memory has no page yet, and user space itself has to
 * supply it (userfaultfd).  Once FIRST has touched it, another process makes the
 * call SECOND: on the same open file (shared) or on one of its own (apart; append:
 * both with O_APPEND).  Only when SECOND sleeps, or has returned, the page is
 * supplied; with kill, SECOND gets SIGKILL before that.
 *
 * Prints a line for each call: for SECOND whether it "waits" or "returns", or was
 * "killed" or is "unkillable"; what it gave; and what it has read, as COUNTxBYTE.
 */

#define _GNU_SOURCE
#include "../../lib/guest/errno_name.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TAPE "/dev/tape"
#define PATIENCE 3000 /* ms for all that should happen at once */

enum kind {
	READ,
	PREAD,
	WRITE,
	PWRITE,
	LSEEK
};

static const struct {
	const char *name, *format;
	long number; /* of the system call */
	int fields; /* that the format has */
} kinds[] = {
	[READ] = { "read", "read %ld", SYS_read, 1 },
	[PREAD] = { "pread", "pread %ld %ld", SYS_pread64, 2 },
	[WRITE] = { "write", "write %ld %c", SYS_write, 2 },
	[PWRITE] = { "pwrite", "pwrite %ld %c %ld", SYS_pwrite64, 3 },
	[LSEEK] = { "lseek", "lseek %ld", SYS_lseek, 1 },
};

/* One of the two calls; in memory that the processes share. */
struct call {
	enum kind kind;
	long count, at;
	char fill;
	int tape;
	volatile bool go, done;
	volatile long result;
	volatile int error;
	char *memory;
};

static size_t page;

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

static char *map(size_t size, int flags)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_ANONYMOUS | flags, -1, 0);

	if (memory == MAP_FAILED)
		err(2, "cannot map memory");
	return memory;
}

static void parse(struct call *call, const char *text)
{
	size_t length = strcspn(text, " ");
	int kind, fields = 0;

	for (kind = READ; kind <= LSEEK; kind++)
		if (strlen(kinds[kind].name) == length &&
		    !strncmp(text, kinds[kind].name, length))
			break;
	if (kind > LSEEK)
		errx(2, "'%s' is no call", text);
	call->kind = kind;
	if (kind == WRITE || kind == PWRITE)
		fields = sscanf(text, kinds[kind].format, &call->count,
				&call->fill, &call->at);
	else
		fields = sscanf(text, kinds[kind].format, &call->count,
				&call->at);
	if (fields != kinds[kind].fields || call->count > (long)(2 * page))
		errx(2, "'%s' does not look like '%s'", text,
		     kinds[kind].format);
}

/* Memory for a call whose second half lies in a page of its own. */
static void prepare(struct call *call, bool shared)
{
	call->memory = map(2 * page, shared ? MAP_SHARED : MAP_PRIVATE) + page -
		       call->count / 2;
	if (shared)
		memset(call->memory, call->fill, call->count);
	else
		memset(call->memory, call->fill, call->count / 2);
}

static void make(struct call *call)
{
	switch (call->kind) {
	case READ:
		call->result = read(call->tape, call->memory, call->count);
		break;
	case PREAD:
		call->result =
			pread(call->tape, call->memory, call->count, call->at);
		break;
	case WRITE:
		call->result = write(call->tape, call->memory, call->count);
		break;
	case PWRITE:
		call->result =
			pwrite(call->tape, call->memory, call->count, call->at);
		break;
	case LSEEK:
		call->result = lseek(call->tape, call->count, SEEK_CUR);
		break;
	}
	call->error = errno;
	call->done = true;
}

static void *make_first(void *call)
{
	make(call);
	return NULL;
}

/* A process that makes the call when it is told to. */
static pid_t start_second(struct call *call)
{
	pid_t pid = fork();

	if (pid < 0)
		err(2, "cannot fork");
	if (pid)
		return pid;
	while (!call->go)
		nap();
	make(call);
	_exit(0);
}

/*
 * In a system call that sleeps, /proc/PID/syscall begins with its number; while
 * it runs, the file says "running".
 */
static bool sleeps(pid_t pid, const struct call *call)
{
	char path[64], text[64] = "", *end;
	long number;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	number = strtol(text, &end, 10);
	return end != text && number == kinds[call->kind].number;
}

/* A descriptor that tells of the first touch of the page at @memory. */
static int watch(char *memory)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { (unsigned long)memory, page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &range))
		err(2, "no userfaultfd");
	return fd;
}

static void supply(int fd, char *memory, char fill)
{
	char *filled = map(page, MAP_PRIVATE);
	struct uffdio_copy copy = {
		.dst = (unsigned long)memory,
		.src = (unsigned long)filled,
		.len = page,
	};

	memset(filled, fill, page);
	if (ioctl(fd, UFFDIO_COPY, &copy))
		err(2, "cannot supply the page");
}

static const char *run_second(pid_t pid, struct call *call)
{
	long end = now_ms() + PATIENCE;

	call->go = true;
	while (!call->done && !sleeps(pid, call)) {
		if (now_ms() > end)
			errx(1, "the second call neither sleeps nor returns");
		nap();
	}
	return call->done ? "returns" : "waits";
}

static const char *kill_second(pid_t pid)
{
	long end = now_ms() + PATIENCE;

	kill(pid, SIGKILL);
	while (!waitpid(pid, NULL, WNOHANG)) {
		if (now_ms() > end)
			return "unkillable";
		nap();
	}
	return "killed";
}

static void report(const char *what, const struct call *call)
{
	const char *name = errno_name(call->error);
	long from, to;

	printf("%s", what);
	if (!call->done)
		printf("\n");
	else if (call->result < 0)
		printf(" -%s\n", name ? name : "?");
	else
		printf(" %ld", call->result);
	if (!call->done || call->result < 0)
		return;
	for (from = 0; (call->kind == READ || call->kind == PREAD) &&
		       from < call->result && from < call->count;
	     from = to) {
		for (to = from; to < call->result && to < call->count; to++)
			if (call->memory[to] != call->memory[from])
				break;
		printf(" %ldx%02x", to - from,
		       (unsigned char)call->memory[from]);
	}
	printf("\n");
}

static int open_tape(bool append)
{
	int fd = open(TAPE, O_RDWR | O_CLOEXEC | (append ? O_APPEND : 0));

	if (fd < 0)
		err(1, "cannot open %s", TAPE);
	return fd;
}

int main(int argc, char **argv)
{
	struct call *first, *second;
	struct pollfd touched = { .events = POLLIN };
	const char *what;
	bool append;
	pthread_t thread;
	pid_t pid;

	if (argc != 4)
		errx(2, "usage: stuck shared|apart|append|kill FIRST SECOND");
	page = sysconf(_SC_PAGESIZE);
	first = (struct call *)map(page, MAP_SHARED);
	second = first + 1;
	parse(first, argv[2]);
	parse(second, argv[3]);
	append = !strcmp(argv[1], "append");
	first->tape = open_tape(append);
	second->tape = strcmp(argv[1], "shared") ? open_tape(append) :
						   first->tape;
	prepare(first, false);
	prepare(second, true);
	pid = start_second(second);
	touched.fd = watch(first->memory + first->count / 2);

	if (pthread_create(&thread, NULL, make_first, first))
		errx(2, "cannot start a thread");
	if (poll(&touched, 1, PATIENCE) != 1 || touched.revents != POLLIN)
		errx(1, "the first call does not touch its memory");
	what = run_second(pid, second);
	if (!strcmp(argv[1], "kill") && !second->done)
		what = kill_second(pid);
	supply(touched.fd, first->memory + first->count / 2, first->fill);
	pthread_join(thread, NULL);
	while (waitpid(pid, NULL, 0) > 0)
		;
	report("first", first);
	report(what, second);
	return 0;
}
