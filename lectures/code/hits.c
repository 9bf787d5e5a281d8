// SPDX-License-Identifier: GPL-2.0
/*
 * hits - three ways to lay out two counters, and on which cache lines they lie
 *
 * Counts nothing: it logs where the counters are, and goes.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cache.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/percpu.h>

/* Two CPUs that count here take the line from each other. */
struct packed_hits {
	u64 reads;
	u64 writes;
} ____cacheline_aligned;

/* A line for each, and 112 bytes that hold nothing. */
struct padded_hits {
	u64 reads ____cacheline_aligned;
	u64 writes ____cacheline_aligned;
};

/* One for each CPU; no other one touches it, so the line stays. */
static DEFINE_PER_CPU(u64, own_hits);

static struct packed_hits packed;
static struct padded_hits padded;

static unsigned long line_of(const void *address)
{
	return (unsigned long)address / L1_CACHE_BYTES;
}

static void __init show(const char *name, size_t size, const void *first,
			const void *second)
{
	pr_info("%-8s %3zu bytes, the second %ld lines behind the first\n",
		name, size, line_of(second) - line_of(first));
}

static int __init hits_init(void)
{
	int cpu;

	pr_info("a line has %d bytes\n", L1_CACHE_BYTES);
	show("packed", sizeof(packed), &packed.reads, &packed.writes);
	show("padded", sizeof(padded), &padded.reads, &padded.writes);
	for_each_possible_cpu(cpu)
		pr_info("per-CPU  line %ld for CPU %d\n",
			line_of(per_cpu_ptr(&own_hits, cpu)) -
				line_of(per_cpu_ptr(&own_hits, 0)),
			cpu);
	return 0;
}

static void __exit hits_exit(void)
{
}

module_init(hits_init);
module_exit(hits_exit);

MODULE_DESCRIPTION("Three ways to lay out two counters");
MODULE_LICENSE("GPL");
