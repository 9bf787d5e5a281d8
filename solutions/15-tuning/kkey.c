// SPDX-License-Identifier: GPL-2.0
// Staff-only: 918a8fca68ac
/*
 * kkey - the kernel's keyboard, tuned by class files and safe on many CPUs
 *
 * /dev/kkey0 to /dev/kkey127 are the keys: writing 1 presses one, 0 releases
 * it.  The recorder keeps all that is played; reading any key takes it out as
 * a Standard MIDI File.  /sys/class/kkey has velocity, tempo, events, dropped
 * and hold.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cdev.h>
#include <linux/compiler.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>

#include <asm/unaligned.h>

#define KKEY_KEYS 128
#define KKEY_EVENTS 16384 /* that the recorder has room for */
#define KKEY_TEXT_MAX 32768 /* bytes in the longest write */
#define KKEY_HOLD_MAX 10000 /* ms for which the recorder can be held */

#define KKEY_HEAD 29 /* bytes before the first event: headers and tempo */
#define KKEY_TRACK 22 /* bytes before the track, whose length precedes it */
#define KKEY_EVENT_MAX 7 /* bytes of an event: four of them say when */
#define KKEY_TAIL 4 /* bytes of the end of the track */
#define KKEY_DELTA_MAX 0x0fffffff /* what four bytes can say */
#define KKEY_MINUTE 60000000 /* us, to make a tempo of beats a minute */

struct kkey_event {
	u64 when; /* jiffies */
	u8 key;
	u8 velocity;
	bool pressed;
};

/* What an open file plays: nothing before its first read. */
struct kkey_song {
	u8 *data;
	size_t size;
};

static dev_t kkey_base; /* the first of our device numbers */
static struct cdev kkey_cdev; /* one for all keys */

#ifdef SOLUTION
/* Guards the recorder; never held while user memory is touched. */
static DEFINE_MUTEX(kkey_mutex);
#else
/* TODO 4: a mutex for the two that follow. */
#endif

/* The recorder. */
static struct kkey_event kkey_events[KKEY_EVENTS];
static unsigned int kkey_count;

#ifdef SOLUTION
/*
 * Numbers that stand for themselves need no mutex: who reads one meanwhile may
 * get the old or the new value.  READ_ONCE() and WRITE_ONCE() say so.
 */
static int kkey_velocity = 64;
static int kkey_tempo = 120; /* beats a minute */
#else
/* TODO 1: the values of velocity and tempo, 64 and 120 at load. */
#endif

#ifdef SOLUTION
static atomic64_t kkey_dropped = ATOMIC64_INIT(0); /* events without room */
#else
/* TODO 3: how many events were refused; several CPUs may add to it at once. */
#endif

#ifdef SOLUTION
/*
 * kkey_lock() - takes the recorder for a call on @file
 *
 * Returns 0; -EAGAIN when the recorder is taken and @file must not wait for it;
 * -ERESTARTSYS when a signal came first.
 */
static int kkey_lock(struct file *file)
{
	if (file->f_flags & O_NONBLOCK)
		return mutex_trylock(&kkey_mutex) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&kkey_mutex) ? -ERESTARTSYS : 0;
}
#else
/*
 * TODO 4: a function that takes the recorder for a call on a file: O_NONBLOCK
 * in its f_flags decides between two ways to lock.
 */
#endif

/* How many events the @count bytes of @text are; -EINVAL when they are not. */
static int kkey_digits(const char *text, size_t count)
{
	int digits = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (text[i] == '0' || text[i] == '1')
			digits++;
		else if (text[i] != '\n')
			return -EINVAL;
	}
	return digits;
}

/*
 * kkey_record() - adds the @digits events of @text to the recorder, or none
 *
 * The caller has the recorder.  Returns 0, or -ENOSPC.
 */
