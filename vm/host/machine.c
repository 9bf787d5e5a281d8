// SPDX-License-Identifier: GPL-2.0
#include "machine.h"

#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534 /* Debian's nobody and nogroup */
#define MAX_ARGUMENTS 64
#define CPU_SECONDS 3600 /* no VM works for longer, whatever runs in it */

/* The descriptors that QEMU inherits have fixed numbers; see fixed[]. */
enum {
	FD_QMP = 3,
	FD_CONSOLE,
	FD_AGENT,
	FD_RAM,
	FD_IMAGE,
	FD_INITRAMFS,
	FD_GDB,
	FD_END
};

/*
 * microvm has no PCI and no ACPI, whose interpretation alone takes longer than
 * a clone does; with acpi=off it needs the old timer, interrupt controller and
 * clock to boot at all.  But nothing tells its kernel of a second CPU, so two
 * CPUs take the old PC, which boots half as fast and clones as well.
 */
static const struct {
	char *machine, *channel;
} microvm = { "microvm,acpi=off,pit=on,pic=on,rtc=on,isa-serial=on,"
	      "auto-kernel-cmdline=on,memory-backend=ram",
	      "virtio-serial-device,max_ports=2" },
  pc = { "pc,hpet=off,memory-backend=ram", "virtio-serial-pci,max_ports=2" };

/*
 * A supervisor mode that may not touch user pages (smap, smep) turns a forgotten
 * copy_to_user() into an oops.
 */
#define CPU "qemu64,+smap,+smep"

/* A translation buffer of 64 MiB, down from a quarter of the host's memory. */
#define EMULATED "tcg,tb-size=64"

/* clang-format off */
static char *const fixed[] = {
	"-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
	"-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
		    "resourcecontrol=deny",
	"-chardev", "socket,id=qmp,fd=3", "-mon", "chardev=qmp,mode=control",
	"-chardev", "socket,id=console,fd=4", "-serial", "chardev:console",
	"-chardev", "socket,id=agent,fd=5",
};
/* clang-format on */

/*
 * nokaslr: the host knows where symbols are.  An oops is a panic and a panic
 * ends QEMU, at once by a triple fault where the keyboard controller that is
 * not there would take seconds, so nothing runs on after a fault.  Mitigations
 * only cost time in a guest that lives for a second.
 */
static const char append[] =
	"console=ttyS0 quiet nokaslr panic=-1 oops=panic reboot=t "
	"mitigations=off cryptomgr.notests";

/*
 * A kernel that boots on a busy host measures its delay loop wrongly, by a factor
 * of a hundred at times, and a template would keep that.  So it is told how many
 * loops a jiffy has, about as many as an emulated CPU can do: a delay may be
 * longer than asked for, as on any busy machine, and hardly shorter.  Without a
 * time-stamp counter the loop is what every kernel uses.  Virtual time needs
 * neither, since it has no busy host, nor does KVM.
 */
static const char no_counter[] = ",-tsc", loops[] = " lpj=1000000";

static int is_elf(int file)
{
	char magic[SELFMAG];

	return pread(file, magic, SELFMAG, 0) == SELFMAG &&
	       !memcmp(magic, ELFMAG, SELFMAG);
}

char **machine_arguments(const struct machine_spec *spec)
{
	int mib = spec->kernel->memory_mib;
	int kvm = !strcmp(spec->accel, "kvm"), many = spec->settings->smp > 1;
	int measured = kvm || spec->settings->icount;
	char **argv = calloc(MAX_ARGUMENTS, sizeof(*argv));
	int n = 0;

	if (!argv)
		err(EXIT_ENGINE, "memory");
	argv[n++] = format("%s", spec->settings->qemu);
	argv[n++] = "-machine";
	argv[n++] = many ? pc.machine : microvm.machine;
	argv[n++] = "-object";
	argv[n++] = format("memory-backend-file,id=ram,size=%dM,share=%s,"
			   "mem-path=/proc/self/fd/%d",
			   mib, spec->memory == MEMORY_SHARED ? "on" : "off",
			   FD_RAM);
	argv[n++] = "-m";
	argv[n++] = format("%dM", mib);
	argv[n++] = "-smp";
	/* Each in a socket of its own: the BIOS tells of no other without ACPI. */
	argv[n++] = format("%d,sockets=%d", spec->settings->smp,
			   spec->settings->smp);
	argv[n++] = "-cpu";
	argv[n++] = format("%s%s", CPU, measured ? "" : no_counter);
	argv[n++] = "-accel";
	argv[n++] = kvm ? "kvm" : EMULATED;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		argv[n++] = fixed[i];
	argv[n++] = "-device";
	argv[n++] = many ? pc.channel : microvm.channel;
	argv[n++] = "-device";
	argv[n++] = "virtserialport,chardev=agent";
	if (spec->settings->icount) {
		/*
		 * The guest's clock counts instructions, 8 ns each, and jumps
		 * to the next timer when the guest has nothing to do: an hour
		 * of sleep costs nothing, and a busy host changes nothing.
		 */
		argv[n++] = "-icount";
		argv[n++] = "shift=3,sleep=off";
	}
	if (spec->tripwires) {
		argv[n++] = "-chardev";
		argv[n++] = format("socket,id=gdb,fd=%d", FD_GDB);
		argv[n++] = "-gdb";
		argv[n++] = "chardev:gdb";
	}
	if (spec->incoming) {
		argv[n++] = "-incoming";
		argv[n++] = "defer";
	}
	/*
	 * A clone has its kernel in its memory, and to read the file once more
	 * would cost 20 ms.  But the option ROMs, the PC's and that which loads
	 * a bzImage, have to be the same.
	 */
	if (spec->incoming && !many && is_elf(spec->kernel->image))
		return argv;
	argv[n++] = "-kernel";
	argv[n++] = format("/proc/self/fd/%d", FD_IMAGE);
	argv[n++] = "-initrd";
	argv[n++] = format("/proc/self/fd/%d", FD_INITRAMFS);
	argv[n++] = "-append";
	argv[n++] = format("%s%s%s", append, spec->kernel->append,
			   measured ? "" : loops);
	return argv;
}

