// SPDX-License-Identifier: GPL-2.0
/*
 * witness.ko - remembers where modules were loaded, when they are gone.
 *
 * /sys/kernel/debug/modules-seen has a line for every module that was loaded
 * since, oldest first and failed loads included: name, address and size of its code, address
 * and size of the code that only ran at load.  An audit that finds an object
 * whose caller has no name any more looks the caller up there.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/seq_file.h>

#define MAX_SEEN 64

struct sighting {
	char name[MODULE_NAME_LEN];
	unsigned long text, text_size;
	unsigned long init, init_size;
};

static DEFINE_MUTEX(lock); /* guards all below */
static struct sighting seen[MAX_SEEN];
static unsigned int count;

static struct dentry *file;

static int witness_notify(struct notifier_block *block, unsigned long state,
			  void *data)
{
	const struct module *module = data;
	struct sighting *s;

	if (state != MODULE_STATE_COMING)
		return NOTIFY_DONE;
	mutex_lock(&lock);
	/* The latest are the ones that matter. */
	s = &seen[count++ % MAX_SEEN];
	strscpy(s->name, module->name, sizeof(s->name));
	s->text = (unsigned long)module->core_layout.base;
	s->text_size = module->core_layout.text_size;
	s->init = (unsigned long)module->init_layout.base;
	s->init_size = module->init_layout.text_size;
	mutex_unlock(&lock);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = witness_notify,
};

static int modules_seen_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	mutex_lock(&lock);
	for (i = count > MAX_SEEN ? count - MAX_SEEN : 0; i < count; i++) {
		const struct sighting *s = &seen[i % MAX_SEEN];

		seq_printf(m, "%s %#lx %lu %#lx %lu\n", s->name, s->text,
			   s->text_size, s->init, s->init_size);
	}
	mutex_unlock(&lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(modules_seen);

static int __init witness_init(void)
{
	int err = register_module_notifier(&notifier);

	if (err)
		return err;
	file = debugfs_create_file("modules-seen", 0400, NULL, NULL,
				   &modules_seen_fops);
	return 0;
}

static void __exit witness_exit(void)
{
	debugfs_remove(file);
	unregister_module_notifier(&notifier);
}

module_init(witness_init);
module_exit(witness_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Remembers where modules were loaded");