static int kkey_record(u8 key, const char *text, size_t count, int digits)
{
	unsigned int at = kkey_count;
	u64 now = get_jiffies_64();
#ifdef SOLUTION
	u8 velocity = READ_ONCE(kkey_velocity);
#else
	/* TODO 2: the velocity that is set now, the same for all of a write. */
	u8 velocity = 64;
#endif
	size_t i;

	if (digits > KKEY_EVENTS - at) {
#ifdef SOLUTION
		atomic64_add(digits, &kkey_dropped);
#else
		/* TODO 3: these events are dropped: count them. */
#endif
		return -ENOSPC;
	}
	for (i = 0; i < count; i++) {
		struct kkey_event *event = &kkey_events[at];

		if (text[i] == '\n')
			continue;
		event->when = now;
		event->key = key;
		event->velocity = velocity;
		event->pressed = text[i] == '1';
		at++;
	}
#ifdef SOLUTION
	/* Plain reads of it are made under the mutex; events_show() is not. */
	WRITE_ONCE(kkey_count, at);
#else
	/* TODO 3: the class file events reads it whenever it likes. */
	kkey_count = at;
#endif
	return 0;
}

static ssize_t kkey_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	u8 key = iminor(file_inode(file));
	char *text;
	int digits, err;

	if (!count)
		return 0;
	if (count > KKEY_TEXT_MAX)
		return -EINVAL;
	text = memdup_user(buf, count);
	if (IS_ERR(text))
		return PTR_ERR(text);

	digits = kkey_digits(text, count);
	if (digits < 0) {
		err = digits;
		goto out_free;
	}
#ifdef SOLUTION
	err = kkey_lock(file);
	if (err)
		goto out_free;
	err = kkey_record(key, text, count, digits);
	mutex_unlock(&kkey_mutex);
#else
	/* TODO 4: two writers must not be in kkey_record() at once. */
	err = kkey_record(key, text, count, digits);
#endif

out_free:
	kfree(text);
	return err ? err : count;
}

/* A variable-length quantity: seven bits a byte, the high ones first. */
static u8 *kkey_put_delta(u8 *at, u32 delta)
{
	int shift;

	for (shift = 21; shift > 0; shift -= 7)
		if (delta >> shift)
			*at++ = 0x80 | (delta >> shift & 0x7f);
	*at++ = delta & 0x7f;
	return at;
}

/* Everything before the first event, but for the length of the track. */
static u8 *kkey_put_head(u8 *at)
{
#ifdef SOLUTION
	u32 beat = KKEY_MINUTE / READ_ONCE(kkey_tempo);
#else
	/* TODO 2: us in a quarter note, at the tempo that is set now. */
	u32 beat = KKEY_MINUTE / 120;
#endif

	/* Length 6, format 0, one track; then ticks in a quarter note. */
	memcpy(at, "MThd\0\0\0\6\0\0\0\1", 12);
	put_unaligned_be16(HZ / 2, at + 12);
	memcpy(at + 14, "MTrk\0\0\0\0", 8);
	memcpy(at + 22, "\0\xff\x51\3", 4);
	put_unaligned_be24(beat, at + 26);
	return at + KKEY_HEAD;
}

/*
 * kkey_render() - makes @song of all that is recorded, and empties the recorder
 *
 * The caller has the recorder.  Returns 0, or -ENOMEM with all as it was.
 */
