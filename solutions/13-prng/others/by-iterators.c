// SPDX-License-Identifier: GPL-2.0
// Staff-only: f899bb7951fd
/* Ten random streams: with iterators, a mutex, and a parser of its own. */

#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

enum {
	NDEVS = 10,
	LONGEST = 31,
	LENGTH = 1024 * 1024
};

struct prng_dev {
	struct cdev cdev;
	dev_t number;
	struct mutex lock; /* of the table */
	u64 table[NDEVS];
};

static struct prng_dev the_dev;
static struct kmem_cache *snapshots;

static __le64 splitmix(u64 seed, u64 nr)
{
	static const u64 factors[] = { 0xBF58476D1CE4E5B9ULL,
				       0x94D049BB133111EBULL };
	static const int shifts[] = { 30, 27 };
	u64 x = 0x9E3779B97F4A7C15ULL;
	int round;

	x *= nr + 1;
	x += seed;
	for (round = 0; round < 2; round++)
		x = (x ^ x >> shifts[round]) * factors[round];
	return cpu_to_le64(x ^ x >> 31);
}

static ssize_t prng_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	u64 *seed = iocb->ki_filp->private_data;
	ssize_t total = 0;

	if (iocb->ki_pos >= LENGTH)
		return 0;
	iov_iter_truncate(to, LENGTH - iocb->ki_pos);

	do {
		__le64 word = splitmix(*seed, iocb->ki_pos / 8);
		int inside = iocb->ki_pos % 8;
		size_t wanted = min_t(size_t, 8 - inside, iov_iter_count(to));
		size_t got = copy_to_iter((char *)&word + inside, wanted, to);

		iocb->ki_pos += got;
		total += got;
		if (got < wanted)
			return total ?: -EFAULT;
	} while (iov_iter_count(to));
	return total;
}

static int value_of(char digit, unsigned int base)
{
	int value = 99;

	if (digit >= '0' && digit <= '9')
		value = digit - '0';
	if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
		value = (digit | 0x20) - 'a' + 10;
	return value < base ? value : -EINVAL;
}

/* A number as the compiler reads it, all of @text up to @end. */
static int parse(const char *text, const char *end, u64 *seed)
{
	unsigned int base = 10;
	bool too_large = false;

	if (end > text && end[-1] == '\n')
		end--;
	if (end - text > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
		base = 16;
		text += 2;
	} else if (end - text > 1 && *text == '0') {
		base = 8;
	}
	if (text == end)
		return -EINVAL;

	for (*seed = 0; text < end; text++) {
		int digit = value_of(*text, base);

		if (digit < 0)
			return digit;
		too_large |= check_mul_overflow(*seed, (u64)base, seed);
		too_large |= check_add_overflow(*seed, (u64)digit, seed);
	}
	return too_large ? -ERANGE : 0;
}

static ssize_t prng_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	size_t bytes = iov_iter_count(from);
	char line[LONGEST];
	u64 seed;
	int failed;

	if (bytes > sizeof(line))
		return -EINVAL;
	if (!bytes)
		return 0;
	if (copy_from_iter(line, bytes, from) != bytes)
		return -EFAULT;
	failed = parse(line, line + bytes, &seed);
	if (failed)
		return failed;

	mutex_lock(&the_dev.lock);
	the_dev.table[iminor(file_inode(iocb->ki_filp))] = seed;
	mutex_unlock(&the_dev.lock);
	return bytes;
}

static int prng_open(struct inode *inode, struct file *file)
{
	struct prng_dev *dev =
		container_of(inode->i_cdev, struct prng_dev, cdev);
	u64 *mine = kmem_cache_alloc(snapshots, GFP_KERNEL);

	file->private_data = mine;
	if (!mine)
		return -ENOMEM;
	mutex_lock(&dev->lock);
	*mine = dev->table[iminor(inode)];
	mutex_unlock(&dev->lock);
	return 0;
}

static int prng_release(struct inode *inode, struct file *file)
{
	kmem_cache_free(snapshots, file->private_data);
	return 0;
}

static loff_t prng_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, LENGTH);
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.read_iter = prng_read_iter,
	.write_iter = prng_write_iter,
	.llseek = prng_llseek,
	.open = prng_open,
	.release = prng_release,
};

static int __init prng_init(void)
{
	int failed = -ENOMEM;

	mutex_init(&the_dev.lock);
	get_random_bytes(the_dev.table, sizeof(the_dev.table));

	snapshots = kmem_cache_create("prng_snapshot", sizeof(u64), 0, 0, NULL);
	if (!snapshots)
		goto nothing;
	failed = alloc_chrdev_region(&the_dev.number, 0, NDEVS, "prng");
	if (failed)
		goto cache;
	cdev_init(&the_dev.cdev, &fops);
	the_dev.cdev.owner = THIS_MODULE;
	failed = cdev_add(&the_dev.cdev, the_dev.number, NDEVS);
	if (failed)
		goto numbers;
	pr_info("prng: %d devices of major %d\n", NDEVS, MAJOR(the_dev.number));
	return 0;

numbers:
	unregister_chrdev_region(the_dev.number, NDEVS);
cache:
	kmem_cache_destroy(snapshots);
nothing:
	return failed;
}

static void __exit prng_exit(void)
{
	cdev_del(&the_dev.cdev);
	unregister_chrdev_region(the_dev.number, NDEVS);
	kmem_cache_destroy(snapshots);
}

MODULE_LICENSE("GPL");
module_init(prng_init);
module_exit(prng_exit);
