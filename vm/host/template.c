// SPDX-License-Identifier: GPL-2.0
/* Finding, opening, locking and replacing templates; bake.c makes them. */
#include "template.h"

#include "bake.h"
#include "files.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SETTLED_S 2 /* coarser than the time of any file system's changes */
#define FINGERPRINT_TEXT 512

/* A file that was replaced has another identity, whatever its name. */
static void add_identity(FILE *key, const struct stat *st)
{
	fprintf(key, "%llu %llu %lld %ld.%09ld\n",
		(unsigned long long)st->st_dev, (unsigned long long)st->st_ino,
		(long long)st->st_size, (long)st->st_mtim.tv_sec,
		st->st_mtim.tv_nsec);
}

static int find_program(const char *name, struct stat *st)
{
	char *path = strdup(getenv("PATH") ?: "/usr/bin:/bin"), *at = path;
	int found = strchr(name, '/') && !stat(name, st);

	for (char *part; !found && (part = strsep(&at, ":"));) {
		char *file = format("%s/%s", part, name);

		found = !stat(file, st);
		free(file);
	}
	free(path);
	return found ? 0 : -1;
}

/* home/templates/KERNEL-ACCEL-SMP-KEY; the key covers all that went into it. */
static char *template_folder(const struct machine_spec *spec, char **prefix)
{
	char *text = NULL, hash[HASH_TEXT], *folder, **argv;
	struct machine_spec boot = *spec;
	struct stat st;
	size_t length;
	FILE *key = open_memstream(&text, &length);

	boot.memory = MEMORY_SHARED;
	boot.incoming = boot.tripwires = 0;
	if (find_program(spec->settings->qemu, &st))
		errx(EXIT_ENGINE, "%s is not installed; run: make setup",
		     spec->settings->qemu);
	add_identity(key, &st);
	if (!fstat(spec->kernel->image, &st))
		add_identity(key, &st);
	if (!fstat(spec->kernel->initramfs, &st))
		add_identity(key, &st);
	argv = machine_arguments(&boot);
	for (char **argument = argv; *argument; argument++)
		fprintf(key, "%s\n", *argument);
	for (int i = 0; i < spec->kernel->tripwire_count; i++)
		fprintf(key, "%s\n", spec->kernel->tripwires[i]);
	fclose(key);
	store_hash_text(text, length, hash);
	*prefix = format("%s-%s-%d%s", spec->kernel->name, spec->accel,
			 spec->settings->smp,
			 spec->settings->icount ? "-icount" : "");
	folder = format("%s/templates/%s-%.16s", spec->settings->home, *prefix,
			hash);
	free(text);
	return folder;
}

static unsigned long long address_of_symbol(json_t *symbols, const char *name)
{
	return (unsigned long long)json_integer_value(
		json_object_get(symbols, name));
}

static void read_bearings(struct bearings *b, const struct kernel *k,
			  json_t *symbols)
{
	b->tainted_mask = address_of_symbol(symbols, "tainted_mask");
	for (int i = 0; i < k->tripwire_count; i++)
		b->tripwires[i] = address_of_symbol(symbols, k->tripwires[i]);
}

static int read_description(struct template *t, const struct kernel *k)
{
	char *path = format("%s/template.json", t->folder);
	json_t *root = json_load_file(path, 0, NULL);
	const char *ram, *state;
	json_t *symbols;
	int status = -1;

	if (!json_unpack(root, "{s:s,s:s,s:o}", "ram", &ram, "state", &state,
			 "symbols", &symbols)) {
		snprintf(t->ram_hash, HASH_TEXT, "%s", ram);
		snprintf(t->state_hash, HASH_TEXT, "%s", state);
		read_bearings(&t->bearings, k, symbols);
		status = 0;
	}
	json_decref(root);
	free(path);
	return status;
}

/* 0: open; -1: there is none, or only parts of one. */
static int open_existing(struct template *t, const struct kernel *k)
{
	char *ram = format("%s/ram", t->folder);
	char *state = format("%s/state", t->folder);

	t->ram = open(ram, O_RDWR | O_CLOEXEC);
	t->state = open(state, O_RDONLY | O_CLOEXEC);
	free(ram);
	free(state);
	if (t->ram >= 0 && t->state >= 0 && !read_description(t, k))
		return 0;
	close(t->ram);
	close(t->state);
	return -1;
}

/* Only one process makes templates of a prefix; the lock dies with it. */
static int lock(const struct settings *s, const char *prefix)
{
	char *path = format("%s/templates", s->home);
	int fd;

	mkdir(path, 0700); /* closed to QEMU, which runs as somebody else */
	free(path);
	path = format("%s/templates/.lock-%s", s->home, prefix);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX))
		err(EXIT_ENGINE, "%s", path);
	free(path);
	return fd;
}

int template_open(struct template *t, const struct machine_spec *spec,
		  char **why)
{
	int status, lock_fd;
	char *prefix;

	memset(t, 0, sizeof(*t));
	t->folder = template_folder(spec, &prefix);
	status = open_existing(t, spec->kernel);
	if (status) {
		lock_fd = lock(spec->settings, prefix);
		/* Another process may have made it while we waited. */
		status = open_existing(t, spec->kernel);
		if (status)
			status = bake(t->folder, prefix, spec, why);
		if (!status)
			status = open_existing(t, spec->kernel);
		close(lock_fd);
	}
	free(prefix);
	return status;
}

int template_verify(const struct template *t)
{
	char ram[HASH_TEXT], state[HASH_TEXT];

	if (store_hash_file(t->ram, ram) || store_hash_file(t->state, state))
		return -1;
	return strcmp(ram, t->ram_hash) || strcmp(state, t->state_hash) ? -1 :
									  0;
}

/*
 * What no write leaves as it is, as a text; NULL when a file changed so lately
 * that a second change might have the same time.
 */
static char *fingerprint(const struct template *t)
{
	const int files[] = { t->ram, t->state };
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	time_t now = time(NULL);
	struct stat st;
	int settled = 1;

	for (int i = 0; i < 2; i++) {
		if (fstat(files[i], &st) || st.st_ctim.tv_sec > now - SETTLED_S)
			settled = 0;
		add_identity(out, &st);
		fprintf(out, "%lld.%09ld\n", (long long)st.st_ctim.tv_sec,
			st.st_ctim.tv_nsec);
	}
	fclose(out);
	if (!settled) {
		free(text);
		text = NULL;
	}
	return text;
}

int template_verify_changed(const struct template *t)
{
	char *path = format("%s/verified", t->folder), *now = fingerprint(t);
	char before[FINGERPRINT_TEXT] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC), status = 0;

	if (fd >= 0 && read(fd, before, sizeof(before) - 1) < 0)
		*before = '\0';
	if (!now || strcmp(before, now)) {
		status = template_verify(t);
		/* When this cannot be written, the next one looks again. */
		if (!status && now)
			write_file(path, now);
	}
	close(fd);
	free(now);
	free(path);
	return status;
}

void template_discard(struct template *t)
{
	remove_folder(t->folder);
	template_close(t);
}

void template_close(struct template *t)
{
	close(t->ram);
	close(t->state);
	free(t->folder);
}
