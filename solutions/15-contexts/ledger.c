// SPDX-License-Identifier: GPL-2.0
// Staff-only: 15717622e013
/*
 * ledger - one ring of records that processes, softirqs and hardirqs fill
 *
 * Writing to /dev/ledger adds a record; so do a timer and a high-resolution
 * timer, which the files timer_ms and hrtimer_us in /sys/class/misc/ledger
 * start and stop.  Reading takes records out, a line each; the file counts says
 * what became of all of them.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/timer.h>
#include <linux/uaccess.h>

#define LEDGER_RECORDS 1024 /* that the ring has room for */
#define LEDGER_MEMO_MAX 15 /* characters of a memo */
#define LEDGER_LINE 80 /* bytes, more than the longest line has */
#define LEDGER_TIMER_MAX 1000 /* ms */
#define LEDGER_HRTIMER_MIN 200 /* us */
#define LEDGER_HRTIMER_MAX 1000000

struct ledger_record {
	u64 number; /* of all that were ever produced, from 0 */
	u64 when; /* jiffies */
	const char *context;
	char memo[LEDGER_MEMO_MAX + 1];
};

#ifdef SOLUTION
/*
 * Guards the ring.  The hrtimer wants it in the middle of anything, so it is
 * only held with interrupts off, and nobody sleeps with it.
 */
static DEFINE_SPINLOCK(ledger_lock);
#else
/* TODO 2: a lock for what follows, of a kind that every context can take. */
#endif

/* The ring: record number n of those that found room is at n % LEDGER_RECORDS. */
static struct ledger_record ledger_ring[LEDGER_RECORDS];
static u64 ledger_head; /* records that were put in */
static u64 ledger_tail; /* records that were taken out */
static u64 ledger_dropped; /* records that found no room */

#ifdef SOLUTION
/*
 * Held by the one reader that is at work, user memory included.  While it is,
 * the oldest record stays where it is.
 */
static DEFINE_MUTEX(ledger_reader);
#else
/* TODO 3: a lock for readers, of a kind that may be held while one sleeps. */
#endif

static struct timer_list ledger_timer;
static struct hrtimer ledger_hrtimer;
static unsigned int ledger_timer_ms; /* 0: stopped */
static unsigned int ledger_hrtimer_us;

/* Held by who starts or stops a timer, so that its period fits its state. */
static DEFINE_MUTEX(ledger_control);

static const char *ledger_context(void)
{
	if (in_hardirq())
		return "hardirq";
	return in_serving_softirq() ? "softirq" : "process";
}

/*
 * ledger_add() - puts a record into the ring, from whatever context
 *
 * Returns 0; -ENOSPC when there is no room, and then it is counted as dropped.
 */
static int ledger_add(const char *memo)
{
	const char *context = ledger_context();
	struct ledger_record *record;
	int err = 0;
#ifdef SOLUTION
	unsigned long flags;

	spin_lock_irqsave(&ledger_lock, flags);
#else
	/* TODO 2: nobody else may see the ring from here on ... */
#endif
	if (ledger_head - ledger_tail == LEDGER_RECORDS) {
		ledger_dropped++;
		err = -ENOSPC;
	} else {
		record = &ledger_ring[ledger_head % LEDGER_RECORDS];
		record->number = ledger_head + ledger_dropped;
		record->when = get_jiffies_64();
		record->context = context;
		strscpy(record->memo, memo, sizeof(record->memo));
		ledger_head++;
	}
#ifdef SOLUTION
	spin_unlock_irqrestore(&ledger_lock, flags);
#else
	/* TODO 2: ... to here. */
#endif
	return err;
}

/* Makes a memo of @length bytes of text: without its newline, or -EINVAL. */
static int ledger_check(char *memo, size_t length)
{
	size_t i;

	if (memo[length - 1] == '\n')
		length--;
	if (!length || length > LEDGER_MEMO_MAX)
		return -EINVAL;
	for (i = 0; i < length; i++)
		if (!isascii(memo[i]) || !isgraph(memo[i]))
			return -EINVAL;
	memo[length] = '\0';
	return 0;
}

