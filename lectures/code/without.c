// SPDX-License-Identifier: GPL-2.0
/*
 * without - runs a program that may not make folders or symbolic links
 *
 * without COMMAND [ARG...]
 *
 * These system calls then fail with EPERM, for root as for anybody else, in the
 * program and in all that it starts.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* Skips the next instruction when the number that was loaded is another one. */
#define UNLESS(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define REFUSE RETURN(SECCOMP_RET_ERRNO | EPERM)

/* The kernel runs this at the entry of each system call.  It looks at numbers, and
 * these mean something only together with the architecture.
 */
static struct sock_filter filter[] = {
	LOAD(arch),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
	RETURN(SECCOMP_RET_KILL_PROCESS),
	LOAD(nr),
	UNLESS(SYS_mkdir),
	REFUSE,
	UNLESS(SYS_mkdirat),
	REFUSE,
	UNLESS(SYS_symlink),
	REFUSE,
	UNLESS(SYS_symlinkat),
	REFUSE,
	RETURN(SECCOMP_RET_ALLOW),
};

int main(int argc, char **argv)
{
	struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(*filter),
		.filter = filter,
	};

	if (argc < 2)
		errx(2, "usage: without COMMAND [ARG...]");
	/* No program that is started later gets more rights than this one has. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err(1, "no_new_privs");
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		err(1, "seccomp");
	execvp(argv[1], argv + 1);
	err(127, "%s", argv[1]);
}
