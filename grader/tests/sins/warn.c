// SPDX-License-Identifier: GPL-2.0
/*
 * Fails an assertion of the kernel, which goes on.
 *
 * by: read
 * stock: sanitizer warn
 * debug: sanitizer warn
 */
#include "sin.h"

static void warn(void)
{
	WARN_ON(hidden(1));
}

static const struct sin sin = {
	.read = warn,
};
