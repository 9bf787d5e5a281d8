// SPDX-License-Identifier: GPL-2.0
// Staff-only: be7e97131825
/*
 * prng - a character device with ten pseudo-random streams
 *
 * Every minor has a seed.  Reading gives the 1 MiB SplitMix64 stream of the
 * seed that the minor had when it was opened; writing a number sets the seed
 * for later opens.  No node is made:  mknod /dev/prng0 c MAJOR 0
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cdev.h>
#include <linux/ctype.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define PRNG_MINORS 10
#define PRNG_SIZE SZ_1M /* bytes in a stream */
#define PRNG_CHUNK 128 /* bytes made at a time, on the stack */
#define PRNG_TEXT_MAX 31 /* bytes in the longest seed text, newline included */

/* What an open file needs to know: its own copy of its minor's seed. */
struct prng_stream {
	u64 seed;
};

static dev_t prng_base; /* the first of our device numbers */
static struct cdev prng_cdev; /* one for all minors */

/*
 * One seed a minor.  write() on one CPU may meet open() on another; an
 * atomic64_t is never seen half old and half new, on 32-bit machines either.
 */
static atomic64_t prng_seeds[PRNG_MINORS];

/* Word @i of the stream of @seed: SplitMix64 without its running state. */
static u64 prng_word(u64 seed, u64 i)
{
#ifdef SOLUTION
	u64 z = seed + (i + 1) * 0x9E3779B97F4A7C15ULL;

	z ^= z >> 30;
	z *= 0xBF58476D1CE4E5B9ULL;
	z ^= z >> 27;
	z *= 0x94D049BB133111EBULL;
	z ^= z >> 31;
	return z;
#else
	/* TODO 8: the formula in the README; u64 wraps by itself, as wanted. */
	return seed + i;
#endif
}

/*
 * Byte @pos of the stream of @seed.  Eight times the arithmetic that a stream
 * needs; in return no read has to begin or end with a piece of a word.
 */
static u8 prng_byte(u64 seed, size_t pos)
{
#ifdef SOLUTION
	/* A shift counts from the low end on any machine: little-endian. */
	return prng_word(seed, pos / 8) >> (pos % 8 * 8);
#else
	/* TODO 8: which word is this byte in, and which of its bytes is it? */
	return prng_word(seed, pos);
#endif
}

static int prng_open(struct inode *inode, struct file *file)
{
#ifdef SOLUTION
	struct prng_stream *stream = kmalloc(sizeof(*stream), GFP_KERNEL);

	if (!stream)
		return -ENOMEM;

	/* The cdev covers our minors only, so iminor() is a valid index. */
	stream->seed = atomic64_read(&prng_seeds[iminor(inode)]);
	file->private_data = stream;
	return 0;
#else
	/*
	 * TODO 4: allocate a struct prng_stream, copy the minor's seed into
	 * it, and leave it where read() and release() will find it.
	 */
	return 0;
#endif
}

static int prng_release(struct inode *inode, struct file *file)
{
#ifdef SOLUTION
	kfree(file->private_data);
	return 0;
#else
	/* TODO 4: the last close() is the end of what open() allocated. */
	return 0;
#endif
}

static ssize_t prng_read(struct file *file, char __user *buf, size_t count,
			 loff_t *ppos)
{
	const struct prng_stream *stream = file->private_data;
	u8 chunk[PRNG_CHUNK];
	size_t done = 0;

#ifdef SOLUTION
	/* pread() can start anywhere; only a negative offset never gets here. */
	if (*ppos >= PRNG_SIZE)
		return 0;
	count = min_t(u64, count, PRNG_SIZE - *ppos);
#else
	/*
	 * TODO 5: a read at PRNG_SIZE or past it gives 0, which is end of
	 * file; a read that would cross PRNG_SIZE is cut there.
	 */
	count = 0;
#endif

	while (done < count) {
		size_t len = min(count - done, sizeof(chunk));
		size_t left, i;

		for (i = 0; i < len; i++)
			chunk[i] = prng_byte(stream->seed, *ppos + done + i);

#ifdef SOLUTION
		/* What is left did not fit: the user's memory ends there. */
		left = copy_to_user(buf + done, chunk, len);
		done += len - left;
#else
		/*
		 * TODO 6: copy the chunk to buf + done.  Left is the number of
		 * bytes that could not be copied; the others are done.
		 */
		left = len;
#endif
		if (left)
			break;
	}

#ifdef SOLUTION
	/* Bytes that arrived count, even when an error cut the copy short. */
	if (count && !done)
		return -EFAULT;
	*ppos += done;
	return done;
#else
	/*
	 * TODO 6: nothing copied although something was asked for is EFAULT;
	 * otherwise move the position, and say how far.
	 */
	return done;
#endif
}