static ssize_t ledger_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *ppos)
{
	char memo[LEDGER_MEMO_MAX + 1] = "";
	int err;

	if (!count)
		return 0;
	if (count > sizeof(memo))
		return -EINVAL;
#ifdef SOLUTION
	if (copy_from_user(memo, buf, count))
		return -EFAULT;
#else
	/*
	 * TODO 1: copy count bytes into memo.  This may sleep until the page is
	 * there, so it is done before the ring is touched.
	 */
	return -EFAULT;
#endif
	err = ledger_check(memo, count);
	if (!err)
		err = ledger_add(memo);
	return err ? err : count;
}

#ifdef SOLUTION
/* Copies the oldest record into @record; false when the ring is empty. */
static bool ledger_peek(struct ledger_record *record)
{
	unsigned long flags;
	bool found;

	spin_lock_irqsave(&ledger_lock, flags);
	found = ledger_head != ledger_tail;
	if (found)
		*record = ledger_ring[ledger_tail % LEDGER_RECORDS];
	spin_unlock_irqrestore(&ledger_lock, flags);
	return found;
}

/* Takes the oldest record, which is there, out of the ring. */
static void ledger_take(void)
{
	unsigned long flags;

	spin_lock_irqsave(&ledger_lock, flags);
	ledger_tail++;
	spin_unlock_irqrestore(&ledger_lock, flags);
}
#else
/*
 * TODO 3: two functions for ledger_read(): one copies the oldest record, the
 * other takes it out.  What lies between them may sleep, but not they.
 */
#endif

#ifdef SOLUTION
/*
 * Gives lines to a reader that holds ledger_reader.  A record is taken out only
 * when its line has arrived.
 */
static ssize_t ledger_drain(char __user *buf, size_t count)
{
	struct ledger_record record;
	char line[LEDGER_LINE];
	ssize_t done = 0;
	size_t len;

	while (ledger_peek(&record)) {
		len = scnprintf(line, sizeof(line), "%llu %llu %s %s\n",
				record.number, record.when, record.context,
				record.memo);
		if (len > count - done)
			return done ? done : -EINVAL;
		if (copy_to_user(buf + done, line, len))
			return done ? done : -EFAULT;
		ledger_take();
		done += len;
	}
	return done;
}
#else
/* TODO 3: a line for each record, as many whole ones as fit. */
#endif

static ssize_t ledger_read(struct file *file, char __user *buf, size_t count,
			   loff_t *ppos)
{
#ifdef SOLUTION
	ssize_t done;

	if (!count)
		return 0;
	if (mutex_lock_interruptible(&ledger_reader))
		return -ERESTARTSYS;
	done = ledger_drain(buf, count);
	mutex_unlock(&ledger_reader);
	return done;
#else
	/* TODO 3: one reader at a time; a line of LEDGER_LINE bytes is enough. */
	return 0;
#endif
}

static const struct file_operations ledger_fops = {
	.owner = THIS_MODULE,
	.read = ledger_read,
	.write = ledger_write,
};

static ssize_t counts_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
#ifdef SOLUTION
	u64 head, tail, dropped;
	unsigned long flags;

	/* All three at one moment: their sum is right at any. */
	spin_lock_irqsave(&ledger_lock, flags);
	head = ledger_head;
	tail = ledger_tail;
	dropped = ledger_dropped;
	spin_unlock_irqrestore(&ledger_lock, flags);
	return sysfs_emit(buf,
			  "produced %llu read %llu waiting %llu dropped %llu\n",
			  head + dropped, tail, head - tail, dropped);
#else
	/* TODO 4: the numbers of one and the same moment, as one line. */
	return sysfs_emit(buf, "\n");
#endif
}
static DEVICE_ATTR_RO(counts);

/* In softirq context. */
static void ledger_tick(struct timer_list *timer)
{
#ifdef SOLUTION
	/* Who changes the period stops the timer first: it needs no lock. */
	ledger_add("timer");
	mod_timer(timer, jiffies + msecs_to_jiffies(ledger_timer_ms));
#else
	/* TODO 5: add a record, and see to it that there is a next time. */
#endif
}

