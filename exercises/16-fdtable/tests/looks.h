/* SPDX-License-Identifier: GPL-2.0 */
/* How a task of fds.c looks at others and at the kernel; a part of that program. */
#ifndef FDTABLE_LOOKS_H
#define FDTABLE_LOOKS_H

#include "operations.h"

#include <ctype.h>
#include <dirent.h>
#include <linux/membarrier.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>

/* aim_at(fd, pid) - says whom to list; 0 or -1 */
static int aim_at(int fd, int pid)
{
	char number[16];
	int length = snprintf(number, sizeof(number), "%d\n", pid);

	return write(fd, number, length) == length ? 0 : -1;
}

/* read_all(fd, text, size, chunk) - reads piece by piece; the length or -1 */
static long read_all(int fd, char *text, size_t size, size_t chunk)
{
	size_t done = 0;
	ssize_t got;

	for (;;) {
		if (done + chunk >= size)
			errx(2, "the list has no end");
		got = read(fd, text + done, chunk);
		if (got <= 0)
			break;
		done += got;
	}
	text[done] = '\0';
	return got < 0 ? -1 : (long)done;
}

/* show(fd, chunk) - adds the lines of a list; how many, or -1 */
static long show(int fd, size_t chunk)
{
	static char text[MOST_LINES / 2];
	char *at = text, *line;
	int lines = 0;

	if (read_all(fd, text, sizeof(text), chunk) < 0)
		return -1;
	for (; (line = strsep(&at, "\n")) && *line; lines++)
		add_line("%s\n", line);
	return lines;
}

/* list WHO|PID|nobody [CHUNK]: what /dev/fdtable says; its number of lines. */
static long do_list(const struct words *words)
{
	int nobody = !strcmp(words->word[1], "nobody"), saved;
	size_t chunk = words->count > 2 ? atol(words->word[2]) : 65536;
	int fd = open("/dev/fdtable", O_RDWR | O_CLOEXEC);
	long lines = -1;

	if (fd < 0)
		return -1;
	if (nobody || !aim_at(fd, pid_of(words->word[1])))
		lines = show(fd, chunk);
	saved = errno;
	close(fd);
	errno = saved;
	return lines;
}

static int aimed = -1; /* the device, of which the PID was written already */

/* aim WHO|PID: for a look later on. */
static long do_aim(const struct words *words)
{
	aimed = open("/dev/fdtable", O_RDWR | O_CLOEXEC);
	return aimed < 0 ? -1 : aim_at(aimed, pid_of(words->word[1]));
}

/* look at: what the one that was aimed at has now. */
static long do_look(const struct words *words)
{
	(void)words;
	return lseek(aimed, 0, SEEK_SET) < 0 ? -1 : show(aimed, 65536);
}

/* proc_line(pid, fd) - one line of do_proc; 0 where there is nothing */
static int proc_line(int pid, int fd)
{
	char path[64], link[4097], info[1024], *c;
	long long pos = 0;
	unsigned int flags = 0;
	ssize_t length;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	length = readlink(path, link, sizeof(link) - 1);
	if (length < 0)
		return 0;
	link[length] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(info, sizeof(info), file)) {
		sscanf(info, "pos: %lld", &pos);
		sscanf(info, "flags: %o", &flags);
	}
	fclose(file);
	add_line("%d 0%o %lld ", fd, flags, pos);
	for (c = link; *c; c++)
		if (*c == '\n' || *c == '\\')
			add_line("\\%03o", *c);
		else
			add_line("%c", *c);
	add_line("\n");
	return 1;
}

/* proc WHO|PID: the same out of /proc, but for references and identities. */
static long do_proc(const struct words *words)
{
	int pid = pid_of(words->word[1]), lines = 0;
	struct dirent *entry;
	char path[64];
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	folder = opendir(path);
	if (!folder)
		return -1;
	while ((entry = readdir(folder))) /* in the order of the numbers */
		if (isdigit((unsigned char)*entry->d_name))
			lines += proc_line(pid, atoi(entry->d_name));
	closedir(folder);
	return lines;
}

/* blocks PATH: that are free in its file system. */
static long do_blocks(const struct words *words)
{
	struct statvfs info;

	return statvfs(words->word[1], &info) ? -1 : (long)info.f_bfree;
}

/* objects CACHE: how many are in use, as far as /proc/slabinfo knows. */
static long do_objects(const struct words *words)
{
	FILE *file = fopen("/proc/slabinfo", "re");
	char line[512], name[64];
	long count = -1, found;

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %ld", name, &found) == 2 &&
		    !strcmp(name, words->word[1]))
			count = found;
	fclose(file);
	return count;
}

/* list_often(pid) - twice by each of two open files; 0 or -1 */
static int list_often(pid_t pid)
{
	static char text[65536];
	int k, fd = -1;

	for (k = 0; k < 4; k++) {
		if (k % 2 == 0)
			fd = open("/dev/fdtable", O_RDWR | O_CLOEXEC);
		if (fd < 0 || aim_at(fd, pid) ||
		    read_all(fd, text, sizeof(text), 4096) < 0)
			return -1;
		if (k % 2)
			close(fd);
	}
	return 0;
}

/* brood COUNT: so many tasks live, are listed, and die. */
static long do_brood(const struct words *words)
{
	int count = atoi(words->word[1]), i, failed = 0;

	for (i = 0; i < count && !failed; i++) {
		pid_t pid = fork();

		if (!pid)
			for (;;)
				pause();
		failed = pid < 0 || list_often(pid);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return failed ? -1 : 0;
}

/* rcu over: what was to be freed by RCU is freed. */
static long do_rcu(const struct words *words)
{
	int k;

	(void)words;
	for (k = 0; k < 3; k++)
		if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
			return -1;
	return 0;
}

/* settle CACHE MOST: waits a while until so few are in use; what there are then. */
static long do_settle(const struct words *words)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	long most = atol(words->word[2]), count;
	int pauses;

	for (pauses = 0; pauses < 75; pauses++) {
		count = do_objects(words);
		if (count <= most)
			break;
		nanosleep(&pause, NULL);
	}
	return count;
}

#endif
