// SPDX-License-Identifier: GPL-2.0
/*
 * What a module leaves behind when it goes.
 *
 * The template takes a baseline; the audit unloads every module that came
 * since, takes another census and compares.  The witness module has followed
 * all objects and pages that a module allocated; vmalloc's own list names callers,
 * and one that is a bare number was code that is gone.
 */
#include "agent.h"
#include "census.h"

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
#define SEEN "/sys/kernel/debug/modules-seen"
#define LIVE "/sys/kernel/debug/allocations-live"
#define MAX_LEAKS 64
#define MAX_MODULES 64

/* Where a module lay; the witness module keeps it when the module is gone. */
struct module {
	char name[64];
	unsigned long text, text_size, init, init_size;
};

struct audit {
	struct census before;
	struct module seen[MAX_MODULES];
	int seen_count, findings;
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
	census_take(&now, NULL, last_pid());
	census_add(&now, "last pid %d", last_pid());
	while (fscanf(modules, "%63s %*[^\n]", name) == 1)
		census_add(&now, "module %s", name);
	for (size_t i = 0; i < now.count; i++)
		fprintf(out, "%s\n", now.lines[i]);
	if (fclose(out))
		err(1, "%s", BASELINE);
	fclose(modules);
	return 0;
}

static void read_seen(struct audit *a)
{
	FILE *file = fopen(SEEN, "re");

	while (file && a->seen_count < MAX_MODULES) {
		struct module *m = &a->seen[a->seen_count];

		if (fscanf(file, "%63s %lx %lu %lx %lu", m->name, &m->text,
			   &m->text_size, &m->init, &m->init_size) != 5)
			break;
		printf("module %s 0x%lx\n", m->name, m->text);
		a->seen_count++;
	}
	if (file)
		fclose(file);
}

static void unload(struct audit *a, const char *name)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int error = EAGAIN;

	/* Files of processes that were just killed may still be closing. */
	for (int tries = 0; tries < 200 && error == EAGAIN; tries++) {
		error = syscall(SYS_delete_module, name, O_NONBLOCK) ? errno :
								       0;
		if (error == EAGAIN)
			nanosleep(&pause, NULL);
	}
	if (error) {
		printf("unload %s: %s\n", name, strerror(error));
		a->findings++;
	}
}

/* Newest first, as /proc/modules lists them, so users go before the used. */
static void unload_modules(struct audit *a)
{
	FILE *file = fopen("/proc/modules", "re");
	char name[64], line[96];

	while (file && fscanf(file, "%63s %*[^\n]", name) == 1) {
		snprintf(line, sizeof(line), "module %s", name);
		if (!census_has(&a->before, line))
			unload(a, name);
	}
	if (file)
		fclose(file);
}

/* Lines that say something about a census and are no part of it. */
static int is_note(const char *line)
{
	return !strncmp(line, "module ", 7) || !strncmp(line, "last pid ", 9) ||
	       !strncmp(line, "links ", 6);
}

static void compare(struct audit *a)
{
	struct census now = { 0 };
	int after_pid = 0;

	for (size_t i = 0; i < a->before.count; i++)
		sscanf(a->before.lines[i], "last pid %d", &after_pid);
	census_take(&now, &a->before, after_pid);
	for (size_t i = 0; i < now.count; i++)
		if (!is_note(now.lines[i]) &&
		    !census_has(&a->before, now.lines[i])) {
			printf("left behind: %s\n", now.lines[i]);
			a->findings++;
		}
	for (size_t i = 0; i < a->before.count; i++)
		if (!is_note(a->before.lines[i]) &&
		    !census_has(&now, a->before.lines[i])) {
			printf("taken away: %s\n", a->before.lines[i]);
			a->findings++;
		}
}

/* Prints an address as MODULE:SECTION+OFFSET where it lay in one. */
static void print_place(const struct audit *a, unsigned long address)
{
	for (int i = a->seen_count - 1; i >= 0; i--) { /* the latest first */
		const struct module *m = &a->seen[i];

		if (address - m->text < m->text_size) {
			printf("%s:.text+0x%lx\n", m->name, address - m->text);
			return;
		}
		if (address - m->init < m->init_size) {
			printf("%s:.init.text+0x%lx\n", m->name,
			       address - m->init);
			return;
		}
	}
	printf("0x%lx\n", address);
}

static void print_leak(struct audit *a, const char *kind,
		       unsigned long call_site, unsigned long objects,
		       unsigned long bytes)
{
	printf("%s: %lu %s%s, %lu bytes, allocated at ", kind, objects,
	       strcmp(kind, "slab") ? "block" : "object",
	       objects == 1 ? "" : "s", bytes);
	print_place(a, call_site);
	a->findings++;
}

/* Lines `ADDRESS BYTES KIND`, one an object; those of one call make one finding. */
static void check_live(struct audit *a)
{
	static struct leak {
		unsigned long call_site, objects, bytes;
		char kind[8];
	} leaks[MAX_LEAKS];
	FILE *file = fopen(LIVE, "re");
	unsigned long call_site, bytes;
	char kind[8];
	int count = 0, i;

	if (!file)
		err(2, "%s", LIVE);
	while (fscanf(file, "%lx %lu %7s", &call_site, &bytes, kind) == 3) {
		for (i = 0; i < count && leaks[i].call_site != call_site; i++)
			;
		if (i == MAX_LEAKS)
			continue; /* sixty-four places say enough */
		count += i == count;
		leaks[i].call_site = call_site;
		leaks[i].objects++;
		leaks[i].bytes += bytes;
		strcpy(leaks[i].kind, kind);
	}
	if (!feof(file)) {
		printf("slab: more objects than could be followed\n");
		a->findings++;
	}
	fclose(file);
	for (i = 0; i < count; i++)
		print_leak(a, leaks[i].kind, leaks[i].call_site,
			   leaks[i].objects, leaks[i].bytes);
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
	read_seen(&a);
	unload_modules(&a);
	compare(&a);
	check_live(&a);
	check_vmalloc(&a);
	return a.findings ? 1 : 0;
}
