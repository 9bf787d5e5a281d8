// SPDX-License-Identifier: GPL-2.0
#include "doctor.h"

#include "accel.h"
#include "store.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void print_qemu(const struct settings *s)
{
	char *command = format("%s --version 2>&1", s->qemu);
	FILE *qemu = popen(command, "re");
	char line[256] = "";

	if (qemu && fgets(line, sizeof(line), qemu))
		line[strcspn(line, "\n")] = '\0';
	if (!qemu || pclose(qemu))
		snprintf(line, sizeof(line), "not installed; run: make setup");
	printf("QEMU         %s\n", line);
	free(command);
}

static void print_accelerator(const struct settings *s)
{
	struct kernel kernel;
	const char *accel;
	char *reason;

	kernel_open(&kernel, s);
	accel = accel_choose(s, &kernel, &reason);
	printf("accelerator  %s\n", accel);
	printf("  KVM        %s\n", reason);
	kernel_close(&kernel);
	free(reason);
}

static void print_templates(const struct settings *s)
{
	char *path = format("%s/templates", s->home);
	DIR *folder = opendir(path);
	struct dirent *entry;

	puts("templates");
	while (folder && (entry = readdir(folder))) {
		char *ram = format("%s/%s/ram", path, entry->d_name);
		struct stat st;

		if (*entry->d_name != '.' && !stat(ram, &st))
			printf("  %s, %lld MiB on disk\n", entry->d_name,
			       (long long)st.st_blocks * 512 >> 20);
		free(ram);
	}
	if (folder)
		closedir(folder);
	free(path);
}

static void print_room(const struct settings *s)
{
	long pages = sysconf(_SC_AVPHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	struct statvfs disk;

	if (!statvfs(s->home, &disk))
		printf("disk         %llu MiB free at %s\n",
		       (unsigned long long)disk.f_bavail * disk.f_frsize >> 20,
		       s->home);
	printf("memory       %lld MiB free, %ld CPUs\n",
	       (long long)pages * size >> 20, sysconf(_SC_NPROCESSORS_ONLN));
}

int command_doctor(const struct settings *s, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	print_qemu(s);
	print_accelerator(s);
	puts("kernels");
	kernel_list(s, stdout);
	print_templates(s);
	print_room(s);
	return 0;
}
