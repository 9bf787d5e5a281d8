// SPDX-License-Identifier: GPL-2.0
/* Nothing is wrong with this one. */
#include "device.h"

static void at_load(void)
{
}

static void at_open(void)
{
}

static void at_unload(void)
{
}