/* In hardirq context. */
static enum hrtimer_restart ledger_strike(struct hrtimer *hrtimer)
{
#ifdef SOLUTION
	ledger_add("hrtimer");
	hrtimer_forward_now(hrtimer, ns_to_ktime(ledger_hrtimer_us * 1000ULL));
	return HRTIMER_RESTART;
#else
	/* TODO 6: add a record, and see to it that there is a next time. */
	return HRTIMER_NORESTART;
#endif
}

/* A period: 0, or @low to @high.  Returns 0 or -EINVAL. */
static int ledger_parse(const char *text, unsigned int low, unsigned int high,
			unsigned int *period)
{
	unsigned int number;

	if (kstrtouint(text, 10, &number) || number > high)
		return -EINVAL;
	if (number && number < low)
		return -EINVAL;
	*period = number;
	return 0;
}

static ssize_t timer_ms_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	unsigned int ms;

	mutex_lock(&ledger_control);
	ms = ledger_timer_ms;
	mutex_unlock(&ledger_control);
	return sysfs_emit(buf, "%u\n", ms);
}

static ssize_t timer_ms_store(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t count)
{
	unsigned int ms;
	int err;

	err = ledger_parse(buf, 1, LEDGER_TIMER_MAX, &ms);
	if (err)
		return err;
	mutex_lock(&ledger_control);
#ifdef SOLUTION
	/* It may be running on another CPU at this moment: wait for its end. */
	del_timer_sync(&ledger_timer);
	ledger_timer_ms = ms;
	if (ms)
		mod_timer(&ledger_timer, jiffies + msecs_to_jiffies(ms));
#else
	/* TODO 5: stop the timer, for sure; set the period; start it again. */
#endif
	mutex_unlock(&ledger_control);
	return count;
}
static DEVICE_ATTR_RW(timer_ms);

static ssize_t hrtimer_us_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	unsigned int us;

	mutex_lock(&ledger_control);
	us = ledger_hrtimer_us;
	mutex_unlock(&ledger_control);
	return sysfs_emit(buf, "%u\n", us);
}

static ssize_t hrtimer_us_store(struct device *dev,
				struct device_attribute *attr, const char *buf,
				size_t count)
{
	unsigned int us;
	int err;

	err = ledger_parse(buf, LEDGER_HRTIMER_MIN, LEDGER_HRTIMER_MAX, &us);
	if (err)
		return err;
	mutex_lock(&ledger_control);
#ifdef SOLUTION
	hrtimer_cancel(&ledger_hrtimer);
	ledger_hrtimer_us = us;
	if (us)
		hrtimer_start(&ledger_hrtimer, ns_to_ktime(us * 1000ULL),
			      HRTIMER_MODE_REL_HARD);
#else
	/* TODO 6: stop it, for sure; set the period; start it again. */
#endif
	mutex_unlock(&ledger_control);
	return count;
}
static DEVICE_ATTR_RW(hrtimer_us);

static struct attribute *ledger_attrs[] = {
	&dev_attr_counts.attr, /* 0444 */
	&dev_attr_timer_ms.attr, /* 0644 */
	&dev_attr_hrtimer_us.attr,
	NULL,
};
ATTRIBUTE_GROUPS(ledger);

static struct miscdevice ledger_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ledger",
	.fops = &ledger_fops,
	.mode = 0600,
	.groups = ledger_groups,
};

static int __init ledger_init(void)
{
	int err;

	/* Its files can be used as soon as the device is there. */
	timer_setup(&ledger_timer, ledger_tick, 0);
	hrtimer_init(&ledger_hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	ledger_hrtimer.function = ledger_strike;

	err = misc_register(&ledger_device);
	if (err)
		pr_err("cannot register the device: error %d\n", err);
	return err;
}

static void __exit ledger_exit(void)
{
#ifdef SOLUTION
	/* In this order: nobody can start a timer that was just stopped. */
	misc_deregister(&ledger_device);
	del_timer_sync(&ledger_timer);
	hrtimer_cancel(&ledger_hrtimer);
#else
	/* TODO 7: no timer may fire, or still be running, when the code goes. */
	misc_deregister(&ledger_device);
#endif
}

module_init(ledger_init);
module_exit(ledger_exit);

MODULE_DESCRIPTION("A ring of records shared by three contexts");
MODULE_LICENSE("GPL");
