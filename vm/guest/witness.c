// SPDX-License-Identifier: GPL-2.0
/*
 * witness.ko - remembers what modules do that nobody can see afterwards.
 *
 * /sys/kernel/debug/modules-seen has a line for every module that was loaded
 * since, oldest first and failed loads included: name, address and size of its
 * code, address and size of the code that only ran at load.
 *
 * /sys/kernel/debug/allocations-live has a line for all that such a module
 * allocated and nobody has freed: address of the call, bytes, and whether it is
 * a slab object or pages.  Read after the module was unloaded, that is what it
 * leaked.
 *
 * SLUB's own user tracking knows the same call sites, but to read it means to
 * walk all objects of the kernel, which takes longer than most tests.  Trace
 * points tell who called the slab allocator; who asked for pages only a probe
 * can tell, but any free of theirs passes a trace point.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/hash.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/tracepoint.h>

#include <trace/events/kmem.h>

#define MAX_SEEN 64
#define TABLE_BITS 13
#define TABLE_SIZE (1u << TABLE_BITS)
#define MAX_LIVE (TABLE_SIZE / 2) /* keeps the probe sequences short */

struct sighting {
	char name[MODULE_NAME_LEN];
	unsigned long text, text_size;
	unsigned long init, init_size;
};

struct allocation {
	const void *object; /* NULL: the place is free */
	unsigned long call_site;
	size_t bytes;
	const char *kind;
};

static DEFINE_RAW_SPINLOCK(lock); /* guards all below, in any context */
static struct sighting seen[MAX_SEEN];
static unsigned int count;
static struct allocation table[TABLE_SIZE];
static unsigned int live, missed;

static struct dentry *seen_file, *live_file;

static int witness_notify(struct notifier_block *block, unsigned long state,
			  void *data)
{
	const struct module *module = data;
	unsigned long flags;
	struct sighting *s;

	if (state != MODULE_STATE_COMING)
		return NOTIFY_DONE;
	raw_spin_lock_irqsave(&lock, flags);
	/* The latest are the ones that matter. */
	s = &seen[count++ % MAX_SEEN];
	strscpy(s->name, module->name, sizeof(s->name));
	s->text = (unsigned long)module->core_layout.base;
	s->text_size = module->core_layout.text_size;
	s->init = (unsigned long)module->init_layout.base;
	s->init_size = module->init_layout.text_size;
	raw_spin_unlock_irqrestore(&lock, flags);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = witness_notify,
};

static bool is_in_a_module(unsigned long address)
{
	unsigned int i;

	for (i = 0; i < min_t(unsigned int, count, MAX_SEEN); i++)
		if (address - seen[i].text < seen[i].text_size ||
		    address - seen[i].init < seen[i].init_size)
			return true;
	return false;
}

/* The place of an object, or the free one where it would go. */
static struct allocation *find(const void *object)
{
	unsigned int i = hash_ptr(object, TABLE_BITS);

	while (table[i].object && table[i].object != object)
		i = (i + 1) % TABLE_SIZE;
	return &table[i];
}

/*
 * Frees a place.  Those behind it move up if find() would miss them otherwise; to
 * mark it instead would fill the table where no address is ever used again, as
 * under KASAN.
 */
static void vacate(struct allocation *place)
{
	unsigned int hole = place - table, i = hole, home;

	for (;;) {
		i = (i + 1) % TABLE_SIZE;
		if (!table[i].object)
			break;
		home = hash_ptr(table[i].object, TABLE_BITS);
		if ((i - home) % TABLE_SIZE < (i - hole) % TABLE_SIZE)
			continue;
		table[hole] = table[i];
		hole = i;
	}
	table[hole].object = NULL;
}

static void remember(unsigned long call_site, const void *object, size_t bytes,
		     const char *kind)
{
	struct allocation *place;
	unsigned long flags;

	if (!object || call_site < MODULES_VADDR || call_site >= MODULES_END)
		return;
	raw_spin_lock_irqsave(&lock, flags);
	if (!is_in_a_module(call_site))
		goto out_unlock;
	place = find(object);
	if (!place->object && live == MAX_LIVE) {
		missed++;
		goto out_unlock;
	}
	if (!place->object)
		WRITE_ONCE(live, live + 1);
	*place = (struct allocation){ object, call_site, bytes, kind };
out_unlock:
	raw_spin_unlock_irqrestore(&lock, flags);
}

