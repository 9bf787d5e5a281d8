// SPDX-License-Identifier: GPL-2.0
// Staff-only: 5f0b1b93dfc4
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
#ifdef SOLUTION
	int users = 0;

	/* exit and exec take the table away, but only with this lock. */
	task_lock(task);
	if (task->files)
		users = atomic_read(&task->files->count);
	task_unlock(task);
	return users;
#else
	/* TODO 3: task->files->count, if there is a task->files. */
	return 0;
#endif
}

/*
 * fdtable_next() - takes a reference to the first open file at or after @fd
 *
 * Returns NULL when there is none, otherwise sets @fd to its number.
 */
static struct file *fdtable_next(struct task_struct *task, unsigned int *fd)
{
#ifdef SOLUTION
	struct file *file;

	/*
	 * Another CPU may close the file at this moment.  RCU keeps its memory,
	 * not what it points to: only a reference does.  Where the last one has
	 * gone the table has something else there by now, so look again.
	 */
	rcu_read_lock();
	do {
		file = task_lookup_next_fd_rcu(task, fd);
	} while (file && !get_file_rcu(file));
	rcu_read_unlock();
	return file;
#else
	/* TODO 4: look for the file, and make sure that it stays. */
	return NULL;
#endif
}

/*
 * fdtable_flags() - the flags of @file, and of its descriptor @fd
 *
 * O_CLOEXEC is not in the file, which others may share, but in the table.
 */
static unsigned int fdtable_flags(struct task_struct *task, unsigned int fd,
				  struct file *file)
{
#ifdef SOLUTION
	unsigned int flags = READ_ONCE(file->f_flags);
	struct files_struct *files;

	task_lock(task);
	files = task->files;
	if (files) {
		spin_lock(&files->file_lock);
		/* It may be another file by now, or the table a smaller one. */
		if (files_lookup_fd_locked(files, fd) == file &&
		    close_on_exec(fd, files_fdtable(files)))
			flags |= O_CLOEXEC;
		spin_unlock(&files->file_lock);
	}
	task_unlock(task);
	return flags;
#else
	/* TODO 5: f_flags, and O_CLOEXEC if the table says so for this fd. */
	return 0;
#endif
}

/* Makes the identity of @file, the same as long as the file is open. */
static u64 fdtable_identity(const struct file *file)
{
#ifdef SOLUTION
	return siphash_1u64((uintptr_t)file, &fdtable_key);
#else
	/* TODO 6: a hash of the pointer that depends on fdtable_key. */
	return 0;
#endif
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

#ifdef SOLUTION
	if (list->pid)
		list->task = get_pid_task(list->pid, PIDTYPE_PID);
	else
		list->task = get_task_struct(current);
#else
	/* TODO 3: the task of list->pid or, without one, the reader; held. */
	list->task = NULL;
#endif
	return *pos ? fdtable_find(list, pos) : SEQ_START_TOKEN;
}

static void *fdtable_step(struct seq_file *seq, void *at, loff_t *pos)
{
#ifdef SOLUTION
	if (at != SEQ_START_TOKEN)
		fput(at);
#else
	/* TODO 4: the file that was shown is not needed any more. */
#endif
	++*pos;
	return fdtable_find(seq->private, pos);
}

static void fdtable_stop(struct seq_file *seq, void *at)
{
	struct fdtable_list *list = seq->private;

#ifdef SOLUTION
	/* The list may end here with a file in hand: the buffer is full. */
	if (at && at != SEQ_START_TOKEN)
		fput(at);
#else
	/* TODO 4: nor is the one that was to come next. */
#endif
#ifdef SOLUTION
	if (list->task)
		put_task_struct(list->task);
#else
	/* TODO 3: nor is the task. */
#endif
	list->task = NULL;
}

static void fdtable_show_header(struct seq_file *seq, struct fdtable_list *list)
{
	int users = list->task ? fdtable_users(list->task) : 0;
	int number;

#ifdef SOLUTION
	/* As the reader counts; a struct pid knows its number when all is over. */
	number = list->pid ? pid_vnr(list->pid) : task_pid_vnr(current);
#else
	/* TODO 3: the number in the reader's namespace, with a pid or without. */
	number = 0;
#endif
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
#ifdef SOLUTION
	pos = READ_ONCE(file->f_pos);
	count = file_count(file) - 1; /* one is ours */
#else
	/* TODO 5: the position, and how many references others have. */
#endif
	seq_printf(seq, "%u 0%o %lld %ld %016llx ", list->fd, flags, pos, count,
		   fdtable_identity(file));
#ifdef SOLUTION
	seq_file_path(seq, file, "\n\\");
#else
	/* TODO 5: the path, of which a new line must not end the line. */
#endif
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

#ifdef SOLUTION
	list = kzalloc(sizeof(*list), GFP_KERNEL);
#else
	/* TODO 1: memory for a list, all of it zero. */
	list = NULL;
#endif
	if (!list)
		return -ENOMEM;
	/* misc_open() left the device here; seq_open() wants it empty. */
	file->private_data = NULL;
	err = seq_open(file, &fdtable_seq_ops);
	if (err) {
#ifdef SOLUTION
		kfree(list);
#else
		/* TODO 1: there will be no release for an open that failed. */
#endif
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

#ifdef SOLUTION
	put_pid(list->pid);
#else
	/* TODO 2: give back what write took. */
	list->pid = NULL;
#endif
#ifdef SOLUTION
	kfree(list);
#else
	/* TODO 1: give back what open took. */
#endif
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
#ifdef SOLUTION
	struct pid *pid = find_get_pid(number);
	bool found;

	/* A dead leader's number lives on while its group has members. */
	rcu_read_lock();
	found = pid_task(pid, PIDTYPE_PID);
	rcu_read_unlock();
	if (!found) {
		put_pid(pid);
		return ERR_PTR(-ESRCH);
	}
	return pid;
#else
	/* TODO 2: the struct pid of that number, which has to have a task. */
	return ERR_PTR(-ESRCH);
#endif
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
#ifdef SOLUTION
	mutex_lock(&seq->lock);
	swap(list->pid, pid);
	mutex_unlock(&seq->lock);
	put_pid(pid);
#else
	/* TODO 2: the list has a new pid, and the old one goes. */
	list->pid = NULL;
#endif
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
#ifdef SOLUTION
	get_random_bytes(&fdtable_key, sizeof(fdtable_key));
#else
	/* TODO 6: a key that nobody can guess. */
	memset(&fdtable_key, 0, sizeof(fdtable_key));
#endif
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
