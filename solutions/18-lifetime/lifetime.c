// SPDX-License-Identifier: GPL-2.0
// Staff-only: 558ebf6dfd72
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

#ifdef SOLUTION
/* Guards all that follows.  It may be a mutex: open, flush and release may sleep. */
static DEFINE_MUTEX(lifetime_lock);

static u64 lifetime_counts[LIFETIME_EVENTS];
#else
/* TODO 1: a count for each kind of event, and a lock for counts and log. */
#endif

#ifdef SOLUTION
struct lifetime_record {
	enum lifetime_event event;
	u64 file; /* its number */
	pid_t pid;
	const char *where;
};

/* Event number n is at n % LIFETIME_LOG. */
static struct lifetime_record lifetime_log[LIFETIME_LOG];
static u64 lifetime_next; /* number of the next event */
#else
/* TODO 2: room for the latest LIFETIME_LOG events, and the number of the next. */
#endif

#ifdef SOLUTION
/*
 * Where flush or release was called.  Both run in process context, always; the
 * question is in whose, and at which hour of its life.
 */
static const char *lifetime_where(void)
{
	/* No program that could have closed anything: fput() has put it off. */
	if (current->flags & PF_KTHREAD)
		return "deferred";
	/* Set before do_exit() gives back memory and descriptors. */
	return current->flags & PF_EXITING ? "exit" : "call";
}
#else
/*
 * TODO 5: a function for lifetime_note() that looks at current->flags and says
 * "call", "exit" or "deferred".  Until then, let it be "call".
 */
#endif

#ifdef SOLUTION
/* Counts and logs an event of @life; an open gives it its number. */
static void lifetime_note(struct lifetime_file *life, enum lifetime_event event)
{
	struct lifetime_record *record;

	mutex_lock(&lifetime_lock);
	lifetime_counts[event]++;
	if (event == LIFETIME_OPEN)
		life->number = lifetime_counts[LIFETIME_OPEN];
	record = &lifetime_log[lifetime_next % LIFETIME_LOG];
	record->event = event;
	record->file = life->number;
	record->pid = task_tgid_nr(current);
	record->where = lifetime_where();
	lifetime_next++;
	mutex_unlock(&lifetime_lock);
}
#else
/*
 * TODO 2: lifetime_note(life, event) counts an event of an open file and fills in
 * a record of the log, all of it with the lock; an open gives the file its number.
 */
#endif

static int lifetime_open(struct inode *inode, struct file *file)
{
#ifdef SOLUTION
	struct lifetime_file *life = kzalloc(sizeof(*life), GFP_KERNEL);

	if (!life)
		return -ENOMEM;
	life->page = (void *)get_zeroed_page(GFP_KERNEL);
	if (!life->page) {
		kfree(life);
		return -ENOMEM;
	}
	file->private_data = life;
	lifetime_note(life, LIFETIME_OPEN);
	return 0;
#else
	/*
	 * TODO 3: memory for a struct lifetime_file and for its page, which begins
	 * as zeros.  Leave it where flush and release will find it, and note the
	 * open: one that fails was none.
	 */
	return 0;
#endif
}

/* One descriptor is gone.  @owner is the table of descriptors that it was in. */
static int lifetime_flush(struct file *file, fl_owner_t owner)
{
#ifdef SOLUTION
	struct lifetime_file *life = file->private_data;

	lifetime_note(life, LIFETIME_FLUSH);
	/* Two flushes at a time: only one of them finds the 1. */
	return atomic_xchg(&life->failing, 0) ? -EIO : 0;
#else
	/* TODO 4: note it. */
	/* TODO 6: if the file is told to fail, this flush does, and only this one. */
	return 0;
#endif
}

/* Nobody has the file any more.  What is returned here, nobody will hear. */
static int lifetime_release(struct inode *inode, struct file *file)
{
#ifdef SOLUTION
	struct lifetime_file *life = file->private_data;

	lifetime_note(life, LIFETIME_RELEASE);
	free_page((unsigned long)life->page);
	kfree(life);
#else
	/* TODO 3: give back what open() took. */
	/* TODO 4: note it first. */
#endif
	return 0;
}