static void forget(const void *object)
{
	struct allocation *place;
	unsigned long flags;

	if (!READ_ONCE(live) || !object)
		return;
	raw_spin_lock_irqsave(&lock, flags);
	place = find(object);
	if (place->object) {
		vacate(place);
		WRITE_ONCE(live, live - 1);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
}

static void on_kmalloc(void *data, unsigned long call_site, const void *object,
		       size_t wanted, size_t bytes, gfp_t flags, int node)
{
	remember(call_site, object, wanted, "slab");
}

static void on_cache_alloc(void *data, unsigned long call_site,
			   const void *object, struct kmem_cache *cache,
			   gfp_t flags, int node)
{
	remember(call_site, object, kmem_cache_size(cache), "slab");
}

static void on_kfree(void *data, unsigned long call_site, const void *object)
{
	forget(object);
}

static void on_cache_free(void *data, unsigned long call_site,
			  const void *object, const struct kmem_cache *cache)
{
	forget(object);
}

/* A call of the page allocator that has not returned yet. */
struct request {
	unsigned long call_site;
	unsigned int order;
};

/* Nothing has run yet: the return address is on top of the stack. */
static int on_request(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct request *request = (struct request *)instance->data;

	request->call_site = *(unsigned long *)regs->sp;
	request->order = regs->si;
	return request->call_site < MODULES_VADDR ||
	       request->call_site >= MODULES_END;
}

static int on_page(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct request *request = (struct request *)instance->data;
	struct page *page = (struct page *)regs_return_value(regs);

	if (page)
		remember(request->call_site, page_address(page),
			 PAGE_SIZE << request->order, "pages");
	return 0;
}

static int on_address(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct request *request = (struct request *)instance->data;

	remember(request->call_site, (void *)regs_return_value(regs),
		 PAGE_SIZE << request->order, "pages");
	return 0;
}

static int on_zeroed_page(struct kretprobe_instance *instance,
			  struct pt_regs *regs)
{
	struct request *request = (struct request *)instance->data;

	request->order = 0; /* it takes no such argument */
	return on_address(instance, regs);
}

#define REQUEST(function, handle)                                        \
	{                                                                \
		.kp.symbol_name = function, .entry_handler = on_request, \
		.handler = handle, .data_size = sizeof(struct request),  \
		.maxactive = 16,                                         \
	}

static struct kretprobe requests[] = {
	REQUEST("alloc_pages", on_page),
	REQUEST("__alloc_pages", on_page),
	REQUEST("__get_free_pages", on_address),
	REQUEST("get_zeroed_page", on_zeroed_page),
};

static struct kretprobe *request_list[ARRAY_SIZE(requests)];

static void on_page_free(void *data, struct page *page, unsigned int order)
{
	if (READ_ONCE(live))
		forget(page_address(page));
}

/* It is not exported to modules, but it can be looked for. */
static struct tracepoint *page_free;

static void find_page_free(struct tracepoint *tp, void *unused)
{
	if (!strcmp(tp->name, "mm_page_free"))
		page_free = tp;
}

static int watch_pages(void)
{
	unsigned int i;
	int err;

	for_each_kernel_tracepoint(find_page_free, NULL);
	if (!page_free)
		return -ENOENT;
	err = tracepoint_probe_register(page_free, on_page_free, NULL);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(requests); i++)
		request_list[i] = &requests[i];
	err = register_kretprobes(request_list, ARRAY_SIZE(requests));
	if (err)
		tracepoint_probe_unregister(page_free, on_page_free, NULL);
	return err;
}

static void unwatch_pages(void)
{
	unregister_kretprobes(request_list, ARRAY_SIZE(requests));
	tracepoint_probe_unregister(page_free, on_page_free, NULL);
}

static int modules_seen_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	for (i = count > MAX_SEEN ? count - MAX_SEEN : 0; i < count; i++) {
		const struct sighting *s = &seen[i % MAX_SEEN];

		seq_printf(m, "%s %#lx %lu %#lx %lu\n", s->name, s->text,
			   s->text_size, s->init, s->init_size);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(modules_seen);

/* The reader sees to it that no module is at work any more. */
static int allocations_live_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	for (i = 0; live && i < TABLE_SIZE; i++)
		if (table[i].object)
			seq_printf(m, "%#lx %zu %s\n", table[i].call_site,
				   table[i].bytes, table[i].kind);
	if (missed)
		seq_printf(m, "missed %u\n", missed);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(allocations_live);

/*
 * Not __init: while probes are set, ftrace goes on to know functions whose memory
 * was given back, and what a module leaked from that address would bear our name.
 */
static int witness_init(void)
{
	int err = register_module_notifier(&notifier);

	if (err)
		return err;
	err = register_trace_kmalloc(on_kmalloc, NULL);
	if (err)
		goto out_notifier;
	err = register_trace_kmem_cache_alloc(on_cache_alloc, NULL);
	if (err)
		goto out_kmalloc;
	err = register_trace_kfree(on_kfree, NULL);
	if (err)
		goto out_cache_alloc;
	err = register_trace_kmem_cache_free(on_cache_free, NULL);
	if (err)
		goto out_kfree;
	err = watch_pages();
	if (err)
		goto out_cache_free;
	seen_file = debugfs_create_file("modules-seen", 0400, NULL, NULL,
					&modules_seen_fops);
	live_file = debugfs_create_file("allocations-live", 0400, NULL, NULL,
					&allocations_live_fops);
	return 0;

out_cache_free:
	unregister_trace_kmem_cache_free(on_cache_free, NULL);
out_kfree:
	unregister_trace_kfree(on_kfree, NULL);
out_cache_alloc:
	unregister_trace_kmem_cache_alloc(on_cache_alloc, NULL);
out_kmalloc:
	unregister_trace_kmalloc(on_kmalloc, NULL);
out_notifier:
	unregister_module_notifier(&notifier);
	return err;
}

static void __exit witness_exit(void)
{
	debugfs_remove(live_file);
	debugfs_remove(seen_file);
	unwatch_pages();
	unregister_trace_kmem_cache_free(on_cache_free, NULL);
	unregister_trace_kfree(on_kfree, NULL);
	unregister_trace_kmem_cache_alloc(on_cache_alloc, NULL);
	unregister_trace_kmalloc(on_kmalloc, NULL);
	tracepoint_synchronize_unregister();
	unregister_module_notifier(&notifier);
}

module_init(witness_init);
module_exit(witness_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION(
	"Remembers where modules were loaded and what they allocated");
