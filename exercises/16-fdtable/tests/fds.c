// SPDX-License-Identifier: GPL-2.0
/*
 * fds - tasks that open, share and pass on files as they are told
 *
 *	fds OPERATION...
 *
 * An operation is "WHO WHAT OPERANDS".  WHO is "me", this process, or the letter
 * of a task that an earlier operation has made.  Each prints "OPERATION = RESULT",
 * in which a call that failed is -ENAME; lines behind it begin with "| ".
 *
 *	# fds 'me fork a' 'a open r /etc/passwd' 'a dup 0' 'me list a'
 *	me fork a = 57
 *	a open r /etc/passwd = 0
 *	a dup 0 = 1
 *	me list a = 3
 *	| pid 57 users 1
 *	| 0 0100000 0 2 ca82a6dff817ec66 /etc/passwd
 *	| 1 0100000 0 2 ca82a6dff817ec66 /etc/passwd
 *
 * Tasks hear of their operations by shared memory, so that they have no
 * descriptors but those that they were told to open; those that "me" makes begin
 * with none.
 */

#define _GNU_SOURCE
#include "looks.h"
#include "operations.h"

#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define STAGE "/run/fds-stage" /* a name, since exec forgets mappings */
#define PATIENCE 100000 /* naps: some ten seconds */

static void nap(void)
{
	struct timespec time = { .tv_nsec = 100000 };

	nanosleep(&time, NULL);
}

/* seat_of(name) - the seat of a task; "me" has the first */
static int seat_of(const char *name)
{
	if (!strcmp(name, "me"))
		return 0;
	if (name[0] < 'a' || name[0] >= 'a' + SEATS - 1 || name[1])
		errx(2, "'%s' is nobody", name);
	return name[0] - 'a' + 1;
}

static int pid_of(const char *word)
{
	return isdigit((unsigned char)*word) ? atoi(word) :
					       stage->seats[seat_of(word)].pid;
}

/* add_line(format) - one more line for the report; each has to end in '\n' */
static void add_line(const char *format, ...)
{
	size_t room = sizeof(stage->lines) - stage->length;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(stage->lines + stage->length, room, format,
			   arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= room)
		errx(2, "no room for so many lines");
	stage->length += length;
}

static const struct {
	const char *name;
	long (*run)(const struct words *words);
} operations[] = {
	{ "again", do_again },	   { "aim", do_aim },
	{ "blocks", do_blocks },   { "brood", do_brood },
	{ "close", do_close },	   { "dup", do_dup },
	{ "dup3", do_dup3 },	   { "exec", do_exec },
	{ "fill", do_fill },	   { "fork", do_breed },
	{ "group", do_group },	   { "list", do_list },
	{ "look", do_look },	   { "make", do_make },
	{ "many", do_many },	   { "nsfork", do_breed },
	{ "objects", do_objects }, { "open", do_open },
	{ "proc", do_proc },	   { "rcu", do_rcu },
	{ "read", do_read },	   { "reap", do_reap },
	{ "receive", do_receive }, { "seek", do_seek },
	{ "send", do_send },	   { "settle", do_settle },
	{ "share", do_breed },	   { "thread", do_breed },
	{ "unlink", do_unlink },   { "wait", do_wait },
};

/* operate(line) - carries one operation out; -1 with errno when it fails */
static long operate(const char *line)
{
	struct words words = { .rest = "" };
	int length = 0;
	size_t i;

	words.count = sscanf(line, "%63s %63s %63s %63s", words.word[0],
			     words.word[1], words.word[2], words.word[3]);
	sscanf(line, "%*s %*s%n", &length);
	if (length && line[length])
		words.rest = line + length + 1;
	for (i = 0; i < ARRAY_SIZE(operations); i++)
		if (!strcmp(words.word[0], operations[i].name))
			return operations[i].run(&words);
	errx(2, "'%s' is not an operation", line);
}

static void carry_out(void)
{
	errno = 0;
	stage->result = operate(stage->operation);
	stage->error = errno;
}

/* play(seat) - does as it is told, for ever */
static void play(int number)
{
	struct seat *seat = &stage->seats[number];

	for (;;) {
		while (atomic_load(&seat->asked) != ASKED)
			nap();
		if (!strcmp(stage->operation, "exit"))
			break;
		carry_out();
		atomic_store(&seat->asked, DONE);
	}
	stage->result = 0;
	atomic_store(&seat->asked, DONE);
	_exit(0);
}

static void *play_thread(void *seat)
{
	stage->seats[(long)seat].pid = syscall(SYS_gettid);
	play((long)seat);
	return NULL;
}

