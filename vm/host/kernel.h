/* SPDX-License-Identifier: GPL-2.0 */
/* A kernel that can be booted: a folder that `make -C vm kernel` filled. */
#ifndef VM_KERNEL_H
#define VM_KERNEL_H

#include "settings.h"

#include <stdio.h>

#define MAX_TRIPWIRES 16

struct kernel {
	const char *name;
	char release[128];
	int memory_mib; /* of a guest that runs it */
	char append[1024]; /* its part of the command line */
	char tripwires[MAX_TRIPWIRES][32]; /* functions that report trouble */
	int tripwire_count;
	int image; /* open for reading: an ELF file or a bzImage */
	int initramfs; /* open for reading */
};

/* Opens home/kernels/NAME; ends the program with advice when it is not there. */
void kernel_open(struct kernel *k, const struct settings *s);
void kernel_close(struct kernel *k);

/* One line a kernel: name, release; for doctor. */
void kernel_list(const struct settings *s, FILE *out);

#endif
