// SPDX-License-Identifier: GPL-2.0
/*
 * fdtable - who has what open
 *
 * Write a PID to /dev/fdtable, then read: a header, and a line for each open
 * descriptor of that task, with the flags, position and references of the file
 * behind it, and an identity that tells which descriptors share one file.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define FDTABLE_TEXT_MAX 15 /* bytes of a PID as text, the new line included */

/*
 * What one open file of ours remembers; guarded by the lock of its seq_file,
 * which is held from start to stop.
 */
struct fdtable_list {
	struct pid *pid; /* whom to list; NULL: whoever reads */
	struct task_struct *task; /* from start to stop only; NULL: gone */
	unsigned int fd; /* of the file that is being shown */
};

/* Random at load: makes an identity of an address, and nobody can go back. */
static siphash_key_t fdtable_key;

/* Finds out how many tasks share the descriptors of @task; 0: it has none. */
static int fdtable_users(struct task_struct *task)
{
	/* TODO 3: task->files->count, if there is a task->files. */
	return 0;
}

/*
 * fdtable_next() - takes a reference to the first open file at or after @fd
 *
 * Returns NULL when there is none, otherwise sets @fd to its number.
 */
static struct file *fdtable_next(struct task_struct *task, unsigned int *fd)
{
	/* TODO 4: look for the file, and make sure that it stays. */
	return NULL;
}

/*
 * fdtable_flags() - the flags of @file, and of its descriptor @fd
 *
 * O_CLOEXEC is not in the file, which others may share, but in the table.
 */
static unsigned int fdtable_flags(struct task_struct *task, unsigned int fd,
				  struct file *file)
{
	/* TODO 5: f_flags, and O_CLOEXEC if the table says so for this fd. */
	return 0;
}

/* Makes the identity of @file, the same as long as the file is open. */
static u64 fdtable_identity(const struct file *file)
{
	/* TODO 6: a hash of the pointer that depends on fdtable_key. */
	return 0;
}

/* Finds the file to show at *pos or after it; position n is descriptor n - 1. */
static void *fdtable_find(struct fdtable_list *list, loff_t *pos)
{
	struct file *file;

	if (!list->task)
		return NULL;
	list->fd = *pos - 1;
	file = fdtable_next(list->task, &list->fd);
	if (file)
		*pos = list->fd + 1LL;
	return file;
}

/* Every read() comes here first, and goes through fdtable_stop() at last. */
static void *fdtable_start(struct seq_file *seq, loff_t *pos)
{
	struct fdtable_list *list = seq->private;

	/* TODO 3: the task of list->pid or, without one, the reader; held. */
	list->task = NULL;
	return *pos ? fdtable_find(list, pos) : SEQ_START_TOKEN;
}

static void *fdtable_step(struct seq_file *seq, void *at, loff_t *pos)
{
	/* TODO 4: the file that was shown is not needed any more. */
	++*pos;
	return fdtable_find(seq->private, pos);
}

static void fdtable_stop(struct seq_file *seq, void *at)
{
	struct fdtable_list *list = seq->private;

	/* TODO 4: nor is the one that was to come next. */
	/* TODO 3: nor is the task. */
	list->task = NULL;
}

static void fdtable_show_header(struct seq_file *seq, struct fdtable_list *list)
{
	int users = list->task ? fdtable_users(list->task) : 0;
	int number;

	/* TODO 3: the number in the reader's namespace, with a pid or without. */
	number = 0;
	seq_printf(seq, "pid %d users %d\n", number, users);
}

static int fdtable_show(struct seq_file *seq, void *at)
{
	struct fdtable_list *list = seq->private;
	struct file *file = at;
	unsigned int flags;
	loff_t pos = 0;
	long count = 0;

	if (at == SEQ_START_TOKEN) {
		fdtable_show_header(seq, list);
		return 0;
	}
	flags = fdtable_flags(list->task, list->fd, file);
	/* TODO 5: the position, and how many references others have. */
	seq_printf(seq, "%u 0%o %lld %ld %016llx ", list->fd, flags, pos, count,
		   fdtable_identity(file));
	/* TODO 5: the path, of which a new line must not end the line. */
	seq_putc(seq, '\n');
	return 0;
}

static const struct seq_operations fdtable_seq_ops = {
	.start = fdtable_start,
	.next = fdtable_step,
	.stop = fdtable_stop,
	.show = fdtable_show,
};

static int fdtable_open(struct inode *inode, struct file *file)
{
	struct fdtable_list *list;
	struct seq_file *seq;
	int err;

	/* TODO 1: memory for a list, all of it zero. */
	list = NULL;
	if (!list)
		return -ENOMEM;
	/* misc_open() left the device here; seq_open() wants it empty. */
	file->private_data = NULL;
	err = seq_open(file, &fdtable_seq_ops);
	if (err) {
		/* TODO 1: there will be no release for an open that failed. */
		return err;
	}
	seq = file->private_data;
	seq->private = list;
	return 0;
}

static int fdtable_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;
	struct fdtable_list *list = seq->private;

	/* TODO 2: give back what write took. */
	list->pid = NULL;
	/* TODO 1: give back what open took. */
	return seq_release(inode, file);
}

/* Reads a number out of a program's memory.  Returns 0 or an error. */
static int fdtable_parse(const char __user *buf, size_t count,
			 unsigned int *number)
{
	char text[FDTABLE_TEXT_MAX + 1];
	int err;

	if (count > FDTABLE_TEXT_MAX)
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';
	if (strlen(text) != count)
		return -EINVAL;
	err = kstrtouint(text, 10, number);
	return err == -ERANGE ? -ESRCH : err; /* a number, but nobody's */
}

/* Takes a reference to the PID of a task that is there, or gives an error. */
static struct pid *fdtable_get_pid(unsigned int number)
{
	/* TODO 2: the struct pid of that number, which has to have a task. */
	return ERR_PTR(-ESRCH);
}

static ssize_t fdtable_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	struct seq_file *seq = file->private_data;
	struct fdtable_list *list = seq->private;
	unsigned int number;
	struct pid *pid;
	int err;

	if (!count)
		return 0;
	err = fdtable_parse(buf, count, &number);
	if (err)
		return err;
	pid = fdtable_get_pid(number);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	/* TODO 2: the list has a new pid, and the old one goes. */
	list->pid = NULL;
	*ppos = 0; /* the next read begins with the header */
	return count;
}

static const struct file_operations fdtable_fops = {
	.owner = THIS_MODULE,
	.open = fdtable_open,
	.release = fdtable_release,
	.read = seq_read,
	.write = fdtable_write,
	.llseek = seq_lseek,
};

static struct miscdevice fdtable_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "fdtable",
	.fops = &fdtable_fops,
	.mode = 0600,
};

static int __init fdtable_init(void)
{
	int err;

	/* It can be opened as soon as it is registered. */
	/* TODO 6: a key that nobody can guess. */
	memset(&fdtable_key, 0, sizeof(fdtable_key));
	err = misc_register(&fdtable_device);
	if (err)
		pr_err("cannot register the device: error %d\n", err);
	return err;
}

static void __exit fdtable_exit(void)
{
	misc_deregister(&fdtable_device);
}

module_init(fdtable_init);
module_exit(fdtable_exit);

MODULE_DESCRIPTION("The open files of a task");
MODULE_LICENSE("GPL");
