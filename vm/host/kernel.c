// SPDX-License-Identifier: GPL-2.0
#include "kernel.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_part(const struct settings *s, const char *part)
{
	char *path = format("%s/kernels/%s/%s", s->home, s->kernel, part);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(EXIT_ENGINE,
		    "kernel '%s' is not ready: %s; run: make setup", s->kernel,
		    path);
	free(path);
	return fd;
}

static FILE *open_text(const struct settings *s, const char *part)
{
	FILE *file = fdopen(open_part(s, part), "r");

	if (!file)
		err(EXIT_ENGINE, "%s", part);
	return file;
}

/* Lines `memory MIB`, `append WORD...`, `tripwire NAME`; # opens a comment. */
static void read_machine(struct kernel *k, FILE *file)
{
	char line[512];

	k->memory_mib = 128;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "#\n")] = '\0';
		if (sscanf(line, "memory %d", &k->memory_mib) == 1)
			continue;
		if (k->tripwire_count < MAX_TRIPWIRES &&
		    sscanf(line, "tripwire %31s",
			   k->tripwires[k->tripwire_count]) == 1)
			k->tripwire_count++;
		if (!strncmp(line, "append ", 7) &&
		    strlen(k->append) + strlen(line) < sizeof(k->append)) {
			strcat(k->append, " ");
			strcat(k->append, line + 7);
		}
	}
}

void kernel_open(struct kernel *k, const struct settings *s)
{
	FILE *file;

	memset(k, 0, sizeof(*k));
	k->name = s->kernel;
	file = open_text(s, "release");
	if (!fgets(k->release, sizeof(k->release), file))
		errx(EXIT_ENGINE,
		     "kernel '%s': its release is empty; run: "
		     "make setup",
		     s->kernel);
	k->release[strcspn(k->release, "\n")] = '\0';
	fclose(file);
	file = open_text(s, "machine");
	read_machine(k, file);
	fclose(file);
	k->image = open_part(s, "image");
	k->initramfs = open_part(s, "initramfs");
}

void kernel_close(struct kernel *k)
{
	close(k->image);
	close(k->initramfs);
}

void kernel_list(const struct settings *s, FILE *out)
{
	char *path = format("%s/kernels", s->home);
	DIR *folder = opendir(path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char *file = format("%s/%s/release", path, entry->d_name);
		FILE *release = fopen(file, "re");
		char text[128] = "";

		if (release && fgets(text, sizeof(text), release))
			fprintf(out, "  %-8s %s", entry->d_name, text);
		if (release)
			fclose(release);
		free(file);
	}
	if (folder)
		closedir(folder);
	free(path);
}
