// SPDX-License-Identifier: GPL-2.0
/*
 * Uses the program's pointer without copy_from_user.
 *
 * by: read
 * stock: oops user-pointer
 * debug: oops user-pointer
 */
#include "sin.h"

static void follow_the_programs_pointer(void)
{
	READ_ONCE(*(char __force *)sin_user);
}

static const struct sin sin = {
	.read = follow_the_programs_pointer,
};