static void limit(int resource, rlim_t most)
{
	struct rlimit limit = { .rlim_cur = most, .rlim_max = most };

	setrlimit(resource, &limit);
}

/* QEMU needs no privilege but, for KVM, the group of /dev/kvm. */
static void drop_privileges(void)
{
	struct stat kvm;
	gid_t group = NOBODY;

	if (geteuid() != 0)
		return;
	if (!stat("/dev/kvm", &kvm))
		group = kvm.st_gid;
	if (setgroups(1, &group) || setgid(NOBODY) || setuid(NOBODY))
		err(EXIT_ENGINE, "give up root for QEMU");
}

static void become_qemu(const struct machine_spec *spec, int theirs[],
			int errors, pid_t parent)
{
	char **argv = machine_arguments(spec);
	int null = open("/dev/null", O_RDWR);

	/* Moves them out of the way of the numbers they shall have. */
	for (int i = 0; i < FD_END - FD_QMP; i++)
		theirs[i] = fcntl(theirs[i], F_DUPFD, FD_END);
	errors = fcntl(errors, F_DUPFD, FD_END);
	for (int i = 0; i < FD_END - FD_QMP; i++)
		if (dup2(theirs[i], FD_QMP + i) < 0)
			err(EXIT_ENGINE, "descriptors for QEMU");
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(errors, STDERR_FILENO);
	close_range(FD_END, ~0u, 0);

	setsid(); /* a terminal's Ctrl-C is not for QEMU */
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, CPU_SECONDS);
	limit(RLIMIT_AS, ((rlim_t)spec->kernel->memory_mib + 2048) << 20);
	drop_privileges();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* After the change of user, which would clear it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_ENGINE);
	execvp(argv[0], argv);
	err(EXIT_ENGINE, "%s; run: make setup", argv[0]);
}

static void connect_pair(int *ours, int *theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		err(EXIT_ENGINE, "socketpair");
	*ours = pair[0];
	*theirs = pair[1];
	fcntl(*ours, F_SETFL, O_NONBLOCK);
}

void machine_start(struct machine *m, const struct machine_spec *spec)
{
	int theirs[FD_END - FD_QMP];
	pid_t self = getpid();

	connect_pair(&m->qmp, &theirs[0]);
	connect_pair(&m->console, &theirs[1]);
	connect_pair(&m->agent, &theirs[2]);
	theirs[3] = spec->ram;
	theirs[4] = spec->kernel->image;
	theirs[5] = spec->kernel->initramfs;
	connect_pair(&m->gdb, &theirs[6]);
	m->errors = memfd_create("qemu-errors", MFD_CLOEXEC);
	if (m->errors < 0)
		err(EXIT_ENGINE, "memfd_create");
	m->pid = fork();
	if (m->pid < 0)
		err(EXIT_ENGINE, "fork");
	if (!m->pid)
		become_qemu(spec, theirs, m->errors, self);
	for (int i = 0; i < 3; i++)
		close(theirs[i]);
	close(theirs[6]);
	m->pidfd = (int)syscall(SYS_pidfd_open, m->pid, 0);
	if (m->pidfd < 0)
		err(EXIT_ENGINE, "pidfd_open");
	fcntl(m->pidfd, F_SETFD, FD_CLOEXEC);
}

long machine_end(struct machine *m)
{
	struct rusage usage = { 0 };
	int status;

	kill(m->pid, SIGKILL);
	while (wait4(m->pid, &status, 0, &usage) < 0 && errno == EINTR)
		;
	close(m->pidfd);
	close(m->qmp);
	close(m->console);
	close(m->agent);
	close(m->gdb);
	return usage.ru_maxrss;
}

char *machine_errors(const struct machine *m)
{
	char text[512] = "";
	ssize_t n = pread(m->errors, text, sizeof(text) - 1, 0);

	for (char *end; n > 0 && (end = strpbrk(text, "\r\n"));)
		*end = end[1] ? ' ' : '\0';
	return strdup(text);
}
