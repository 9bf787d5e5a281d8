// SPDX-License-Identifier: GPL-2.0
/*
 * notice FOLDER COMMAND... - runs each command, and says what inotify saw of it
 */
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	uint32_t bit;
	const char *name;
} words[] = {
	{ IN_OPEN, "open" },
	{ IN_ACCESS, "access" },
	{ IN_MODIFY, "modify" },
	{ IN_CREATE, "create" },
	{ IN_DELETE, "delete" },
	{ IN_CLOSE_WRITE, "close_write" },
	{ IN_CLOSE_NOWRITE, "close_nowrite" },
};

static const char *word_for(uint32_t mask)
{
	for (size_t k = 0; k < ARRAY_SIZE(words); k++)
		if (mask & words[k].bit)
			return words[k].name;
	return "other";
}

/* Prints the events that wait in the queue; records differ in length. */
static void tell_events(int fd)
{
	struct inotify_event records[128];
	const struct inotify_event *event;
	char *at = (char *)records, *end;
	ssize_t count;

	count = read(fd, records, sizeof(records));
	if (count < 0 && errno != EAGAIN)
		err(1, "read");
	for (end = at + count; at < end; at += sizeof(*event) + event->len) {
		event = (const struct inotify_event *)at;
		printf("\t%s %s\n", event->len ? event->name : "(folder)",
		       word_for(event->mask));
	}
}

int main(int argc, char **argv)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (argc < 3)
		errx(2, "usage: notice FOLDER COMMAND...");
	if (fd < 0 || inotify_add_watch(fd, argv[1], IN_ALL_EVENTS) < 0)
		err(1, "%s", argv[1]);
	for (int k = 2; k < argc; k++) {
		printf("%s\n", argv[k]);
		fflush(stdout);
		if (system(argv[k]))
			warnx("%s: failed", argv[k]);
		tell_events(fd);
	}
	return 0;
}
