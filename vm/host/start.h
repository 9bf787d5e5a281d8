/* SPDX-License-Identifier: GPL-2.0 */
/* vm start: from nothing to a VM that answers, guarded by a supervisor. */
#ifndef VM_START_H
#define VM_START_H

#include "settings.h"

/*
 * Returns 0 once the guest answers, in the process that called; otherwise the
 * reason is on standard error and the exit status is returned.
 */
int start(const struct settings *s);

#endif
