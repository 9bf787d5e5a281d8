// SPDX-License-Identifier: GPL-2.0
/*
 * crowd - many at one tape, on all CPUs
 *
 *	crowd FOLDER read START		threads share a descriptor; each reads one byte
 *					at a time, from START on to the end
 *	crowd FOLDER write RECORDS	processes share a descriptor; each writes so
 *					many records of four bytes, from 0 on
 *	crowd FOLDER meet TURNS		processes with open files of their own; two put
 *					records where one reads, two append
 *
 * Worker number W is bound to CPU W modulo their number.  A record is W, then its
 * number in three bytes.  In meet it is 512 bytes of one value, and a record that
 * is appended one of four bytes.
 *
 * Before each call its memory is out of the worker's page table: it was never used,
 * or is taken out by madvise(), which threads do without since it would stop their
 * other CPU.  So the copy begins with a page fault, which makes it long against all
 * else that a call does, and others come in its midst.
 *
 * FOLDER/W has what worker W has read; standard output a line for each worker,
 * with the number of its calls that moved something.
 */

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAPE "/dev/tape"
#define WORKERS 6
#define LOG (1 << 20) /* bytes that one of them may read */
#define MOST_READS 6000 /* by all, of one byte; each takes a page */
#define RECORD 4
#define BLOCK 512 /* bytes of a record that is put */

/* In memory that the processes share. */
struct worker {
	int number;
	int tape;
	long calls; /* that moved something */
	char *memory;
	char *log; /* what was read */
	size_t logged;
};

static struct worker *workers;
static int *ready; /* workers that wait for the others */
static int count = WORKERS;
static long much; /* the last argument */
static size_t page;

static void *map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		err(2, "cannot map memory");
	return memory;
}

static int open_tape(int flags)
{
	int fd = open(TAPE, flags | O_CLOEXEC);

	if (fd < 0)
		err(1, "cannot open %s", TAPE);
	return fd;
}

/* What is in shared memory stays: only this page table forgets it. */
static void forget(const struct worker *worker)
{
	if (madvise(worker->memory, page, MADV_DONTNEED))
		err(2, "cannot forget a page");
}

/* Returns on all CPUs at the same time. */
static void start(const struct worker *worker)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(worker->number % cpus, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(2, "cannot choose a CPU");
	__atomic_add_fetch(ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(ready, __ATOMIC_SEQ_CST) < count)
		sched_yield();
}

/* Every byte goes to a page that was never used before. */
static void read_bytes(struct worker *worker)
{
	static long reads;
	char *fresh = mmap(NULL, MOST_READS * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ssize_t got = 1;

	if (fresh == MAP_FAILED ||
	    madvise(fresh, MOST_READS * page, MADV_NOHUGEPAGE))
		err(2, "cannot map memory");
	start(worker);
	while (__atomic_add_fetch(&reads, 1, __ATOMIC_SEQ_CST) < MOST_READS) {
		got = read(worker->tape, fresh, 1);
		if (got < 0)
			err(1, "cannot read a byte");
		if (!got)
			break;
		worker->log[worker->logged++] = *fresh;
		worker->calls++;
		fresh += page;
	}
}

static void make_record(struct worker *worker, long number)
{
	worker->memory[0] = worker->number;
	worker->memory[1] = number >> 16;
	worker->memory[2] = number >> 8;
	worker->memory[3] = number;
}

static void write_records(struct worker *worker)
{
	long number;

	start(worker);
	for (number = 0; number < much; number++) {
		make_record(worker, number);
		forget(worker);
		if (write(worker->tape, worker->memory, RECORD) != RECORD)
			err(1, "cannot write record %ld", number);
		worker->calls++;
	}
}

static void put_blocks(struct worker *worker)
{
	long turn;

	start(worker);
	for (turn = 0; turn < much; turn++) {
		memset(worker->memory, 2 * turn + worker->number, BLOCK);
		forget(worker);
		if (pwrite(worker->tape, worker->memory, BLOCK, 0) != BLOCK)
			err(1, "cannot put block %ld", turn);
		worker->calls++;
	}
}

static void look_at_blocks(struct worker *worker)
{
	long turn;

	if (much > LOG / BLOCK)
		errx(2, "at most %d turns", LOG / BLOCK);
	start(worker);
	for (turn = 0; turn < much; turn++) {
		forget(worker);
		if (pread(worker->tape, worker->memory, BLOCK, 0) != BLOCK)
			err(1, "cannot read a block");
		memcpy(worker->log + worker->logged, worker->memory, BLOCK);
		worker->logged += BLOCK;
		worker->calls++;
	}
}

static void meet(struct worker *worker)
{
	bool appends = worker->number >= 3;

	worker->tape = open_tape(O_RDWR | (appends ? O_APPEND : 0));
	if (appends)
		write_records(worker);
	else if (worker->number == 2)
		look_at_blocks(worker);
	else
		put_blocks(worker);
}

static void (*work)(struct worker *worker);

static void *run_thread(void *data)
{
	work(data);
	return NULL;
}

static void run_threads(void)
{
	pthread_t threads[WORKERS];
	int k;

	for (k = 0; k < count; k++)
		if (pthread_create(&threads[k], NULL, run_thread, &workers[k]))
			errx(2, "cannot start a thread");
	for (k = 0; k < count; k++)
		pthread_join(threads[k], NULL);
}

static void run_processes(void)
{
	int k, status;
	pid_t pid;

	for (k = 0; k < count; k++) {
		pid = fork();
		if (pid < 0)
			err(2, "cannot fork");
		if (!pid) {
			run_thread(&workers[k]);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		if (status)
			exit(1); /* it has said why */
}

static void save(const struct worker *worker, const char *folder)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%d", folder, worker->number);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 ||
	    write(fd, worker->log, worker->logged) != (ssize_t)worker->logged)
		err(2, "cannot write %s", path);
	close(fd);
	printf("%ld\n", worker->calls);
}

int main(int argc, char **argv)
{
	int tape, k;

	if (argc != 4)
		errx(2, "usage: crowd FOLDER read|write|meet NUMBER");
	much = strtol(argv[3], NULL, 10);
	page = sysconf(_SC_PAGESIZE);
	tape = open_tape(O_RDWR);
	ready = map(page);
	workers = map(WORKERS * sizeof(*workers));
	for (k = 0; k < WORKERS; k++) {
		workers[k].number = k;
		workers[k].tape = tape;
		workers[k].memory = map(page);
		workers[k].log = map(LOG);
	}

	if (!strcmp(argv[2], "read")) {
		if (lseek(tape, much, SEEK_SET) != much)
			err(1, "cannot seek to %ld", much);
		work = read_bytes;
		run_threads();
	} else if (!strcmp(argv[2], "write")) {
		work = write_records;
		run_processes();
	} else {
		count = 5;
		if (write(tape, workers[0].memory, BLOCK) != BLOCK)
			err(1, "cannot put the first block");
		work = meet;
		run_processes();
	}
	for (k = 0; k < count; k++)
		save(&workers[k], argv[1]);
	return 0;
}
