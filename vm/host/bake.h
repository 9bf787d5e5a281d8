/* SPDX-License-Identifier: GPL-2.0 */
/* Making a template. */
#ifndef VM_BAKE_H
#define VM_BAKE_H

#include "guest.h"

/*
 * Boots a guest, warms it up, saves it, proves with two clones that what was
 * saved runs, and puts it at folder in one step.  Then removes other templates
 * of the same prefix, which nothing can ask for any more.  The caller holds
 * the lock.  0, or -1 with why.
 */
int bake(const char *folder, const char *prefix,
	 const struct machine_spec *base, char **why);

/*
 * Boots a guest without saving it; the time that it has to answer is given by
 * the caller.  0 with the guest running, or -1 with why.
 */
int boot_guest(struct guest *g, const struct machine_spec *base, int *ram,
	       int timeout_ms, char **why);

/*
 * Takes the baseline that audits compare with, and the addresses of what the
 * host reads or watches.  0, or -1 with why.
 */
int take_bearings(struct guest *g, const struct kernel *k, struct bearings *b,
		  char **why);

/* Milliseconds that a healthy guest may take to boot, KASAN included. */
#define BOOT_MS 180000

#endif