static ssize_t lifetime_write(struct file *file, const char __user *buf,
			      size_t count, loff_t *ppos)
{
#ifdef SOLUTION
	struct lifetime_file *life = file->private_data;
	const size_t length = strlen(LIFETIME_FAIL);
	char text[sizeof(LIFETIME_FAIL)]; /* with its newline */

	if (!count)
		return 0;
	if (count > sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	if (count < length || memcmp(text, LIFETIME_FAIL, length))
		return -EINVAL;
	if (count > length && text[length] != '\n')
		return -EINVAL;
	atomic_set(&life->failing, 1);
	return count;
#else
	/* TODO 6: "fail", with or without a new line, and nothing else. */
	return -EINVAL;
#endif
}

static int lifetime_mmap(struct file *file, struct vm_area_struct *vma)
{
#ifdef SOLUTION
	struct lifetime_file *life = file->private_data;

	if (vma->vm_pgoff || vma_pages(vma) != 1)
		return -EINVAL;
	/*
	 * The mapping may outlive every descriptor, but not the page: vma->vm_file
	 * counts as a user of the file, so release waits for the last mapping.
	 */
	vma->vm_flags |= VM_DONTEXPAND;
	return vm_insert_page(vma, vma->vm_start, virt_to_page(life->page));
#else
	/* TODO 7: the file's page, if one page is what they want. */
	return -ENODEV;
#endif
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

#ifdef SOLUTION
/* A line for each event that the log still has, oldest first. */
static void lifetime_show_log(struct seq_file *seq)
{
	static const char *const names[] = {
		[LIFETIME_OPEN] = "open",
		[LIFETIME_FLUSH] = "flush",
		[LIFETIME_RELEASE] = "release",
	};
	const struct lifetime_record *record;
	u64 n = 0;

	if (lifetime_next > LIFETIME_LOG)
		n = lifetime_next - LIFETIME_LOG;
	for (; n < lifetime_next; n++) {
		record = &lifetime_log[n % LIFETIME_LOG];
		seq_printf(seq, "%llu %s %llu %d %s\n", n, names[record->event],
			   record->file, record->pid, record->where);
	}
}
#else
/* TODO 2: a line for each event that the log still has, for lifetime_show(). */
#endif

#ifdef SOLUTION
/* The whole of /proc/lifetime: counts and log of one and the same moment. */
static int lifetime_show(struct seq_file *seq, void *unused)
{
	mutex_lock(&lifetime_lock);
	seq_printf(seq, "opens %llu flushes %llu releases %llu alive %llu\n",
		   lifetime_counts[LIFETIME_OPEN],
		   lifetime_counts[LIFETIME_FLUSH],
		   lifetime_counts[LIFETIME_RELEASE],
		   lifetime_counts[LIFETIME_OPEN] -
			   lifetime_counts[LIFETIME_RELEASE]);
	lifetime_show_log(seq);
	mutex_unlock(&lifetime_lock);
	return 0;
}
#else
/* TODO 1: lifetime_show(seq, unused) prints /proc/lifetime, all in one go. */
#endif

static int __init lifetime_init(void)
{
	int err;

#ifdef SOLUTION
	if (!proc_create_single("lifetime", 0444, NULL, lifetime_show))
		return -ENOMEM;
#else
	/* TODO 1: make /proc/lifetime, of mode 0444. */
#endif
	err = misc_register(&lifetime_device);
	if (err) {
		pr_err("cannot register the device: error %d\n", err);
#ifdef SOLUTION
		remove_proc_entry("lifetime", NULL);
#else
		/* TODO 1: what is there already, and who else would remove it? */
#endif
	}
	return err;
}

static void __exit lifetime_exit(void)
{
	misc_deregister(&lifetime_device);
#ifdef SOLUTION
	remove_proc_entry("lifetime", NULL);
#else
	/* TODO 1: the file in /proc goes, too. */
#endif
}

module_init(lifetime_init);
module_exit(lifetime_exit);

MODULE_DESCRIPTION("The life of an open file");
MODULE_LICENSE("GPL");
