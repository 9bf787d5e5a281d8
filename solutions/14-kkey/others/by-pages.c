// SPDX-License-Identifier: GPL-2.0
// Staff-only: 4afb27c8e4c8
/* A keyboard that reads as music, from the specification and nothing else. */

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/uaccess.h>

#define NOTES 128
#define CAPACITY 16384
#define MOST_TEXT 65536
#define LARGEST_DELTA 0x0fffffffULL

/* The state of the key is the top bit of its note. */
#define PRESSED 0x80

static u64 *stamps;
static u8 *keys;
static size_t recorded;
static DEFINE_MUTEX(recorder);

static dev_t base;
static struct cdev cdev;

/* What a reader holds; growing is not needed, since the most is known. */
struct midi {
	u8 *bytes;
	size_t used;
};

static void emit(struct midi *m, unsigned int byte)
{
	m->bytes[m->used++] = byte;
}

static void emit_text(struct midi *m, const char *text, size_t len)
{
	while (len--)
		emit(m, *text++);
}

static void emit_length(struct midi *m, size_t where, u32 length)
{
	m->bytes[where] = length >> 24;
	m->bytes[where + 1] = length >> 16;
	m->bytes[where + 2] = length >> 8;
	m->bytes[where + 3] = length;
}

static void emit_delta(struct midi *m, u64 ticks)
{
	if (ticks > LARGEST_DELTA)
		ticks = LARGEST_DELTA;
	if (ticks >= 1 << 21)
		emit(m, 0x80 | ticks >> 21);
	if (ticks >= 1 << 14)
		emit(m, 0x80 | (ticks >> 14 & 0x7f));
	if (ticks >= 1 << 7)
		emit(m, 0x80 | (ticks >> 7 & 0x7f));
	emit(m, ticks & 0x7f);
}

static void compose(struct midi *m)
{
	size_t begin, i;

	emit_text(m, "MThd\0\0\0\6\0\0\0\1", 12);
	emit(m, HZ / 2 / 256);
	emit(m, HZ / 2 % 256);
	emit_text(m, "MTrk\0\0\0\0", 8);
	begin = m->used;
	emit_text(m, "\0\xff\x51\3\x07\xa1\x20", 7);
	for (i = 0; i < recorded; i++) {
		emit_delta(m, i ? stamps[i] - stamps[i - 1] : 0);
		emit(m, keys[i] & PRESSED ? 0x90 : 0x80);
		emit(m, keys[i] & ~PRESSED);
		emit(m, 64);
	}
	emit_text(m, "\0\xff\x2f\0", 4);
	emit_length(m, begin - 4, m->used - begin);
}

static struct midi *take_song(void)
{
	struct midi *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&recorder);
	m->bytes = kvmalloc(64 + recorded * 7, GFP_KERNEL);
	if (m->bytes) {
		compose(m);
		recorded = 0;
	}
	mutex_unlock(&recorder);
	if (m->bytes)
		return m;
	kfree(m);
	return ERR_PTR(-ENOMEM);
}

static ssize_t key_read(struct file *f, char __user *to, size_t n, loff_t *pos)
{
	struct midi *m = f->private_data;

	if (!n)
		return 0;
	if (!m) {
		m = take_song();
		if (IS_ERR(m))
			return PTR_ERR(m);
		f->private_data = m;
	}
	return simple_read_from_buffer(to, n, pos, m->bytes, m->used);
}

static ssize_t key_write(struct file *f, const char __user *from, size_t n,
			 loff_t *pos)
{
	u8 note = MINOR(file_inode(f)->i_rdev);
	size_t i, end;
	ssize_t ret = n;
	char *text;

	if (n > MOST_TEXT)
		return -EINVAL;
	if (!n)
		return 0;
	text = memdup_user(from, n);
	if (IS_ERR(text))
		return PTR_ERR(text);

	mutex_lock(&recorder);
	/* Written behind what is there; it counts when all of it was right. */
	for (end = recorded, i = 0; i < n; i++) {
		if (text[i] == '\n')
			continue;
		if (text[i] != '0' && text[i] != '1') {
			ret = -EINVAL;
			break;
		}
		if (end < CAPACITY) {
			stamps[end] = get_jiffies_64();
			keys[end] = note | (text[i] == '1' ? PRESSED : 0);
		}
		end++;
	}
	if (ret > 0 && end > CAPACITY)
		ret = -ENOSPC;
	if (ret > 0)
		recorded = end;
	mutex_unlock(&recorder);
	kfree(text);
	return ret;
}

static int key_close(struct inode *inode, struct file *f)
{
	struct midi *m = f->private_data;

	if (m) {
		kvfree(m->bytes);
		kfree(m);
	}
	return 0;
}

static const struct file_operations key_ops = {
	.owner = THIS_MODULE,
	.write = key_write,
	.read = key_read,
	.release = key_close,
};

static char *all_may_play(struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0666;
	return NULL;
}

static struct class keyboard = {
	.devnode = all_may_play,
	.name = "kkey",
	.owner = THIS_MODULE,
};

static void drop_keys(int n)
{
	int i;

	for (i = n - 1; i >= 0; i--)
		device_destroy(&keyboard, base + i);
}

static int make_keys(void)
{
	struct device *dev;
	int i;

	for (i = 0; i < NOTES; i++) {
		dev = device_create(&keyboard, NULL, base + i, NULL, "kkey%d",
				    i);
		if (IS_ERR(dev)) {
			drop_keys(i);
			return PTR_ERR(dev);
		}
	}
	return 0;
}

static int register_all(void)
{
	int ret;

	ret = alloc_chrdev_region(&base, 0, NOTES, "kkey");
	if (ret)
		return ret;
	cdev_init(&cdev, &key_ops);
	cdev.owner = THIS_MODULE;
	ret = cdev_add(&cdev, base, NOTES);
	if (ret)
		goto no_cdev;
	ret = class_register(&keyboard);
	if (ret)
		goto no_class;
	ret = make_keys();
	if (!ret)
		return 0;
	class_unregister(&keyboard);
no_class:
	cdev_del(&cdev);
no_cdev:
	unregister_chrdev_region(base, NOTES);
	return ret;
}

static void free_recorder(void)
{
	vfree(stamps);
	vfree(keys);
}

static int __init keyboard_init(void)
{
	int ret = -ENOMEM;

	stamps = vzalloc(CAPACITY * sizeof(*stamps));
	keys = vzalloc(CAPACITY);
	if (stamps && keys)
		ret = register_all();
	if (ret)
		free_recorder();
	return ret;
}

static void __exit keyboard_exit(void)
{
	drop_keys(NOTES);
	class_unregister(&keyboard);
	cdev_del(&cdev);
	unregister_chrdev_region(base, NOTES);
	free_recorder();
}

module_init(keyboard_init);
module_exit(keyboard_exit);
MODULE_DESCRIPTION("A keyboard that reads as music");
MODULE_LICENSE("GPL");
