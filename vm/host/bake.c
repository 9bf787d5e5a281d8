// SPDX-License-Identifier: GPL-2.0
#include "bake.h"

#include "files.h"
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define QMP_MS 20000
#define WARM_UP_MS 120000
#define SETTLE_MS 1000
#define CLONE_MS 30000

int boot_guest(struct guest *g, const struct machine_spec *base, int *ram,
	       int timeout_ms, char **why)
{
	struct machine_spec spec = *base;
	unsigned char entropy[32];

	spec.ram = memfd_create("guest-ram", MFD_CLOEXEC);
	if (spec.ram < 0 ||
	    ftruncate(spec.ram, (off_t)base->kernel->memory_mib << 20)) {
		*why = format("memory for the guest: %s", strerror(errno));
		return -1;
	}
	spec.memory = MEMORY_SHARED;
	spec.incoming = 0;
	if (guest_start(g, &spec, why)) {
		close(spec.ram);
		return -1;
	}
	/* A pool that is full once prints and patches nothing in a clone. */
	if (getrandom(entropy, sizeof(entropy), 0) < 0 ||
	    guest_ping(g, entropy, sizeof(entropy), timeout_ms, why)) {
		guest_end(g);
		close(spec.ram);
		return -1;
	}
	*ram = spec.ram;
	return 0;
}

/* Runs a command that has to succeed; 0 with its output, or -1 with why. */
static int must_run(struct guest *g, char *const argv[], char **output,
		    char **why)
{
	int status = guest_run(g, argv, WARM_UP_MS, output, why);

	if (status > 0) {
		*why = format("in the guest, %s %s failed: %s", argv[0],
			      argv[1], *output);
		free(*output);
	}
	return status ? -1 : 0;
}

/* Lines `NAME ADDRESS`; 0 with why for what is not there. */
static unsigned long long address_of(const char *lines, const char *name,
				     char **why)
{
	size_t length = strlen(name);

	for (const char *at = lines; at && *at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, name, length) && at[length] == ' ')
			return strtoull(at + length, NULL, 16);
	}
	*why = format("the kernel has no symbol %s; mend its .machine file",
		      name);
	return 0;
}

/* Fills b from those lines; -1 with why when one is missing. */
static int read_bearings(struct bearings *b, const struct kernel *k,
			 const char *lines, char **why)
{
	b->tainted_mask = address_of(lines, "tainted_mask", why);
	if (!b->tainted_mask)
		return -1;
	for (int i = 0; i < k->tripwire_count; i++) {
		b->tripwires[i] = address_of(lines, k->tripwires[i], why);
		if (!b->tripwires[i])
			return -1;
	}
	return 0;
}

int take_bearings(struct guest *g, const struct kernel *k, struct bearings *b,
		  char **why)
{
	char *const baseline[] = { "/init", "baseline", NULL };
	char *symbols[4 + MAX_TRIPWIRES] = { "/init", "symbols",
					     "tainted_mask" };
	char *output;
	int status;

	for (int i = 0; i < k->tripwire_count; i++)
		symbols[3 + i] = (char *)k->tripwires[i];
	if (must_run(g, symbols, &output, why))
		return -1;
	status = read_bearings(b, k, output, why);
	free(output);
	if (status || must_run(g, baseline, &output, why))
		return -1;
	free(output);
	return 0;
}

/* Every tool once, so that no clone is the first to need it. */
static int warm_up(struct guest *g, char **why)
{
	char *const script[] = { "/bin/sh", "/lib/vm/warm-up", NULL };
	char *output;

	if (must_run(g, script, &output, why))
		return -1;
	free(output);
	return 0;
}

/*
 * What the commands before have left to RCU and to timers is done now, and not in
 * every clone. Virtual time runs through years when a guest has nothing to do.
 */
static void settle(const struct settings *settings)
{
	if (!settings->icount)
		poll(NULL, 0, SETTLE_MS);
}

/* Stops the guest for good and writes its devices' state to a file. */
static int save_state(struct guest *g, const char *path, char **why)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct qmp *q = &g->qmp;
	int failed;

	if (fd < 0) {
		*why = format("%s: %s", path, strerror(errno));
		return -1;
	}
	failed = qmp_do(q, "stop", NULL, QMP_MS) ||
		 qmp_do(q, "migrate-set-capabilities",
			json_pack("{s:[{s:s,s:b},{s:s,s:b}]}", "capabilities",
				  "capability", "x-ignore-shared", "state", 1,
				  "capability", "events", "state", 1),
			QMP_MS) ||
		 qmp_do(q, "migrate-set-parameters",
			json_pack("{s:I}", "max-bandwidth",
				  (json_int_t)10 << 30),
			QMP_MS) ||
		 qmp_give_fd(q, fd, "state", QMP_MS) ||
		 qmp_do(q, "migrate", json_pack("{s:s}", "uri", "fd:state"),
			QMP_MS);
	failed = failed || qmp_wait(q, &g->migrated, QMP_MS);
	if (failed)
		*why = format("save the guest: %s", q->error);
	close(fd);
	return failed ? -1 : 0;
}

