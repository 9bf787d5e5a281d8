/* SPDX-License-Identifier: GPL-2.0 */
/* KVM where a guest really boots under it, TCG everywhere else. */
#ifndef VM_ACCEL_H
#define VM_ACCEL_H

#include "machine.h"

/*
 * "kvm" or "tcg", with the reason as new text.  /dev/kvm can exist, open and
 * create machines that never boot, so a guest must answer under it within
 * seconds; the result is kept until the host boots again.
 */
const char *accel_choose(const struct settings *s, const struct kernel *k,
			 char **reason);

#endif
