// SPDX-License-Identifier: GPL-2.0
/* From the first instruction of PID 1 to an open channel to the host. */
#include "agent.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PORT "/dev/vport0p1"

static const struct {
	const char *type, *path;
} mounts[] = {
	{ "devtmpfs", "/dev" },	  { "proc", "/proc" },
	{ "sysfs", "/sys" },	  { "debugfs", "/sys/kernel/debug" },
	{ "tmpfs", "/tmp" },	  { "tmpfs", "/run" },
	{ "devpts", "/dev/pts" },
};

static const struct {
	const char *path, *value;
} settings[] = {
	/* Every message reaches the console, which the host reads. */
	{ "/proc/sys/kernel/printk", "8 4 1 7" },
	{ "/proc/sys/kernel/printk_ratelimit", "0" },
	/*
	 * The host asks a hung kernel for its backtrace by an NMI; without a
	 * port 0x61 the kernel takes it for a bus error.
	 */
	{ "/proc/sys/kernel/unknown_nmi_panic", "1" },
	{ "/proc/sys/kernel/panic_on_unrecovered_nmi", "1" },
	{ "/proc/sys/kernel/panic_on_io_nmi", "1" },
	{ "/proc/sys/kernel/kptr_restrict", "0" },
	{ "/proc/sys/kernel/hostname", "kdlp" },
};

int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = write(fd, text, strlen(text));
		close(fd);
	}
	return n < 0 ? -1 : 0;
}

static void load(const char *name, const char *parameters)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/lib/vm/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return; /* built into this kernel */
	if (fd < 0 || syscall(SYS_finit_module, fd, parameters, 0) < 0)
		err(1, "load %s", path);
	close(fd);
}

/* QEMU says where the device is: virtio_mmio.device=SIZE@BASE:IRQ. */
static void announce_channel(void)
{
	static const char key[] = "virtio_mmio.device=";
	char line[4096] = "", parameters[96], *at;
	unsigned long size, base;
	unsigned int irq;
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);

	if (!access("/sys/module/virtio_mmio/parameters/device", F_OK)) {
		close(fd);
		return; /* a kernel that has read its command line itself */
	}
	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
		err(1, "/proc/cmdline");
	close(fd);
	at = strstr(line, key);
	if (!at)
		return; /* it is on the PCI bus, which needs no telling */
	if (sscanf(at + strlen(key), "%lu@%lx:%u", &size, &base, &irq) != 3)
		errx(1, "cannot read %s", at);
	snprintf(parameters, sizeof(parameters), "base=%lu size=%lu irq=%u",
		 base, size, irq);
	load("announce", parameters);
}

void boot(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		mkdir(mounts[i].path, 0755);
		if (mount(mounts[i].type, mounts[i].path, mounts[i].type, 0,
			  NULL) &&
		    errno != EBUSY)
			warn("mount %s", mounts[i].path);
	}
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		write_text(settings[i].path, settings[i].value);
	load("virtio_ring", ""); /* virtio needs it, as Debian builds them */
	load("virtio", "");
	load("virtio_mmio", "");
	load("virtio_pci_legacy_dev", "");
	load("virtio_pci_modern_dev", "");
	load("virtio_pci", "");
	load("virtio_console", "");
	announce_channel();
	load("witness", "");
	setenv("PATH", "/bin:/sbin", 1);
	setenv("HOME", "/root", 1);
	if (chdir("/root"))
		warn("chdir /root");
}

int boot_open_port(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	/* The port appears when the device's control queue was worked off. */
	for (int waited_ms = 0; waited_ms < 10000; waited_ms++) {
		int fd = open(PORT, O_RDWR | O_CLOEXEC);

		if (fd >= 0)
			return fd;
		nanosleep(&pause, NULL);
	}
	err(1, "open %s", PORT);
}
