// SPDX-License-Identifier: GPL-2.0
/*
 * Takes two locks in one order, and then in the other.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer lockdep-order
 */
#include "sin.h"

static DEFINE_MUTEX(recorder);
static DEFINE_MUTEX(settings);

static noinline void record_then_settings(void)
{
	mutex_lock(&recorder);
	mutex_lock(&settings);
	mutex_unlock(&settings);
	mutex_unlock(&recorder);
}

static noinline void settings_then_record(void)
{
	mutex_lock(&settings);
	mutex_lock(&recorder);
	mutex_unlock(&recorder);
	mutex_unlock(&settings);
}

static void both_ways(void)
{
	record_then_settings();
	settings_then_record();
}

static const struct sin sin = {
	.read = both_ways,
};
