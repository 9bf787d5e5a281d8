// SPDX-License-Identifier: GPL-2.0
// Staff-only: f9088fff17b4
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

#ifdef SOLUTION
/*
 * Guards what is on the tape, and tape_end.  It is held while bytes are copied
 * to or from a program, which may sleep until a page has come: a record that is
 * half copied is what nobody may see.
 */
static DECLARE_RWSEM(tape_lock);
#else
/* TODO 7: a lock for what follows, of a kind that may be held while one sleeps. */
#endif

static u8 *tape; /* TAPE_SIZE bytes */

#ifdef SOLUTION
static loff_t tape_end; /* behind the last byte that was ever written */
#else
/* TODO 5: where a write with O_APPEND begins. */
#endif

static int tape_open(struct inode *inode, struct file *file)
{
#ifdef SOLUTION
	/*
	 * do_dentry_open() asks for it on behalf of regular files and folders
	 * only.  From here on ksys_read() and its kin hold f_pos_lock while
	 * they use the position, if somebody else could use it, too.
	 */
	file->f_mode |= FMODE_ATOMIC_POS;
	return 0;
#else
	/*
	 * TODO 6: ask for the position lock.  A lock in this driver comes too
	 * late: the position was read before the driver is called.
	 */
	return 0;
#endif
}

static loff_t tape_llseek(struct file *file, loff_t offset, int whence)
{
#ifdef SOLUTION
	return fixed_size_llseek(file, offset, whence, TAPE_SIZE);
#else
	/* TODO 2: lseek() on a device of TAPE_SIZE bytes: see <linux/fs.h>. */
	return -ESPIPE;
#endif
}

/* @iocb->ki_pos is the position; what becomes of it is the caller's business. */
static ssize_t tape_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	size_t count = iov_iter_count(to);
	size_t done;
	int err;

#ifdef SOLUTION
	/* pread() can start anywhere; only a negative offset never gets here. */
	if (!count || iocb->ki_pos >= TAPE_SIZE)
		return 0;
	count = min_t(u64, count, TAPE_SIZE - iocb->ki_pos);
#else
	/*
	 * TODO 3: a read of nothing, or at TAPE_SIZE or past it, gives 0; one
	 * that would cross TAPE_SIZE is cut there.
	 */
	count = 0;
#endif

#ifdef SOLUTION
	/* Its holder may wait for a page for ever: a waiter can be killed. */
	err = down_read_killable(&tape_lock);
#else
	/* TODO 7: nobody may write to the tape from here on ... */
	err = 0;
#endif
	if (err)
		return err;

#ifdef SOLUTION
	done = copy_to_iter(tape + iocb->ki_pos, count, to);
#else
	/* TODO 3: copy from the tape to the program, however many parts it has. */
	done = count;
#endif
#ifdef SOLUTION
	up_read(&tape_lock);
#else
	/* TODO 7: ... to here. */
#endif

#ifdef SOLUTION
	/* Bytes that arrived count, even when a bad page cut the copy short. */
	if (!done)
		return -EFAULT;
	iocb->ki_pos += done;
	return done;
#else
	/* TODO 3: nothing copied is EFAULT; otherwise move on, and say how far. */
	return done;
#endif
}

/* The write itself, by whoever has the tape to himself; moves @iocb->ki_pos. */
static ssize_t tape_record(struct kiocb *iocb, struct iov_iter *from)
{
	size_t count = iov_iter_count(from);
	size_t done;

#ifdef SOLUTION
	/* Not before the lock was taken: every other writer moves the end. */
	if (iocb->ki_flags & IOCB_APPEND)
		iocb->ki_pos = tape_end;
#else
	/* TODO 5: a write that appends does not begin at the position. */
#endif

#ifdef SOLUTION
	if (iocb->ki_pos >= TAPE_SIZE)
		return -ENOSPC;
	count = min_t(u64, count, TAPE_SIZE - iocb->ki_pos);
	done = copy_from_iter(tape + iocb->ki_pos, count, from);
	if (!done)
		return -EFAULT;
	iocb->ki_pos += done;
#else
	/*
	 * TODO 4: the same as in a read, the other way round.  Where nothing
	 * fits the error is ENOSPC, as it is always now: a program that got 0
	 * would try for ever.
	 */
	if (count)
		return -ENOSPC;
	done = 0;
#endif

#ifdef SOLUTION
	tape_end = max(tape_end, iocb->ki_pos);
#else
	/* TODO 5: has the end moved? */
#endif
	return done;
}

static ssize_t tape_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	ssize_t ret;

	if (!iov_iter_count(from))
		return 0;

#ifdef SOLUTION
	ret = down_write_killable(&tape_lock);
#else
	/* TODO 7: nobody else may use the tape from here on ... */
	ret = 0;
#endif
	if (ret)
		return ret;

	ret = tape_record(iocb, from);

#ifdef SOLUTION
	up_write(&tape_lock);
#else
	/* TODO 7: ... to here. */
#endif
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

#ifdef SOLUTION
	tape = vzalloc(TAPE_SIZE);
	if (!tape)
		return -ENOMEM;
#else
	/* TODO 1: TAPE_SIZE bytes of zeros, from <linux/vmalloc.h>. */
	tape = NULL;
#endif

#ifdef SOLUTION
	/* Last of all: open() can come before misc_register() returns. */
	err = misc_register(&tape_misc);
#else
	/* TODO 1: register tape_misc. */
	err = 0;
#endif
	if (err) {
		pr_err("cannot register the device: error %d\n", err);
		goto out_free;
	}

	pr_info("/dev/%s, %d bytes\n", tape_misc.name, TAPE_SIZE);
	return 0;

out_free:
#ifdef SOLUTION
	vfree(tape);
#else
	/* TODO 1: misc_register() has failed; undo what had worked before it. */
#endif
	return err;
}

static void __exit tape_exit(void)
{
#ifdef SOLUTION
	/* Nothing is open: an open file holds the module. */
	misc_deregister(&tape_misc);
	vfree(tape);
#else
	/* TODO 1: nobody may find the device when its memory has gone. */
#endif
}

module_init(tape_init);
module_exit(tape_exit);

MODULE_DESCRIPTION("64 KiB that read, write and seek like a file");
MODULE_LICENSE("GPL");
