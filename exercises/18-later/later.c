// SPDX-License-Identifier: GPL-2.0
/*
 * later - six ways to be called back, and what each one looks like from inside
 *
 * Writing "MECHANISM [DELAY_MS] [xTIMES]" to /dev/later asks for calls by a
 * mechanism of the kernel.  Each call adds a line to a log: the mechanism, the
 * context, on top of whom it ran, and how many jiffies late it was.  Reading
 * takes lines out, and poll() tells when there is one.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/task_work.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define LATER_ROOM 256 /* lines that the log has room for */
#define LATER_TEXT_MAX 31 /* bytes of a request */
#define LATER_DELAY_MAX 60000 /* ms */
#define LATER_LINE 64 /* bytes, more than the longest line has */

struct later_request;

/* A mechanism: how it is called in a request, and what it is made of. */
struct later_kind {
	const char *name;
	bool delays; /* it can wait for DELAY_MS */

	/* Asks for the first call; the request may be over when this returns. */
	int (*start)(struct later_request *request);

	/*
	 * When this returns, no call is going on and none will come.  May sleep.
	 * NULL: calls of this kind cannot be cancelled, so the last of them
	 * frees the request.
	 */
	void (*cancel)(struct later_request *request);
};

/* What was written, until its last call is over. */
struct later_request {
	struct list_head list; /* in later_requests */
	const struct later_kind *kind;
	unsigned int delay; /* ms, before each call */
	unsigned int times; /* calls that were asked for */
	unsigned int made; /* calls that there have been */
	unsigned long asked; /* jiffies at the write */
	unsigned long due; /* jiffies at which the next call should come */
	struct file *file; /* for a task_work: through which it was asked for */
	union {
		struct callback_head task_work;
		struct work_struct work;
		struct delayed_work delayed_work;
		struct timer_list timer;
		struct hrtimer hrtimer;
		struct irq_work irq_work;
	};
};

struct later_line {
	const char *mechanism;
	const char *context;
	char comm[TASK_COMM_LEN]; /* of the task that ran, or was interrupted */
	long late; /* jiffies */
};

/*
 * Guards all that follows, and what changes in a request.  An interrupt wants
 * it in the middle of anything, so it is held with interrupts off.
 */
static DEFINE_SPINLOCK(later_lock);

/* Requests that can be cancelled, some of them over and not yet freed. */
static LIST_HEAD(later_requests);

/* The log: line n is at n % LATER_ROOM. */
static struct later_line later_log[LATER_ROOM];
static u64 later_head; /* lines that were put in */
static u64 later_tail; /* lines that were taken out */
static unsigned int later_pending; /* calls to come; each has its place */

/* Held by the one reader that is at work, so that the oldest line stays. */
static DEFINE_MUTEX(later_reader);

/* TODO 7: a queue for those who wait in poll(). */

static unsigned int later_room(void)
{
	return LATER_ROOM - (later_head - later_tail) - later_pending;
}

static const char *later_context(void)
{
	/* TODO 2: "hardirq", "softirq" or "task". */
	return "somewhere";
}

/* Sets when the next call is due: call n comes n delays after the write. */
static void later_set_due(struct later_request *request)
{
	unsigned int ms = request->delay * (request->made + 1);

	request->due = request->asked + msecs_to_jiffies(ms);
}

/*
 * later_called() - notes a call, from whatever context
 *
 * Returns true when the request wants another one, due at request->due.
 */
static bool later_called(struct later_request *request)
{
	struct later_line line = {
		.mechanism = request->kind->name,
		.context = later_context(),
		.late = jiffies - request->due,
	};
	/*
	 * TODO 2: the name of the current task, too.  Then, under later_lock,
	 * which interrupts want as well: put the line in and move on; one call
	 * less is pending, one more was made; is there another, and when?
	 */
	later_log[later_head % LATER_ROOM] = line;
	/* TODO 7: wake up who waits for a line. */
	return false;
}

/*
 * later_enlist() - finds room for the lines of a request
 *
 * Calls have nobody to tell that the log is full, so their places are taken
 * when they are asked for.  Returns 0 or -ENOSPC.
 */
static int later_enlist(struct later_request *request)
{
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&later_lock, flags);
	if (later_room() < request->times) {
		err = -ENOSPC;
	} else {
		later_pending += request->times;
		if (request->kind->cancel)
			list_add_tail(&request->list, &later_requests);
	}
	spin_unlock_irqrestore(&later_lock, flags);
	return err;
}

