// SPDX-License-Identifier: GPL-2.0
// Staff-only: 1a132f679024
/* The skeleton, filled in step by step. */

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
	seed += 0x9e3779b97f4a7c15ULL * (i + 1);
	seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9ULL;
	seed = (seed ^ (seed >> 27)) * 0x94d049bb133111ebULL;
	return seed ^ (seed >> 31);
}

/*
 * Byte @pos of the stream of @seed.  Eight times the arithmetic that a stream
 * needs; in return no read has to begin or end with a piece of a word.
 */
static u8 prng_byte(u64 seed, size_t pos)
{
	u64 word = prng_word(seed, pos >> 3);
	unsigned int shift = 8 * (pos & 7);

	return (word >> shift) & 0xff;
}

static int prng_open(struct inode *inode, struct file *file)
{
	int minor = iminor(inode);
	struct prng_stream *s;

	s = kzalloc(sizeof(struct prng_stream), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	s->seed = atomic64_read(&prng_seeds[minor]);
	file->private_data = s;

	return 0;
}

static int prng_release(struct inode *inode, struct file *file)
{
	struct prng_stream *s = file->private_data;

	kfree(s);
	return 0;
}

static ssize_t prng_read(struct file *file, char __user *buf, size_t count,
			 loff_t *ppos)
{
	const struct prng_stream *stream = file->private_data;
	u8 chunk[PRNG_CHUNK];
	size_t done = 0;

	if (*ppos >= PRNG_SIZE)
		return 0;
	if (count > PRNG_SIZE - *ppos)
		count = PRNG_SIZE - *ppos;

	while (done < count) {
		size_t len = min(count - done, sizeof(chunk));
		size_t left, i;

		for (i = 0; i < len; i++)
			chunk[i] = prng_byte(stream->seed, *ppos + done + i);

		left = copy_to_user(&buf[done], chunk, len);
		done += len;
		done -= left;
		if (left > 0)
			break;
	}

	if (done == 0 && count > 0)
		return -EFAULT;

	*ppos = *ppos + done;
	return done;
}

static loff_t prng_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, PRNG_SIZE);
}

static ssize_t prng_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	char kbuf[PRNG_TEXT_MAX + 1] = { 0 };
	unsigned long long value;
	int minor, ret;
	size_t n;

	if (count == 0)
		return 0;
	if (count > PRNG_TEXT_MAX)
		return -EINVAL;

	if (copy_from_user(kbuf, buf, count) != 0)
		return -EFAULT;

	/* a NUL in the middle is no number, nor is a sign in front */
	for (n = 0; n < count; n++)
		if (kbuf[n] == '\0')
			return -EINVAL;
	if (kbuf[0] == '+' || kbuf[0] == '-')
		return -EINVAL;

	ret = kstrtoull(kbuf, 0, &value);
	if (ret < 0)
		return ret;

	minor = iminor(file_inode(file));
	atomic64_set(&prng_seeds[minor], value);
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

	err = alloc_chrdev_region(&prng_base, 0, PRNG_MINORS, "prng");
	if (err) {
		pr_err("no device numbers: error %d\n", err);
		return err;
	}

	for (i = 0; i < PRNG_MINORS; i++) {
		u64 seed;

		get_random_bytes(&seed, sizeof(seed));
		atomic64_set(&prng_seeds[i], seed);
	}

	cdev_init(&prng_cdev, &prng_fops);
	prng_cdev.owner = THIS_MODULE;
	err = cdev_add(&prng_cdev, prng_base, PRNG_MINORS);
	if (err) {
		pr_err("cannot add the device: error %d\n", err);
		goto out_region;
	}

	pr_info("major %u, minors 0 to %d\n", MAJOR(prng_base),
		PRNG_MINORS - 1);
	return 0;

out_region:
	unregister_chrdev_region(prng_base, PRNG_MINORS);
	return err;
}

static void __exit prng_exit(void)
{
	cdev_del(&prng_cdev);
	unregister_chrdev_region(prng_base, PRNG_MINORS);
}

module_init(prng_init);
module_exit(prng_exit);

MODULE_DESCRIPTION("Ten pseudo-random streams behind one character device");
MODULE_LICENSE("GPL");