static int kkey_render(struct kkey_song *song)
{
	unsigned int count = kkey_count, i;
	u8 *data, *at;

	data = kvmalloc(KKEY_HEAD + count * KKEY_EVENT_MAX + KKEY_TAIL,
			GFP_KERNEL);
	if (!data)
		return -ENOMEM;

	at = kkey_put_head(data);
	for (i = 0; i < count; i++) {
		const struct kkey_event *event = &kkey_events[i];
		u64 delta = i ? event->when - event[-1].when : 0;

		at = kkey_put_delta(at, min_t(u64, delta, KKEY_DELTA_MAX));
		*at++ = event->pressed ? 0x90 : 0x80;
		*at++ = event->key;
		*at++ = event->velocity;
	}
	memcpy(at, "\0\xff\x2f", KKEY_TAIL); /* its own NUL included */
	at += KKEY_TAIL;
	put_unaligned_be32(at - data - KKEY_TRACK, data + KKEY_TRACK - 4);

	song->data = data;
	song->size = at - data;
#ifdef SOLUTION
	WRITE_ONCE(kkey_count, 0);
#else
	/* TODO 3: as at the end of kkey_record(). */
	kkey_count = 0;
#endif
	return 0;
}

static ssize_t kkey_read(struct file *file, char __user *buf, size_t count,
			 loff_t *ppos)
{
	struct kkey_song *song = file->private_data;
	int err = 0;

	if (!count)
		return 0;
#ifdef SOLUTION
	/* Two threads may share the file: only one of them makes the song. */
	err = kkey_lock(file);
	if (err)
		return err;
	if (!song->data)
		err = kkey_render(song);
	mutex_unlock(&kkey_mutex);
#else
	/*
	 * TODO 5: nobody may record while a song is made, and two threads
	 * that share the file must not make two songs of it.
	 */
	if (!song->data)
		err = kkey_render(song);
#endif
	if (err)
		return err;

	/* From here on the song does not change, until the last close(). */
	return simple_read_from_buffer(buf, count, ppos, song->data,
				       song->size);
}

static int kkey_open(struct inode *inode, struct file *file)
{
	struct kkey_song *song = kzalloc(sizeof(*song), GFP_KERNEL);

	if (!song)
		return -ENOMEM;
	file->private_data = song;
	return 0;
}

static int kkey_release(struct inode *inode, struct file *file)
{
	struct kkey_song *song = file->private_data;

	kvfree(song->data);
	kfree(song);
	return 0;
}

static const struct file_operations kkey_fops = {
	.owner = THIS_MODULE,
	.open = kkey_open,
	.release = kkey_release,
	.read = kkey_read,
	.write = kkey_write,
};

#ifdef SOLUTION
/* A decimal number from @low to @high into @value, or -EINVAL. */
static int kkey_parse(const char *text, int low, int high, int *value)
{
	int number;

	/* Too large for an int is out of range, like any other number. */
	if (kstrtoint(text, 10, &number) || number < low || number > high)
		return -EINVAL;
	*value = number;
	return 0;
}

static ssize_t velocity_show(struct class *class, struct class_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(kkey_velocity));
}

static ssize_t velocity_store(struct class *class, struct class_attribute *attr,
			      const char *buf, size_t count)
{
	int value, err = kkey_parse(buf, 1, 127, &value);

	if (err)
		return err;
	WRITE_ONCE(kkey_velocity, value);
	return count;
}
static CLASS_ATTR_RW(velocity);

static ssize_t tempo_show(struct class *class, struct class_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(kkey_tempo));
}

static ssize_t tempo_store(struct class *class, struct class_attribute *attr,
			   const char *buf, size_t count)
{
	int value, err = kkey_parse(buf, 20, 300, &value);

	if (err)
		return err;
	WRITE_ONCE(kkey_tempo, value);
	return count;
}
static CLASS_ATTR_RW(tempo);
#else
/*
 * TODO 1: the class files velocity and tempo: a _show() and a _store() each,
 * and CLASS_ATTR_RW() below them.
 */
#endif

#ifdef SOLUTION
static ssize_t events_show(struct class *class, struct class_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(kkey_count));
}
static CLASS_ATTR_RO(events);

static ssize_t dropped_show(struct class *class, struct class_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%lld\n", atomic64_read(&kkey_dropped));
}
static CLASS_ATTR_RO(dropped);
#else
/* TODO 3: the class files events and dropped, which nobody can write. */
#endif

