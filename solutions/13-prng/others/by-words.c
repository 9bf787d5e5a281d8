// SPDX-License-Identifier: GPL-2.0
// Staff-only: abbf19c0d238
/* Ten random streams: whole words are made, and what was asked for is cut out. */

#define pr_fmt(fmt) "prng: " fmt

#include <linux/cdev.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#define STREAMS 10
#define STREAM_BYTES (1 << 20)
#define GOLDEN 0x9E3779B97F4A7C15ULL

struct source {
	spinlock_t lock;
	u64 start;
};

static struct source sources[STREAMS];
static struct cdev *chardev;
static dev_t first;

static void fill(__le64 *words, u64 state, unsigned int n)
{
	while (n--) {
		u64 mixed;

		state += GOLDEN;
		mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9ULL;
		mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
		*words++ = cpu_to_le64(mixed ^ (mixed >> 31));
	}
}

static int source_open(struct inode *node, struct file *filp)
{
	struct source *src = &sources[MINOR(node->i_rdev)];
	u64 *copy;

	copy = kzalloc(sizeof(u64), GFP_KERNEL);
	if (copy == NULL)
		return -ENOMEM;
	spin_lock(&src->lock);
	*copy = src->start;
	spin_unlock(&src->lock);
	filp->private_data = copy;
	return 0;
}

static int source_close(struct inode *node, struct file *filp)
{
	u64 *copy = filp->private_data;

	filp->private_data = NULL;
	kfree(copy);
	return 0;
}

static ssize_t source_read(struct file *filp, char __user *to, size_t len,
			   loff_t *off)
{
	u64 start = *(u64 *)filp->private_data;
	u64 pos = *off;
	__le64 words[32];
	ssize_t copied;

	if (pos > STREAM_BYTES)
		pos = STREAM_BYTES;
	if (len > STREAM_BYTES - pos)
		len = STREAM_BYTES - pos;

	for (copied = 0; len > 0;) {
		unsigned int skip = pos & 7;
		size_t n = min_t(size_t, len, sizeof(words) - skip);
		size_t missed;

		fill(words, start + (pos >> 3) * GOLDEN,
		     DIV_ROUND_UP(skip + n, sizeof(*words)));
		missed = copy_to_user(to + copied, (char *)words + skip, n);
		if (missed == n)
			return copied ? copied : -EFAULT;
		copied += n - missed;
		pos += n - missed;
		*off = pos;
		if (missed)
			break;
		len -= n;
	}
	return copied;
}

static loff_t source_seek(struct file *filp, loff_t where, int how)
{
	return generic_file_llseek_size(filp, where, how, STREAM_BYTES,
					STREAM_BYTES);
}

static bool well_formed(const char *text, size_t len)
{
	return strlen(text) == len && *text >= '0' && *text <= '9';
}

static ssize_t source_write(struct file *filp, const char __user *from,
			    size_t len, loff_t *off)
{
	struct source *src = &sources[MINOR(file_inode(filp)->i_rdev)];
	ssize_t ret = -EINVAL;
	u64 number;
	char *text;

	if (len == 0)
		return 0;
	if (len >= 32)
		return -EINVAL;

	text = memdup_user_nul(from, len);
	if (IS_ERR(text))
		return PTR_ERR(text);
	if (well_formed(text, len))
		ret = kstrtou64(text, 0, &number);
	if (ret == 0) {
		spin_lock(&src->lock);
		src->start = number;
		spin_unlock(&src->lock);
		ret = len;
	}
	kfree(text);
	return ret;
}

static const struct file_operations source_ops = {
	.llseek = source_seek,
	.open = source_open,
	.owner = THIS_MODULE,
	.read = source_read,
	.release = source_close,
	.write = source_write,
};

static int __init source_start(void)
{
	struct source *src;
	int ret = alloc_chrdev_region(&first, 0, STREAMS, "prng");

	if (ret < 0)
		return ret;

	for (src = sources; src < sources + STREAMS; src++) {
		spin_lock_init(&src->lock);
		get_random_bytes(&src->start, sizeof(src->start));
	}

	ret = -ENOMEM;
	chardev = cdev_alloc();
	if (chardev) {
		chardev->owner = THIS_MODULE;
		chardev->ops = &source_ops;
		ret = cdev_add(chardev, first, STREAMS);
		if (ret < 0)
			kobject_put(&chardev->kobj);
	}
	if (ret < 0)
		unregister_chrdev_region(first, STREAMS);
	else
		pr_notice("here, as major %d\n", MAJOR(first));
	return ret;
}

static void __exit source_stop(void)
{
	cdev_del(chardev);
	unregister_chrdev_region(first, STREAMS);
}

module_init(source_start);
module_exit(source_stop);

MODULE_DESCRIPTION("Random streams, word by word");
MODULE_LICENSE("GPL");
