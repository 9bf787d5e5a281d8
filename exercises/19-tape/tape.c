// SPDX-License-Identifier: GPL-2.0
/*
 * tape - 64 KiB of memory that is read, written and wound like a file
 *
 * /dev/tape starts as zeros and never grows.  Threads that share an open file
 * share its position as they would in a regular file; whoever reads sees all of
 * a write or nothing of it.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/rwsem.h>
#include <linux/sizes.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#define TAPE_SIZE SZ_64K /* bytes */

/* TODO 7: a lock for what follows, of a kind that may be held while one sleeps. */

static u8 *tape; /* TAPE_SIZE bytes */

/* TODO 5: where a write with O_APPEND begins. */

static int tape_open(struct inode *inode, struct file *file)
{
	/*
	 * TODO 6: ask for the position lock.  A lock in this driver comes too
	 * late: the position was read before the driver is called.
	 */
	return 0;
}

static loff_t tape_llseek(struct file *file, loff_t offset, int whence)
{
	/* TODO 2: lseek() on a device of TAPE_SIZE bytes: see <linux/fs.h>. */
	return -ESPIPE;
}

/* @iocb->ki_pos is the position; what becomes of it is the caller's business. */
static ssize_t tape_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	size_t count = iov_iter_count(to);
	size_t done;
	int err;

	/*
	 * TODO 3: a read of nothing, or at TAPE_SIZE or past it, gives 0; one
	 * that would cross TAPE_SIZE is cut there.
	 */
	count = 0;

	/* TODO 7: nobody may write to the tape from here on ... */
	err = 0;
	if (err)
		return err;

	/* TODO 3: copy from the tape to the program, however many parts it has. */
	done = count;
	/* TODO 7: ... to here. */

	/* TODO 3: nothing copied is EFAULT; otherwise move on, and say how far. */
	return done;
}

/* The write itself, by whoever has the tape to himself; moves @iocb->ki_pos. */
static ssize_t tape_record(struct kiocb *iocb, struct iov_iter *from)
{
	size_t count = iov_iter_count(from);
	size_t done;

	/* TODO 5: a write that appends does not begin at the position. */

	/*
	 * TODO 4: the same as in a read, the other way round.  Where nothing
	 * fits the error is ENOSPC, as it is always now: a program that got 0
	 * would try for ever.
	 */
	if (count)
		return -ENOSPC;
	done = 0;

	/* TODO 5: has the end moved? */
	return done;
}

static ssize_t tape_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	ssize_t ret;

	if (!iov_iter_count(from))
		return 0;

	/* TODO 7: nobody else may use the tape from here on ... */
	ret = 0;
	if (ret)
		return ret;

	ret = tape_record(iocb, from);

	/* TODO 7: ... to here. */
	return ret;
}

static const struct file_operations tape_fops = {
	.owner = THIS_MODULE,
	.open = tape_open,
	.llseek = tape_llseek,
	.read_iter = tape_read_iter,
	.write_iter = tape_write_iter,
};

static struct miscdevice tape_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "tape",
	.fops = &tape_fops,
};

static int __init tape_init(void)
{
	int err;

	/* TODO 1: TAPE_SIZE bytes of zeros, from <linux/vmalloc.h>. */
	tape = NULL;

	/* TODO 1: register tape_misc. */
	err = 0;
	if (err) {
		pr_err("cannot register the device: error %d\n", err);
		goto out_free;
	}

	pr_info("/dev/%s, %d bytes\n", tape_misc.name, TAPE_SIZE);
	return 0;

out_free:
	/* TODO 1: misc_register() has failed; undo what had worked before it. */
	return err;
}

static void __exit tape_exit(void)
{
	/* TODO 1: nobody may find the device when its memory has gone. */
}

module_init(tape_init);
module_exit(tape_exit);

MODULE_DESCRIPTION("64 KiB that read, write and seek like a file");
MODULE_LICENSE("GPL");