#ifdef SOLUTION
static ssize_t hold_store(struct class *class, struct class_attribute *attr,
			  const char *buf, size_t count)
{
	int ms, err = kkey_parse(buf, 1, KKEY_HOLD_MAX, &ms);
	unsigned long left;

	if (err)
		return err;
	if (mutex_lock_interruptible(&kkey_mutex))
		return -ERESTARTSYS;
	left = msleep_interruptible(ms);
	mutex_unlock(&kkey_mutex);

	/* No restart here: it would begin the whole time anew. */
	return left ? -EINTR : count;
}
static CLASS_ATTR_WO(hold);
#else
/* TODO 6: the class file hold, which nobody can read. */
#endif

#ifdef SOLUTION
static struct attribute *kkey_class_attrs[] = {
	&class_attr_velocity.attr, /* 0644 */
	&class_attr_tempo.attr,
	&class_attr_events.attr, /* 0444 */
	&class_attr_dropped.attr,
	&class_attr_hold.attr, /* 0200 */
	NULL,
};
#else
/*
 * TODO 1: in front of the NULL, the address of the member attr of each
 * class_attr_NAME that CLASS_ATTR_RW(NAME) has defined; steps 3 and 6 add theirs.
 */
static struct attribute *kkey_class_attrs[] = {
	NULL,
};
#endif
ATTRIBUTE_GROUPS(kkey_class);

static char *kkey_devnode(struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0666;
	return NULL;
}

/* Its files come and go with it: nobody ever sees the class without them. */
static struct class kkey_class = {
	.name = "kkey",
	.owner = THIS_MODULE,
	.class_groups = kkey_class_groups,
	.devnode = kkey_devnode,
};

/* Removes the nodes of the first @count keys. */
static void kkey_remove_keys(unsigned int count)
{
	while (count--)
		device_destroy(&kkey_class, kkey_base + count);
}

static int __init kkey_make_keys(void)
{
	struct device *key;
	unsigned int k;

	for (k = 0; k < KKEY_KEYS; k++) {
		key = device_create(&kkey_class, NULL, kkey_base + k, NULL,
				    "kkey%u", k);
		if (IS_ERR(key)) {
			kkey_remove_keys(k);
			return PTR_ERR(key);
		}
	}
	return 0;
}

static int __init kkey_init(void)
{
	int err;

	err = alloc_chrdev_region(&kkey_base, 0, KKEY_KEYS, "kkey");
	if (err) {
		pr_err("no device numbers: error %d\n", err);
		return err;
	}
	err = class_register(&kkey_class);
	if (err) {
		pr_err("cannot register the class: error %d\n", err);
		goto out_region;
	}
	cdev_init(&kkey_cdev, &kkey_fops);
	kkey_cdev.owner = THIS_MODULE;
	err = cdev_add(&kkey_cdev, kkey_base, KKEY_KEYS);
	if (err) {
		pr_err("cannot add the device: error %d\n", err);
		goto out_class;
	}
	err = kkey_make_keys();
	if (err) {
		pr_err("cannot make the nodes: error %d\n", err);
		goto out_cdev;
	}

	pr_info("major %u, %d keys\n", MAJOR(kkey_base), KKEY_KEYS);
	return 0;

out_cdev:
	cdev_del(&kkey_cdev);
out_class:
	class_unregister(&kkey_class);
out_region:
	unregister_chrdev_region(kkey_base, KKEY_KEYS);
	return err;
}

static void __exit kkey_exit(void)
{
	kkey_remove_keys(KKEY_KEYS);
	cdev_del(&kkey_cdev);
	/* Waits for those who are in one of its files. */
	class_unregister(&kkey_class);
	unregister_chrdev_region(kkey_base, KKEY_KEYS);
}

module_init(kkey_init);
module_exit(kkey_exit);

MODULE_DESCRIPTION("A keyboard of 128 devices that records what is played");
MODULE_LICENSE("GPL");