/* Gives back the places of calls that will not come. */
static void later_give_back(struct later_request *request)
{
	unsigned long flags;

	spin_lock_irqsave(&later_lock, flags);
	later_pending -= request->times - request->made;
	list_del(&request->list);
	spin_unlock_irqrestore(&later_lock, flags);
}

/*
 * task_work: before the task goes back to user space.
 */

static void later_task_work_called(struct callback_head *task_work)
{
	struct later_request *request =
		container_of(task_work, struct later_request, task_work);

	/* TODO 3: note the call; ask for another, or let go of the file. */
	later_called(request);
	kfree(request);
}

static int later_task_work_start(struct later_request *request)
{
	/*
	 * TODO 3: add the task_work to current, and let it be called on the way
	 * back to user space.  The module must stay until then.
	 */
	init_task_work(&request->task_work, later_task_work_called);
	return -EOPNOTSUPP;
}

/*
 * work: in a thread of the kernel, as soon as one is free.
 */

static void later_work_called(struct work_struct *work)
{
	/* TODO 4: note the call, and ask for another. */
}

static int later_work_start(struct later_request *request)
{
	/* TODO 4: give it to the system's workqueue. */
	INIT_WORK(&request->work, later_work_called);
	return -EOPNOTSUPP;
}

static void later_work_cancel(struct later_request *request)
{
	/* TODO 8: no call is going on, and none will come. */
}

/*
 * irq_work: in an interrupt that the processor sends to itself.
 */

static void later_irq_work_called(struct irq_work *irq_work)
{
	/* TODO 4: note the call, and ask for another. */
}

static int later_irq_work_start(struct later_request *request)
{
	/* TODO 4: queue it. */
	init_irq_work(&request->irq_work, later_irq_work_called);
	return -EOPNOTSUPP;
}

static void later_irq_work_cancel(struct later_request *request)
{
	/* TODO 8: no call is going on, and none will come. */
}

/*
 * timer: in a softirq, at a tick.
 */

static void later_timer_called(struct timer_list *timer)
{
	/* TODO 5: note the call, and ask for another. */
}

static int later_timer_start(struct later_request *request)
{
	/* TODO 5: let it fire when the first call is due. */
	timer_setup(&request->timer, later_timer_called, 0);
	return -EOPNOTSUPP;
}

static void later_timer_cancel(struct later_request *request)
{
	/* TODO 8: no call is going on, and none will come. */
}

/*
 * delayed_work: a timer that gives a work to a workqueue.
 */

/* TODO 5: a delayed_work counts from now on, a timer knows when it is due. */

static void later_delayed_work_called(struct work_struct *work)
{
	/* TODO 5: note the call, and ask for another. */
}

static int later_delayed_work_start(struct later_request *request)
{
	/* TODO 5: let it be queued when the first call is due. */
	INIT_DELAYED_WORK(&request->delayed_work, later_delayed_work_called);
	return -EOPNOTSUPP;
}

static void later_delayed_work_cancel(struct later_request *request)
{
	/* TODO 8: no call is going on, and none will come. */
}

/*
 * hrtimer: in the timer's interrupt itself, to the nanosecond.
 */

static enum hrtimer_restart later_hrtimer_called(struct hrtimer *hrtimer)
{
	/* TODO 6: note the call, and ask for another. */
	return HRTIMER_NORESTART;
}

static int later_hrtimer_start(struct later_request *request)
{
	hrtimer_init(&request->hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	request->hrtimer.function = later_hrtimer_called;
	/* TODO 6: let it fire in hardirq context, after the delay. */
	return -EOPNOTSUPP;
}

static void later_hrtimer_cancel(struct later_request *request)
{
	/* TODO 8: no call is going on, and none will come. */
}

static const struct later_kind later_kinds[] = {
	{ "task_work", false, later_task_work_start, NULL },
	{ "work", false, later_work_start, later_work_cancel },
	{ "delayed_work", true, later_delayed_work_start,
	  later_delayed_work_cancel },
	{ "timer", true, later_timer_start, later_timer_cancel },
	{ "hrtimer", true, later_hrtimer_start, later_hrtimer_cancel },
	{ "irq_work", false, later_irq_work_start, later_irq_work_cancel },
};

static const struct later_kind *later_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(later_kinds); i++)
		if (!strcmp(name, later_kinds[i].name))
			return &later_kinds[i];
	return NULL;
}

