// SPDX-License-Identifier: GPL-2.0
#include "census.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Folders whose entries are registrations; %s is the entry's name. */
static const struct {
	const char *path, *what;
} folders[] = {
	{ "/sys/class", "class %s" },
	{ "/sys/bus", "bus %s" },
	{ "/sys/kernel", "folder /sys/kernel/%s" },
	{ "/sys/kernel/debug", "folder /sys/kernel/debug/%s" },
	{ "/sys/kernel/slab", "slab cache %s" },
	{ "/sys/devices/platform", "platform device %s" },
	{ "/proc/sys", "folder /proc/sys/%s" },
	{ "/proc/driver", "file /proc/driver/%s" },
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

/* Calls add for every entry; name begins with no dot. */
static void each_entry(struct census *c, const char *path, const char *what,
		       void (*add)(struct census *c, const char *what,
				   const char *name))
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (*entry->d_name != '.')
			add(c, what, entry->d_name);
	if (folder)
		closedir(folder);
}

static void add_entry(struct census *c, const char *what, const char *name)
{
	char line[512];

	/* A cache that was merged has a name made of its address. */
	if (*name == ':')
		return;
	snprintf(line, sizeof(line), "%.*s%s", (int)strcspn(what, "%"), what,
		 name);
	census_add(c, "%s", line);
}

static void add_virtual_device(struct census *c, const char *what,
			       const char *name)
{
	census_add(c, "device %s/%s", what, name);
}

static void add_virtual_class(struct census *c, const char *what,
			      const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", what, name);
	each_entry(c, path, name, add_virtual_device);
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

void census_take(struct census *c, int after_pid)
{
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		each_entry(c, folders[i].path, folders[i].what, add_entry);
	each_entry(c, "/sys/devices/virtual", "/sys/devices/virtual",
		   add_virtual_class);
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