static json_t *symbols_json(const struct kernel *k, const struct bearings *b)
{
	json_t *symbols =
		json_pack("{s:I}", "tainted_mask", (json_int_t)b->tainted_mask);

	for (int i = 0; i < k->tripwire_count; i++)
		json_object_set_new(symbols, k->tripwires[i],
				    json_integer((json_int_t)b->tripwires[i]));
	return symbols;
}

static int describe(const char *folder, const struct kernel *k,
		    const struct bearings *b, char **why)
{
	char *ram = format("%s/ram", folder), ram_hash[HASH_TEXT];
	char *state = format("%s/state", folder), state_hash[HASH_TEXT];
	char *path = format("%s/template.json", folder);
	int ram_fd = open(ram, O_RDONLY | O_CLOEXEC);
	int state_fd = open(state, O_RDONLY | O_CLOEXEC);
	json_t *root = NULL;
	char *text = NULL;
	int status = -1;

	if (!store_hash_file(ram_fd, ram_hash) &&
	    !store_hash_file(state_fd, state_hash)) {
		root = json_pack("{s:s,s:s,s:s,s:o}", "release", k->release,
				 "ram", ram_hash, "state", state_hash,
				 "symbols", symbols_json(k, b));
		text = json_dumps(root, JSON_INDENT(1));
		status = write_file(path, text);
	}
	if (status)
		*why = format("%s: %s", path, strerror(errno));
	json_decref(root);
	free(text);
	free(path);
	free(ram);
	free(state);
	close(ram_fd);
	close(state_fd);
	return status;
}

/* What was saved is only worth keeping if it runs, and runs twice. */
static int self_test(const char *folder, const struct machine_spec *base,
		     char **why)
{
	char *ram = format("%s/ram", folder),
	     *state = format("%s/state", folder);
	struct machine_spec spec = *base;
	int status = 0;

	spec.memory = MEMORY_PRIVATE;
	spec.incoming = 1;
	spec.ram = open(ram, O_RDWR | O_CLOEXEC);
	for (int i = 0; !status && i < 2; i++) {
		int fd = open(state, O_RDONLY | O_CLOEXEC);
		struct guest g;

		status = guest_start(&g, &spec, why);
		if (!status) {
			status = guest_resume(&g, fd, NULL, why) ||
				 guest_ping(&g, NULL, 0, CLONE_MS, why);
			guest_end(&g);
		}
		close(fd);
	}
	close(spec.ram);
	free(ram);
	free(state);
	return status ? -1 : 0;
}

static int bake_into(const char *folder, const struct machine_spec *base,
		     char **why)
{
	char *path = format("%s/ram", folder);
	struct bearings bearings = { 0 };
	struct guest g;
	int ram, status;

	if (boot_guest(&g, base, &ram, BOOT_MS, why)) {
		free(path);
		return -1;
	}
	status = warm_up(&g, why) ||
		 take_bearings(&g, base->kernel, &bearings, why);
	if (!status) {
		char *state = format("%s/state", folder);

		settle(base->settings);
		status = save_state(&g, state, why);
		free(state);
	}
	guest_end(&g); /* from here on nobody writes to its memory */
	if (!status && store_copy_sparse(ram, path)) {
		*why = format("%s: %s", path, strerror(errno));
		status = -1;
	}
	close(ram);
	if (!status)
		status = describe(folder, base->kernel, &bearings, why) ||
			 self_test(folder, base, why);
	free(path);
	return status ? -1 : 0;
}

/* Removes templates of the prefix but one, and what a killed builder left. */
static void prune(const char *home, const char *prefix, const char *keep)
{
	char *path = format("%s/templates", home);
	char *unfinished = format(".new-%s-", prefix);
	size_t length = strlen(prefix);
	DIR *folder = opendir(path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		const char *name = entry->d_name;
		int is_other = !strncmp(name, prefix, length) &&
			       name[length] == '-' && strcmp(name, keep);
		char *victim;

		if (!is_other && strncmp(name, unfinished, strlen(unfinished)))
			continue;
		victim = format("%s/%s", path, name);
		remove_folder(victim);
		free(victim);
	}
	if (folder)
		closedir(folder);
	free(unfinished);
	free(path);
}

int bake(const char *folder, const char *prefix,
	 const struct machine_spec *base, char **why)
{
	const char *home = base->settings->home;
	char *new = format("%s/templates/.new-%s-%d", home, prefix, getpid());
	int status;

	if (isatty(STDERR_FILENO))
		warnx("making the template of kernel %s (%s) ...",
		      base->kernel->name, base->accel);
	prune(home, prefix, strrchr(folder, '/') + 1);
	remove_folder(folder); /* there may be parts of one */
	if (mkdir(new, 0700)) {
		*why = format("%s: %s", new, strerror(errno));
		free(new);
		return -1;
	}
	status = bake_into(new, base, why);
	if (!status && rename(new, folder)) {
		*why = format("%s: %s", folder, strerror(errno));
		status = -1;
	}
	if (status)
		remove_folder(new);
	free(new);
	return status;
}
