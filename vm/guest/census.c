// SPDX-License-Identifier: GPL-2.0
#include "census.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Folders whose subfolders are registrations; a line is `WHAT NAME`. */
static const struct {
	const char *path, *what;
} folders[] = {
	{ "/sys/class", "class" },
	{ "/sys/bus", "bus" },
	{ "/sys/kernel", "folder of /sys/kernel" },
	{ "/sys/kernel/debug", "folder of debugfs" },
	{ "/sys/kernel/slab", "slab cache" },
	{ "/sys/devices/platform", "platform device" },
	{ "/proc/sys", "folder of /proc/sys" },
	{ "/proc/driver", "folder of /proc/driver" },
};

void census_add(struct census *c, const char *format, ...)
{
	va_list arguments;

	if (c->count == c->room) {
		c->room = c->room ? c->room * 2 : 1024;
		c->lines = realloc(c->lines, c->room * sizeof(*c->lines));
		if (!c->lines)
			err(2, "memory");
	}
	va_start(arguments, format);
	if (vasprintf(&c->lines[c->count++], format, arguments) < 0)
		err(2, "memory");
	va_end(arguments);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void census_sort(struct census *c)
{
	qsort(c->lines, c->count, sizeof(*c->lines), by_text);
}

int census_has(const struct census *c, const char *line)
{
	return bsearch(&line, c->lines, c->count, sizeof(*c->lines), by_text) !=
	       NULL;
}

/* Takes over the lines that begin with `WHAT `. */
static void copy_lines(struct census *c, const struct census *before,
		       const char *what)
{
	size_t length = strlen(what);

	for (size_t i = 0; i < before->count; i++)
		if (!strncmp(before->lines[i], what, length) &&
		    before->lines[i][length] == ' ')
			census_add(c, "%s", before->lines[i]);
}

/* In sysfs and its kin the link count of a folder counts its subfolders. */
static void add_folder(struct census *c, const struct census *before,
		       const char *path, const char *what)
{
	struct dirent *entry;
	char links[512];
	struct stat st;
	DIR *folder;

	if (stat(path, &st))
		return;
	snprintf(links, sizeof(links), "links %s %lu", path,
		 (unsigned long)st.st_nlink);
	census_add(c, "%s", links);
	if (before && census_has(before, links)) {
		copy_lines(c, before, what);
		return;
	}
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		/* A cache that was merged is named after its properties. */
		if (*entry->d_name != '.' && *entry->d_name != ':')
			census_add(c, "%s %s", what, entry->d_name);
	if (folder)
		closedir(folder);
}

/* Devices without a parent, class by class. */
static void add_virtual_devices(struct census *c, const struct census *before)
{
	static const char path[] = "/sys/devices/virtual";
	DIR *classes = opendir(path);
	struct dirent *entry;
	char class[512], what[512];

	while (classes && (entry = readdir(classes))) {
		if (*entry->d_name == '.')
			continue;
		snprintf(class, sizeof(class), "%s/%.200s", path,
			 entry->d_name);
		snprintf(what, sizeof(what), "device of class %.200s",
			 entry->d_name);
		add_folder(c, before, class, what);
	}
	if (classes)
		closedir(classes);
}

int last_pid(void)
{
	FILE *file = fopen("/proc/loadavg", "re");
	int pid = 0;

	if (file && fscanf(file, "%*s %*s %*s %*s %d", &pid) != 1)
		pid = 0;
	if (file)
		fclose(file);
	return pid;
}

/* A task without a command line is a thread of the kernel. */
static void add_thread(struct census *c, const char *pid)
{
	char path[300], text[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	file = fopen(path, "re");
	if (!file || fgetc(file) != EOF)
		goto out_close;
	fclose(file);
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "re");
	if (file && fgets(text, sizeof(text), file)) {
		text[strcspn(text, "\n")] = '\0';
		/* Workers come and go with the work. */
		if (strncmp(text, "kworker/", 8))
			census_add(c, "kernel thread %s", text);
	}
out_close:
	if (file)
		fclose(file);
}

/* Numbers are processes, others are what somebody registered. */
static void add_proc(struct census *c, int after_pid)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		const char *name = entry->d_name;

		if (!isdigit((unsigned char)*name) && *name != '.')
			census_add(c, "file /proc/%s", name);
		else if (atoi(name) > after_pid && atoi(name) != getpid())
			add_thread(c, name);
	}
	if (proc)
		closedir(proc);
}

static void add_devices(struct census *c)
{
	FILE *file = fopen("/proc/devices", "re");
	const char *kind = "character";
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		char name[128];
		int major;

		if (!strncmp(line, "Block", 5))
			kind = "block";
		if (sscanf(line, "%d %127s", &major, name) == 2)
			census_add(c, "%s device region %d %s", kind, major,
				   name);
	}
	if (file)
		fclose(file);
}

void census_take(struct census *c, const struct census *before, int after_pid)
{
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		add_folder(c, before, folders[i].path, folders[i].what);
	add_virtual_devices(c, before);
	add_proc(c, after_pid);
	add_devices(c);
	census_sort(c);
}

int census_read(struct census *c, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[512];

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		census_add(c, "%s", line);
	}
	fclose(file);
	census_sort(c);
	return 0;
}
