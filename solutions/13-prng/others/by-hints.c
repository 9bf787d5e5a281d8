// SPDX-License-Identifier: GPL-2.0
// Staff-only: 99b26fd31436
/* The skeleton, filled in with the hints at hand. */

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
	u64 z = seed + (i + 1) * 0x9E3779B97F4A7C15ULL;

	z = z ^ (z >> 30);
	z = z * 0xBF58476D1CE4E5B9ULL;
	z = z ^ (z >> 27);
	z = z * 0x94D049BB133111EBULL;
	z = z ^ (z >> 31);

	return z;
}

/*
 * Byte @pos of the stream of @seed.  Eight times the arithmetic that a stream
 * needs; in return no read has to begin or end with a piece of a word.
 */
static u8 prng_byte(u64 seed, size_t pos)
{
	return (u8)(prng_word(seed, pos / 8) >> 8 * (pos % 8));
}

static int prng_open(struct inode *inode, struct file *file)
{
	struct prng_stream *new_stream;

	new_stream = kmalloc(sizeof(*new_stream), GFP_KERNEL);
	if (new_stream == NULL)
		return -ENOMEM;
	new_stream->seed = atomic64_read(prng_seeds + iminor(inode));
	file->private_data = new_stream;
	return 0;
}

static int prng_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	file->private_data = NULL;
	return 0;
}

static ssize_t prng_read(struct file *file, char __user *buf, size_t count,
			 loff_t *ppos)
{
	const struct prng_stream *stream = file->private_data;
	u8 chunk[PRNG_CHUNK];
	size_t done = 0;

	loff_t rest = PRNG_SIZE - *ppos;

	if (rest <= 0 || count == 0)
		return 0;
	count = min_t(loff_t, rest, count);

	while (done < count) {
		size_t len = min(count - done, sizeof(chunk));
		size_t left, i;

		for (i = 0; i < len; i++)
			chunk[i] = prng_byte(stream->seed, *ppos + done + i);

		left = copy_to_user(buf + done, chunk, len);
		if (left) {
			done += len - left;
			if (!done)
				return -EFAULT;
			break;
		}
		done += len;
	}

	*ppos += done;
	return done;
}

static loff_t prng_llseek(struct file *file, loff_t offset, int whence)
{
	loff_t ret = fixed_size_llseek(file, offset, whence, PRNG_SIZE);

	return ret;
}

static ssize_t prng_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	unsigned int minor = iminor(file_inode(file));
	char input[PRNG_TEXT_MAX + 1];
	u64 seed = 0;

	if (count > 0) {
		int result;

		if (count >= sizeof(input))
			return -EINVAL;
		if (copy_from_user(input, buf, count))
			return -EFAULT;
		input[count] = 0;
		if (strlen(input) < count)
			return -EINVAL;
		if (!isdigit(*input))
			return -EINVAL;
		result = kstrtou64(input, 0, &seed);
		if (result != 0)
			return result;
		atomic64_set(prng_seeds + minor, seed);
	}
	return count;
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

	for (i = 0; i < PRNG_MINORS; i++) {
		u64 seed = get_random_u64();

		atomic64_set(&prng_seeds[i], seed);
	}

	/* first of all the numbers */
	err = alloc_chrdev_region(&prng_base, 0, PRNG_MINORS, KBUILD_MODNAME);
	if (err) {
		pr_err("no device numbers: error %d\n", err);
		return err;
	}

	cdev_init(&prng_cdev, &prng_fops);
	prng_cdev.owner = prng_fops.owner;
	err = cdev_add(&prng_cdev, prng_base, 10);
	if (err) {
		pr_err("cannot add the device: error %d\n", err);
		goto out_region;
	}

	pr_info("major %u, minors 0 to %d\n", MAJOR(prng_base),
		PRNG_MINORS - 1);
	return 0;

out_region:
	unregister_chrdev_region(prng_base, 10);
	return err;
}

static void __exit prng_exit(void)
{
	cdev_del(&prng_cdev);
	unregister_chrdev_region(prng_base, 10);
}

module_init(prng_init);
module_exit(prng_exit);

MODULE_DESCRIPTION("Ten pseudo-random streams behind one character device");
MODULE_LICENSE("GPL");
