// SPDX-License-Identifier: GPL-2.0
/*
 * duet - two players, each on a CPU of its own, play what their parts say
 *
 *	duet FOLDER [listen] [tune]
 *
 * FOLDER/part0 and FOLDER/part1 have a line a write, "KEY DIGITS BLANK", where
 * BLANK is how many new lines are written behind each digit: they are no events,
 * but to look at them takes the driver its time.  listen: a
 * third process reads song after song into FOLDER/songs, until all is played,
 * and a write that finds no room is tried again; without, it is given up, and
 * the songs are read at the end.  tune: a fourth one stores into the class files
 * and reads them all the time.
 *
 * Prints "refused N", the events in writes that found no room.
 */

#define _GNU_SOURCE
#include "../../lib/guest/stay_on.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KEYS 128
#define MOST_WRITES 32768
#define CLASS "/sys/class/kkey/"

struct note {
	int key;
	int events;
	int length; /* of the text, in bytes */
	char *text;
};

/* What the processes share. */
struct stage {
	int ready; /* players that wait for the other */
	int finished;
	long refused;
};

static struct stage *stage;
static bool listening;
static int velocity, tempo, events, dropped; /* the class files, open */

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		err(1, "cannot open %s", path);
	return fd;
}

/* The text of a write: its digits, each with @blank new lines behind it. */
static struct note make_note(int key, const char *digits, int blank)
{
	struct note note = { .key = key, .events = strlen(digits) };
	int k;

	note.length = note.events * (1 + blank);
	note.text = malloc(note.length);
	if (!note.text)
		err(1, "no memory for a part");
	memset(note.text, '\n', note.length);
	for (k = 0; k < note.events; k++)
		note.text[k * (1 + blank)] = digits[k];
	return note;
}

static int read_part(int who, struct note *notes)
{
	char name[16], digits[32];
	int count = 0, key, blank;
	FILE *file;

	snprintf(name, sizeof(name), "part%d", who);
	file = fopen(name, "r");
	if (!file)
		err(1, "cannot open %s", name);
	while (count < MOST_WRITES &&
	       fscanf(file, "%d %31s %d", &key, digits, &blank) == 3)
		notes[count++] = make_note(key, digits, blank);
	fclose(file);
	return count;
}

/* One write, again and again while there is no room and somebody makes some. */
static void play(const int *keys, const struct note *note)
{
	for (;;) {
		ssize_t done = write(keys[note->key], note->text, note->length);

		if (done == note->length)
			return;
		if (done >= 0 || errno != ENOSPC)
			err(1, "a write of %d bytes gave %zd", note->length,
			    done);
		__atomic_add_fetch(&stage->refused, note->events,
				   __ATOMIC_SEQ_CST);
		if (!listening)
			return;
		sched_yield();
	}
}

static void player(int who)
{
	static struct note notes[MOST_WRITES];
	int keys[KEYS], k, count;
	char path[32];

	stay_on(who);
	for (k = 0; k < KEYS; k++) {
		snprintf(path, sizeof(path), "/dev/kkey%d", k);
		keys[k] = open_or_die(path, O_WRONLY);
	}
	count = read_part(who, notes);

	__atomic_add_fetch(&stage->ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&stage->ready, __ATOMIC_SEQ_CST) < 2)
		;
	for (k = 0; k < count; k++)
		play(keys, &notes[k]);
	__atomic_add_fetch(&stage->finished, 1, __ATOMIC_SEQ_CST);
}

static bool is_over(void)
{
	return __atomic_load_n(&stage->finished, __ATOMIC_SEQ_CST) == 2;
}

/* Appends the song of one open file to FOLDER/songs. */
static void take_song(int songs)
{
	static char buf[65536];
	int key = open_or_die("/dev/kkey0", O_RDONLY);
	ssize_t got;

	while ((got = read(key, buf, sizeof(buf))) > 0)
		if (write(songs, buf, got) != got)
			err(1, "cannot write the song");
	if (got < 0)
		err(1, "cannot read a song");
	close(key);
}

static void listener(void)
{
	struct timespec nap = { .tv_nsec = 1000000 };
	int songs = open_or_die("songs", O_WRONLY | O_CREAT | O_TRUNC);

	while (listening && !is_over()) {
		take_song(songs);
		nanosleep(&nap, NULL); /* so that there is something to hear */
	}
	while (!is_over())
		nanosleep(&nap, NULL);
	take_song(songs);
	close(songs);
}

static void store(int fd, int value)
{
	char text[16];
	ssize_t length = snprintf(text, sizeof(text), "%d", value);

	if (pwrite(fd, text, length, 0) != length)
		err(1, "cannot store %s into a class file", text);
}

static void look(int fd)
{
	char text[64];

	if (pread(fd, text, sizeof(text), 0) <= 0)
		err(1, "cannot read a class file");
}

/* Always another value: KCSAN reports a race only where it changed something. */
static void tuner(void)
{
	int k;

	stay_on(1);
	for (k = 0; !is_over(); k++) {
		store(velocity, 1 + k % 9);
		store(tempo, 20 + k % 281);
		look(events);
		store(velocity, 1 + (k + 4) % 9);
		look(dropped);
		look(velocity);
		look(tempo);
	}
}

static void start(void (*work)(void))
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "cannot fork");
	if (pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	work();
	_exit(0);
}

static void first_player(void)
{
	player(0);
}

static void second_player(void)
{
	player(1);
}

int main(int argc, char **argv)
{
	bool tuning = false;
	int status, k;

	if (argc < 2 || chdir(argv[1]))
		errx(2, "usage: duet FOLDER [listen] [tune]");
	for (k = 2; k < argc; k++) {
		listening |= !strcmp(argv[k], "listen");
		tuning |= !strcmp(argv[k], "tune");
	}
	stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stage == MAP_FAILED)
		err(1, "cannot map memory");

	if (tuning) {
		velocity = open_or_die(CLASS "velocity", O_RDWR);
		tempo = open_or_die(CLASS "tempo", O_RDWR);
		events = open_or_die(CLASS "events", O_RDONLY);
		dropped = open_or_die(CLASS "dropped", O_RDONLY);
	}
	start(first_player);
	start(second_player);
	start(listener);
	if (tuning)
		start(tuner);
	/* One that fails has said why; the others end with this process. */
	while (wait(&status) > 0)
		if (status)
			return 1;
	printf("refused %ld\n", stage->refused);
	return 0;
}