static void play_child(int seat, int parent_seat)
{
	if (!parent_seat)
		syscall(SYS_close_range, 0, ~0U, 0);
	play(seat);
}

/*
 * breed(how, name) - a new task at the seat of that name
 *
 * fork, share (fork with one table for both), thread, nsfork (a new PID
 * namespace), or the PID that a dead task had.  Returns its PID or -1.
 */
static long breed(const char *how, const char *name, int wanted)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
		uint64_t stack, stack_size, tls, set_tid, set_tid_size;
	} again = { .exit_signal = SIGCHLD, .set_tid_size = 1 };
	int seat = seat_of(name), parent = stage->acting;
	struct seat *new = &stage->seats[seat];
	pthread_t thread;
	long pid;

	atomic_store(&new->asked, DONE);
	new->pid = 0;
	if (!strcmp(how, "thread")) {
		errno = pthread_create(&thread, NULL, play_thread,
				       (void *)(long)seat);
		while (!errno && !*(volatile pid_t *)&new->pid)
			nap();
		return errno ? -1 : new->pid;
	}
	if (!strcmp(how, "nsfork") && unshare(CLONE_NEWPID))
		return -1;
	if (wanted) {
		again.set_tid = (uintptr_t)&wanted;
		pid = syscall(SYS_clone3, &again, sizeof(again));
	} else {
		pid = syscall(SYS_clone,
			      SIGCHLD |
				      (strcmp(how, "share") ? 0 : CLONE_FILES),
			      0, 0, 0, 0);
	}
	if (!pid)
		play_child(seat, parent);
	if (pid > 0)
		new->pid = pid;
	return pid;
}

/* Goes on, in a new program, at the same seat. */
static long resume_by_exec(void)
{
	char seat[4];

	snprintf(seat, sizeof(seat), "%d", stage->acting);
	execl("/proc/self/exe", "fds", "--seat", seat, NULL);
	return -1;
}

static void ask(int number)
{
	struct seat *seat = &stage->seats[number];
	int naps = 0;

	if (!number) {
		carry_out();
		return;
	}
	atomic_store(&seat->asked, ASKED);
	while (atomic_load(&seat->asked) != DONE) {
		if (++naps > PATIENCE)
			errx(2, "no answer to '%s'", stage->operation);
		nap();
	}
}

/* A byte that would spoil the report is shown in hex. */
static void print_plain(const char *text)
{
	for (; *text; text++)
		if (isprint((unsigned char)*text))
			putchar(*text);
		else
			printf("\\x%02x", (unsigned char)*text);
}

static void report(const char *line)
{
	const char *name = errno_name(stage->error);
	char *at, *next;

	print_plain(line);
	if (stage->result >= 0)
		printf(" = %ld\n", stage->result);
	else if (name)
		printf(" = -%s\n", name);
	else
		printf(" = -%d\n", stage->error);
	for (at = stage->lines; *at; at = next + 1) {
		next = strchr(at, '\n');
		if (!next)
			errx(2, "a line without an end: '%s'", at);
		printf("| %.*s\n", (int)(next - at), at);
	}
}

static void map_stage(int flags)
{
	int fd = open(STAGE, O_RDWR | O_CLOEXEC | flags, 0600);

	if (fd < 0 || ftruncate(fd, sizeof(*stage)))
		err(2, STAGE);
	stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	if (stage == MAP_FAILED)
		err(2, STAGE);
	close(fd);
}

int main(int argc, char **argv)
{
	char who[8];
	int length, seat;

	if (argc == 3 && !strcmp(argv[1], "--seat")) {
		map_stage(0);
		stage->result = 0;
		atomic_store(&stage->seats[atoi(argv[2])].asked, DONE);
		play(atoi(argv[2]));
	}
	map_stage(O_CREAT | O_TRUNC);
	stage->seats[0].pid = getpid();
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (argv++; *argv; argv++) {
		if (sscanf(*argv, "%7s %n", who, &length) != 1 ||
		    strlen(*argv + length) >= sizeof(stage->operation))
			errx(2, "'%s' is not an operation", *argv);
		strcpy(stage->operation, *argv + length);
		stage->acting = seat_of(who);
		stage->length = 0;
		stage->lines[0] = '\0';
		ask(stage->acting);
		report(*argv);
	}
	for (seat = 1; seat < SEATS; seat++)
		if (stage->seats[seat].pid > 0)
			kill(stage->seats[seat].pid, SIGKILL);
	unlink(STAGE);
	return 0;
}
