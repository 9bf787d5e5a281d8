/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A template is a guest that has booted and warmed up, saved once and cloned
 * many times: its memory as a sparse file that clones map copy-on-write, the
 * state of its devices as QEMU's migration stream, and a description.
 *
 * The memory is a file, not a memfd that a daemon would keep: the page cache
 * shares it between clones just as well, and it outlives the process that made
 * it.
 */
#ifndef VM_TEMPLATE_H
#define VM_TEMPLATE_H

#include "guest.h"
#include "store.h"

struct template
{
	char *folder;
	int ram, state;
	char ram_hash[HASH_TEXT], state_hash[HASH_TEXT];
	struct bearings bearings;
};

/*
 * Opens the template for a spec (of which ram, memory and incoming are not
 * used), making it first where there is none.  One process makes it, others
 * wait.  0, or -1 with why.
 */
int template_open(struct template *t, const struct machine_spec *spec,
		  char **why);

/* 0 when its files are what they were when it was made. */
int template_verify(const struct template *t);

/*
 * The same, at no cost for files that nobody has written to since they were found
 * in order: each clone asks.
 */
int template_verify_changed(const struct template *t);

/* Takes a damaged template away, so that the next open makes a new one. */
void template_discard(struct template *t);

void template_close(struct template *t);

#endif