/* Makes a request of "MECHANISM [DELAY_MS] [xTIMES]".  Returns 0 or -EINVAL. */
static int later_parse(char *text, struct later_request *request)
{
	char *word;

	text = strim(text);
	request->kind = later_find(strsep(&text, " "));
	if (!request->kind)
		return -EINVAL;
	request->times = 1;

	word = strsep(&text, " ");
	if (word && *word != 'x') {
		/* TODO 1: a number, in range, where a delay is possible at all. */
		request->delay = 0;
		word = strsep(&text, " ");
	}
	if (word) {
		/* TODO 1: an x and a number, 1 to LATER_ROOM. */
		request->times = 1;
	}
	if (request->kind->delays && request->times > 1 && !request->delay)
		return -EINVAL;
	return text ? -EINVAL : 0;
}

/* Frees requests that nobody else can reach any more. */
static void later_free(struct list_head *requests)
{
	struct later_request *request, *next;

	list_for_each_entry_safe(request, next, requests, list) {
		request->kind->cancel(request);
		kfree(request);
	}
}

/*
 * Frees the requests whose last call was made.  It may still be going on, on
 * another CPU or, for an irq_work, in the function that made the call; so they
 * do not free themselves.
 */
static void later_reap(void)
{
	LIST_HEAD(over);
	/* TODO 8: under later_lock, move the requests that are over to this list. */
	/* Without the lock: this waits for calls that want it. */
	later_free(&over);
}

static int later_ask(struct later_request *request)
{
	int err;

	err = later_enlist(request);
	if (err)
		return err;
	err = request->kind->start(request);
	if (err)
		later_give_back(request);
	return err;
}

static ssize_t later_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *ppos)
{
	char text[LATER_TEXT_MAX + 1] = "";
	struct later_request *request;
	int err;

	if (!count)
		return 0;
	if (count > LATER_TEXT_MAX)
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	if (strlen(text) != count)
		return -EINVAL;
	later_reap();

	/* TODO 1: allocate a request, filled with zeros. */
	request = NULL;
	if (!request)
		return -EOPNOTSUPP;
	INIT_LIST_HEAD(&request->list);
	request->file = file;
	err = later_parse(text, request);
	if (!err) {
		request->asked = jiffies;
		later_set_due(request);
		err = later_ask(request);
	}
	if (err) {
		kfree(request);
		return err;
	}
	return count; /* the request may be gone by now */
}

/* Copies the oldest line into @line; false when there is none. */
static bool later_peek(struct later_line *line)
{
	unsigned long flags;
	bool found;

	spin_lock_irqsave(&later_lock, flags);
	found = later_head != later_tail;
	if (found)
		*line = later_log[later_tail % LATER_ROOM];
	spin_unlock_irqrestore(&later_lock, flags);
	return found;
}

/* Takes the oldest line, which is there, out of the log. */
static void later_take(void)
{
	unsigned long flags;

	spin_lock_irqsave(&later_lock, flags);
	later_tail++;
	spin_unlock_irqrestore(&later_lock, flags);
}

/* Gives lines to a reader that holds later_reader. */
static ssize_t later_drain(char __user *buf, size_t count)
{
	char text[LATER_LINE];
	struct later_line line;
	ssize_t done = 0;
	size_t length;

	while (later_peek(&line)) {
		length = scnprintf(text, sizeof(text), "%s %s %s %ld\n",
				   line.mechanism, line.context, line.comm,
				   line.late);
		if (length > count - done)
			return done ? done : -EINVAL;
		if (copy_to_user(buf + done, text, length))
			return done ? done : -EFAULT;
		later_take();
		done += length;
	}
	return done;
}

static ssize_t later_read(struct file *file, char __user *buf, size_t count,
			  loff_t *ppos)
{
	ssize_t done;

	if (!count)
		return 0;
	if (mutex_lock_interruptible(&later_reader))
		return -ERESTARTSYS;
	done = later_drain(buf, count);
	mutex_unlock(&later_reader);
	/* TODO 7: wake up who waits for room. */
	return done;
}

static __poll_t later_poll(struct file *file, poll_table *wait)
{
	__poll_t events = 0;
	/* TODO 7: EPOLLIN for a line, EPOLLOUT for room; and say where to wait. */
	return events;
}

static const struct file_operations later_fops = {
	.owner = THIS_MODULE,
	.read = later_read,
	.write = later_write,
	.poll = later_poll,
};

static struct miscdevice later_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "later",
	.fops = &later_fops,
	.mode = 0600,
};

static int __init later_init(void)
{
	int err;

	err = misc_register(&later_device);
	if (err)
		pr_err("cannot register the device: error %d\n", err);
	return err;
}

static void __exit later_exit(void)
{
	/* TODO 8: none of the requests may be called, or left, when this ends. */
	misc_deregister(&later_device);
}

module_init(later_init);
module_exit(later_exit);

MODULE_DESCRIPTION("Six ways to be called back");
MODULE_LICENSE("GPL");