static loff_t prng_llseek(struct file *file, loff_t offset, int whence)
{
#ifdef SOLUTION
	return fixed_size_llseek(file, offset, whence, PRNG_SIZE);
#else
	/* TODO 5: lseek() as in a file of PRNG_SIZE bytes: see <linux/fs.h>. */
	return -ESPIPE;
#endif
}

static ssize_t prng_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
#ifdef SOLUTION
	char text[PRNG_TEXT_MAX + 1];
	u64 seed;
	int err;

	if (!count)
		return 0;
	if (count > PRNG_TEXT_MAX)
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';

	/*
	 * kstrtoull() knows the three bases and the newline, but it also lets
	 * a plus sign pass, and it cannot see beyond a NUL.
	 */
	if (!isdigit(text[0]) || strlen(text) != count)
		return -EINVAL;
	err = kstrtoull(text, 0, &seed);
	if (err)
		return err;

	/* Nothing failed: only now does the minor change. */
	atomic64_set(&prng_seeds[iminor(file_inode(file))], seed);
	return count;
#else
	/*
	 * TODO 7: copy at most PRNG_TEXT_MAX bytes of text, end them with a
	 * NUL, parse them, and set the minor's seed if all of that went well.
	 */
	return -EINVAL;
#endif
}

static const struct file_operations prng_fops = {
	.owner = THIS_MODULE,
	.open = prng_open,
	.release = prng_release,
	.read = prng_read,
	.write = prng_write,
	.llseek = prng_llseek,
};

static int __init prng_init(void)
{
	int err, i;

#ifdef SOLUTION
	/* First of all: open() can come as soon as cdev_add() is called. */
	for (i = 0; i < PRNG_MINORS; i++)
		atomic64_set(&prng_seeds[i], get_random_u64());
#else
	/* TODO 4: seeds that nobody can guess, from <linux/random.h>. */
	for (i = 0; i < PRNG_MINORS; i++)
		atomic64_set(&prng_seeds[i], i);
#endif

#ifdef SOLUTION
	err = alloc_chrdev_region(&prng_base, 0, PRNG_MINORS, "prng");
#else
	/* TODO 1: a free major, PRNG_MINORS minors from 0, the name "prng". */
	err = 0;
#endif
	if (err) {
		pr_err("no device numbers: error %d\n", err);
		return err;
	}

	cdev_init(&prng_cdev, &prng_fops);
#ifdef SOLUTION
	prng_cdev.owner = THIS_MODULE;
	err = cdev_add(&prng_cdev, prng_base, PRNG_MINORS);
#else
	/* TODO 2: say who owns prng_cdev, then add it for all the minors. */
	err = 0;
#endif
	if (err) {
		pr_err("cannot add the device: error %d\n", err);
		goto out_region;
	}

	pr_info("major %u, minors 0 to %d\n", MAJOR(prng_base),
		PRNG_MINORS - 1);
	return 0;

out_region:
#ifdef SOLUTION
	unregister_chrdev_region(prng_base, PRNG_MINORS);
#else
	/* TODO 3: cdev_add() has failed; undo what had worked before it. */
#endif
	return err;
}

static void __exit prng_exit(void)
{
#ifdef SOLUTION
	/* Nothing is open: an open file holds the module. */
	cdev_del(&prng_cdev);
#else
	/* TODO 2: nobody may find the cdev when the module has gone. */
#endif

#ifdef SOLUTION
	/* Only now: a device must not outlive its claim to the numbers. */
	unregister_chrdev_region(prng_base, PRNG_MINORS);
#else
	/* TODO 1: give the numbers back. */
#endif
}

module_init(prng_init);
module_exit(prng_exit);

MODULE_DESCRIPTION("Ten pseudo-random streams behind one character device");
MODULE_LICENSE("GPL");
