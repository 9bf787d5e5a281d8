// SPDX-License-Identifier: GPL-2.0
#include "accel.h"

#include "bake.h"
#include "files.h"
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Under a KVM that works, the stock kernel answers in less than a second. */
#define PROBE_MS 5000

/* Names the host's current boot, so that a new kernel or machine asks again. */
static char *result_path(const struct settings *s)
{
	char boot_id[64] = "unknown", *path;
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (file) {
		if (fgets(boot_id, sizeof(boot_id), file))
			boot_id[strcspn(boot_id, "\n")] = '\0';
		fclose(file);
	}
	path = format("%s/templates", s->home);
	mkdir(path, 0700);
	free(path);
	return format("%s/templates/.kvm-%s", s->home, boot_id);
}

static char *probe(const struct settings *s, const struct kernel *k)
{
	struct machine_spec spec = { .settings = s,
				     .kernel = k,
				     .accel = "kvm" };
	struct guest g;
	char *why;
	int ram;

	if (boot_guest(&g, &spec, &ram, PROBE_MS, &why)) {
		why[strcspn(why, ";\n")] = '\0';
		return format("no: /dev/kvm opens, but no guest boots: %s",
			      why);
	}
	guest_end(&g);
	close(ram);
	return format("yes: a guest booted under it");
}

/* Whether QEMU will be able to open it, as whoever it runs. */
static int may_open_kvm(void)
{
	struct stat kvm;
	int fd;

	if (!geteuid()) /* machine.c gives it the device's group */
		return !stat("/dev/kvm", &kvm) &&
		       ((kvm.st_mode & 0060) == 0060 ||
			(kvm.st_mode & 0006) == 0006);
	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static char *kvm_works(const struct settings *s, const struct kernel *k)
{
	char *path, text[512] = "", *result;
	FILE *file;

	if (access("/dev/kvm", F_OK))
		return format("no: there is no /dev/kvm");
	if (!may_open_kvm())
		return format("no: /dev/kvm is closed to %s",
			      geteuid() ? "you" :
					  "nobody, as whom root's QEMU runs");
	path = result_path(s);
	file = fopen(path, "re");
	if (file && fgets(text, sizeof(text), file) && *text) {
		result = strdup(text);
	} else {
		result = probe(s, k);
		write_file(path, result);
	}
	if (file)
		fclose(file);
	free(path);
	return result;
}

const char *accel_choose(const struct settings *s, const struct kernel *k,
			 char **reason)
{
	if (s->accel) {
		*reason = format("VM_ACCEL=%s", s->accel);
		return s->accel;
	}
	*reason = kvm_works(s, k);
	return !strncmp(*reason, "yes", 3) ? "kvm" : "tcg";
}
