// SPDX-License-Identifier: GPL-2.0
/*
 * lifetime - watch an open file live and die
 *
 * /dev/lifetime can be opened, mapped and closed; /proc/lifetime shows how often
 * its open, flush and release were called, by whom and from where.  Writing
 * "fail" to an open file makes its next flush fail, and so the close() of it.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define LIFETIME_LOG 64 /* events that the log keeps, the latest ones */
#define LIFETIME_FAIL "fail" /* what a program writes */

enum lifetime_event {
	LIFETIME_OPEN,
	LIFETIME_FLUSH,
	LIFETIME_RELEASE,
	LIFETIME_EVENTS
};

/* An open file: what all descriptors and mappings that came of one open share. */
struct lifetime_file {
	u64 number; /* counts the opens, from 1 */
	atomic_t failing; /* 1: the next flush is to fail */
	void *page; /* what mappings show */
};

/* TODO 1: a count for each kind of event, and a lock for counts and log. */

/* TODO 2: room for the latest LIFETIME_LOG events, and the number of the next. */

/*
 * TODO 5: a function for lifetime_note() that looks at current->flags and says
 * "call", "exit" or "deferred".  Until then, let it be "call".
 */

/*
 * TODO 2: lifetime_note(life, event) counts an event of an open file and fills in
 * a record of the log, all of it with the lock; an open gives the file its number.
 */

static int lifetime_open(struct inode *inode, struct file *file)
{
	/*
	 * TODO 3: memory for a struct lifetime_file and for its page, which begins
	 * as zeros.  Leave it where flush and release will find it, and note the
	 * open: one that fails was none.
	 */
	return 0;
}

/* One descriptor is gone.  @owner is the table of descriptors that it was in. */
static int lifetime_flush(struct file *file, fl_owner_t owner)
{
	/* TODO 4: note it. */
	/* TODO 6: if the file is told to fail, this flush does, and only this one. */
	return 0;
}

/* Nobody has the file any more.  What is returned here, nobody will hear. */
static int lifetime_release(struct inode *inode, struct file *file)
{
	/* TODO 3: give back what open() took. */
	/* TODO 4: note it first. */
	return 0;
}

static ssize_t lifetime_write(struct file *file, const char __user *buf,
			      size_t count, loff_t *ppos)
{
	/* TODO 6: "fail", with or without a new line, and nothing else. */
	return -EINVAL;
}

static int lifetime_mmap(struct file *file, struct vm_area_struct *vma)
{
	/* TODO 7: the file's page, if one page is what they want. */
	return -ENODEV;
}

static const struct file_operations lifetime_fops = {
	.owner = THIS_MODULE,
	.open = lifetime_open,
	.flush = lifetime_flush,
	.release = lifetime_release,
	.write = lifetime_write,
	.mmap = lifetime_mmap,
	.llseek = no_llseek,
};

static struct miscdevice lifetime_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lifetime",
	.fops = &lifetime_fops,
	.mode = 0600,
};

/* TODO 2: a line for each event that the log still has, for lifetime_show(). */

/* TODO 1: lifetime_show(seq, unused) prints /proc/lifetime, all in one go. */

static int __init lifetime_init(void)
{
	int err;

	/* TODO 1: make /proc/lifetime, of mode 0444. */
	err = misc_register(&lifetime_device);
	if (err) {
		pr_err("cannot register the device: error %d\n", err);
		/* TODO 1: what is there already, and who else would remove it? */
	}
	return err;
}

static void __exit lifetime_exit(void)
{
	misc_deregister(&lifetime_device);
	/* TODO 1: the file in /proc goes, too. */
}

module_init(lifetime_init);
module_exit(lifetime_exit);

MODULE_DESCRIPTION("The life of an open file");
MODULE_LICENSE("GPL");
