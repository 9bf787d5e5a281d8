// SPDX-License-Identifier: GPL-2.0
/*
 * What a module leaves behind when it goes.
 *
 * The template takes a baseline; the audit unloads every module that came
 * since, takes another census and compares.  Memory is found by SLUB's user
 * tracking (slub_debug=U): the address of code that is gone has no name any
 * more, so an object whose caller is a bare number was left by a module.
 */
#include "agent.h"
#include "census.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BASELINE "/run/vm-baseline"
#define SLABS "/sys/kernel/debug/slab"
#define MAX_MODULES 32

/* A module that the audit unloaded, with where its sections were. */
struct module {
	char name[64];
	unsigned long text, text_end, init;
};

struct audit {
	struct census before;
	struct module modules[MAX_MODULES];
	int module_count, findings;
};

int tool_baseline(int argc, char **argv)
{
	struct census now = { 0 };
	FILE *modules = fopen("/proc/modules", "re");
	FILE *out = fopen(BASELINE, "we");
	char name[64];

	(void)argc;
	(void)argv;
	if (!modules || !out)
		err(1, "%s", BASELINE);
	census_take(&now);
	while (fscanf(modules, "%63s %*[^\n]", name) == 1)
		census_add(&now, "module %s", name);
	for (size_t i = 0; i < now.count; i++)
		fprintf(out, "%s\n", now.lines[i]);
	if (fclose(out))
		err(1, "%s", BASELINE);
	fclose(modules);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int has_line(const struct census *c, const char *line)
{
	return bsearch(&line, c->lines, c->count, sizeof(*c->lines), by_text) !=
	       NULL;
}

/* 0 where the kernel does not say. */
static unsigned long section(const char *module, const char *name)
{
	char path[160];
	unsigned long address = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/module/%s/sections/%s", module, name);
	file = fopen(path, "re");
	if (file && fscanf(file, "%lx", &address) != 1)
		address = 0;
	if (file)
		fclose(file);
	return address;
}

static void unload(struct audit *a, const char *name, unsigned long size)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct module *module = &a->modules[a->module_count];
	int error = EBUSY;

	snprintf(module->name, sizeof(module->name), "%s", name);
	module->text = section(name, ".text");
	module->text_end = module->text + size;
	module->init = section(name, ".init.text");
	printf("module %s 0x%lx\n", name, module->text);
	/* Files of processes that were just killed may still be closing. */
	for (int tries = 0; tries < 200 && error == EBUSY; tries++) {
		error = syscall(SYS_delete_module, name, O_NONBLOCK) ? errno : 0;
		if (error == EAGAIN || error == EWOULDBLOCK)
			error = EBUSY;
		if (error)
			nanosleep(&pause, NULL);
	}
	if (error) {
		printf("unload %s: %s\n", name, strerror(error));
		a->findings++;
	}
	a->module_count++;
}

/* Newest first, as /proc/modules lists them, so users go before the used. */
static void unload_modules(struct audit *a)
{
	FILE *file = fopen("/proc/modules", "re");
	char name[64], line[96];
	unsigned long size;

	while (file && a->module_count < MAX_MODULES &&
	       fscanf(file, "%63s %lu %*[^\n]", name, &size) == 2) {
		snprintf(line, sizeof(line), "module %s", name);
		if (!has_line(&a->before, line))
			unload(a, name, size);
	}
	if (file)
		fclose(file);
}

static void compare(struct audit *a)
{
	struct census now = { 0 };

	census_take(&now);
	for (size_t i = 0; i < now.count; i++)
		if (!has_line(&a->before, now.lines[i])) {
			printf("left behind: %s\n", now.lines[i]);
			a->findings++;
		}
	for (size_t i = 0; i < a->before.count; i++)
		if (strncmp(a->before.lines[i], "module ", 7) &&
		    !has_line(&now, a->before.lines[i])) {
			printf("taken away: %s\n", a->before.lines[i]);
			a->findings++;
		}
}

/* Prints an address as MODULE:SECTION+OFFSET where it lay in one. */
static void print_place(const struct audit *a, unsigned long address)
{
	for (int i = 0; i < a->module_count; i++) {
		const struct module *m = &a->modules[i];

		if (address >= m->text && address < m->text_end) {
			printf("%s:.text+0x%lx\n", m->name, address - m->text);
			return;
		}
		if (m->init && address - m->init < 65536) {
			printf("%s:.init.text+0x%lx\n", m->name,
			       address - m->init);
			return;
		}
	}
	printf("0x%lx\n", address);
}

/* Lines `COUNT CALLER ...`; see Documentation/mm/slub.rst. */
static void check_slab(struct audit *a, const char *cache)
{
	char path[300], line[512];
	unsigned long count, address;
	FILE *file;

	snprintf(path, sizeof(path), SLABS "/%s/alloc_traces", cache);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lu 0x%lx", &count, &address) != 2)
			continue;
		printf("slab %s: %lu object%s allocated at ", cache, count,
		       count == 1 ? "" : "s");
		print_place(a, address);
		a->findings++;
	}
	if (file)
		fclose(file);
}

static void check_slabs(struct audit *a)
{
	DIR *folder = opendir(SLABS);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (!strncmp(entry->d_name, "kmalloc-", 8) &&
		    entry->d_type == DT_DIR)
			check_slab(a, entry->d_name);
	if (folder)
		closedir(folder);
}

/* Lines `FROM-TO SIZE CALLER ...`. */
static void check_vmalloc(struct audit *a)
{
	FILE *file = fopen("/proc/vmallocinfo", "re");
	unsigned long size, address;
	char line[512];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %lu 0x%lx", &size, &address) != 2)
			continue;
		printf("vmalloc: %lu bytes allocated at ", size);
		print_place(a, address);
		a->findings++;
	}
	if (file)
		fclose(file);
}

int tool_audit(int argc, char **argv)
{
	struct audit a = { 0 };

	(void)argc;
	(void)argv;
	if (census_read(&a.before, BASELINE))
		err(2, "%s", BASELINE);
	kill(-1, SIGKILL); /* all but the agent and ourselves */
	unload_modules(&a);
	compare(&a);
	if (a.module_count) {
		check_slabs(&a);
		check_vmalloc(&a);
	}
	return a.findings ? 1 : 0;
}
