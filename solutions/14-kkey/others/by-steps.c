// SPDX-License-Identifier: GPL-2.0
// Staff-only: 27613ccf8ce3
/* The skeleton, filled in step by step. */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/param.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <asm/unaligned.h>

#define KKEY_KEYS 128 /* one for each MIDI note */
#define KKEY_EVENTS 16384 /* what the recorder holds */
#define KKEY_TEXT_MAX SZ_64K /* bytes in the longest write */

#define MIDI_NOTE_OFF 0x80 /* on channel 0, as the next one */
#define MIDI_NOTE_ON 0x90
#define MIDI_VELOCITY 64
#define MIDI_TEMPO 500000 /* microseconds in a quarter note */
#define MIDI_DELTA_MAX 0x0fffffff /* the most that four times 7 bits hold */

#define SONG_CHUNK 8 /* bytes in front of a chunk: name and length */
#define SONG_HEADER (SONG_CHUNK + 6)
#define SONG_FRAME (SONG_HEADER + SONG_CHUNK + 7 + 4) /* tempo, end of track */
#define SONG_EVENT 7 /* the longest: 4 bytes of time, 3 of message */

/* A key that went down or up, and when. */
struct kkey_event {
	u64 when; /* jiffies since boot */
	u8 note;
	bool down;
};

/* What an open file reads: a MIDI file that no longer changes. */
struct kkey_song {
	size_t size; /* bytes of data that are in use */
	u8 data[];
};

static dev_t kkey_base; /* the first of our device numbers */
static struct cdev kkey_cdev; /* one for all keys */

/* The recorder: 256 KiB that come and go with the module. */
static struct kkey_event kkey_events[KKEY_EVENTS];
static unsigned int kkey_count; /* events that are in it */

/* there is no room, but a wrong byte behind the last that fits goes first */
static int kkey_refuse(const char *from, const char *end)
{
	while (from < end && strchr("01\n", *from) && *from)
		from++;
	return from < end ? -EINVAL : -ENOSPC;
}

/*
 * Records a text of @len bytes, each 1, 0 or a new line, for the key @note: all
 * of it, or nothing.  Returns 0, -EINVAL for another byte, -ENOSPC for too many.
 */
static int kkey_record(u8 note, const char *text, size_t len)
{
	unsigned int room = KKEY_EVENTS - kkey_count;
	struct kkey_event *next = &kkey_events[kkey_count];
	const char *c;

	for (c = text; c < text + len; c++) {
		switch (*c) {
		case '\n':
			break;
		case '0':
		case '1':
			if (!room)
				return kkey_refuse(c, text + len);
			room--;
			break;
		default:
			return -EINVAL;
		}
	}

	for (c = text; c < text + len; c++) {
		if (*c != '\n') {
			next->when = get_jiffies_64();
			next->note = note;
			next->down = *c - '0';
			next++;
		}
	}
	kkey_count = KKEY_EVENTS - room;
	return 0;
}

static ssize_t kkey_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	unsigned int note = iminor(file_inode(file));
	ssize_t ret = -EFAULT;
	char *kbuf;

	if (count > KKEY_TEXT_MAX)
		return -EINVAL;
	if (count == 0)
		return 0;

	kbuf = kvmalloc(count, GFP_KERNEL);
	if (!kbuf)
		return -ENOMEM;
	if (!copy_from_user(kbuf, buf, count)) {
		ret = kkey_record(note, kbuf, count);
		if (ret == 0)
			ret = count;
	}
	kvfree(kbuf);
	return ret;
}

/*
 * Writes @ticks at @at as a variable-length quantity: 7 bits a byte, the highest
 * first, the top bit set in all bytes but the last; no byte more than it takes.
 * Returns where the next byte goes.
 */
static u8 *kkey_put_delta(u8 *at, u64 ticks)
{
	u8 bytes[4];
	int n = 0;

	if (ticks > MIDI_DELTA_MAX)
		ticks = MIDI_DELTA_MAX;

	do {
		bytes[n++] = ticks % 128;
		ticks /= 128;
	} while (ticks > 0);

	while (n-- > 0)
		*at++ = bytes[n] | (n > 0 ? 0x80 : 0);
	return at;
}

/* Writes one event, @ticks after the one before it. */
static u8 *kkey_put_event(u8 *at, u64 ticks, const struct kkey_event *event)
{
	at = kkey_put_delta(at, ticks);
	*at++ = event->down ? MIDI_NOTE_ON : MIDI_NOTE_OFF;
	*at++ = event->note;
	*at++ = MIDI_VELOCITY;
	return at;
}

/* Begins a chunk of @size bytes, the name and this number not counted. */
static u8 *kkey_put_chunk(u8 *at, const char *name, u32 size)
{
	memcpy(at, name, 4);
	put_unaligned_be32(size, at + 4);
	return at + SONG_CHUNK;
}

static u8 *kkey_put_header(u8 *at)
{
	static const u8 format_and_tracks[] = { 0, 0, 0, 1 };

	at = kkey_put_chunk(at, "MThd", SONG_HEADER - SONG_CHUNK);
	memcpy(at, format_and_tracks, sizeof(format_and_tracks));
	at[4] = (HZ / 2) >> 8;
	at[5] = (HZ / 2) & 0xff;
	return at + 6;
}

static u8 *kkey_put_tempo(u8 *at)
{
	const u8 tempo[] = { 0,
			     0xff,
			     0x51,
			     0x03,
			     (MIDI_TEMPO >> 16) & 0xff,
			     (MIDI_TEMPO >> 8) & 0xff,
			     MIDI_TEMPO & 0xff };

	memcpy(at, tempo, sizeof(tempo));
	return at + sizeof(tempo);
}

static u8 *kkey_put_end(u8 *at)
{
	static const u8 end_of_track[] = { 0, 0xff, 0x2f, 0 };

	memcpy(at, end_of_track, sizeof(end_of_track));
	return at + sizeof(end_of_track);
}

/* The first @count events, each after the ticks that passed since the last. */
static u8 *kkey_put_events(u8 *at, unsigned int count)
{
	const struct kkey_event *event = kkey_events;
	const struct kkey_event *end = event + count;
	u64 before = count ? kkey_events[0].when : 0;

	for (; event < end; event++) {
		at = kkey_put_event(at, event->when - before, event);
		before = event->when;
	}
	return at;
}

/* Takes the first @count events out of the recorder. */
static void kkey_forget(unsigned int count)
{
	unsigned int i;

	for (i = count; i < kkey_count; i++)
		kkey_events[i - count] = kkey_events[i];
	kkey_count = kkey_count - count;
}

/* Makes a song of what was recorded, and empties the recorder; NULL: no memory. */
static struct kkey_song *kkey_render(void)
{
	unsigned int count = kkey_count;
	size_t room = SONG_FRAME + count * SONG_EVENT;
	struct kkey_song *song;
	u8 *at, *track;

	song = kvmalloc(struct_size(song, data, room), GFP_KERNEL);
	if (!song)
		return NULL;

	/* That may have slept.  What came meanwhile has no room and stays. */
	count = min(count, kkey_count);

	track = kkey_put_header(song->data);
	at = kkey_put_chunk(track, "MTrk", 0);
	at = kkey_put_tempo(at);
	at = kkey_put_events(at, count);
	at = kkey_put_end(at);
	put_unaligned_be32(at - (track + SONG_CHUNK), track + 4);
	song->size = at - song->data;

	kkey_forget(count);
	return song;
}

static ssize_t kkey_read(struct file *file, char __user *buf, size_t count,
			 loff_t *ppos)
{
	struct kkey_song *song = file->private_data;
	size_t left;

	if (count == 0)
		return 0;

	if (!song) {
		song = kkey_render();
		if (!song)
			return -ENOMEM;
		file->private_data = song;
	}

	if (*ppos >= song->size)
		return 0;
	if (count > song->size - *ppos)
		count = song->size - *ppos;
	left = copy_to_user(buf, song->data + *ppos, count);
	if (left == count)
		return -EFAULT;
	*ppos += count - left;
	return count - left;
}

static int kkey_release(struct inode *inode, struct file *file)
{
	struct kkey_song *song = file->private_data;

	if (song)
		kvfree(song);
	return 0;
}

static const struct file_operations kkey_fops = {
	.owner = THIS_MODULE,
	.read = kkey_read,
	.write = kkey_write,
	.release = kkey_release,
};

/* Names the mode of a node; a returned name would replace that of the device. */
static char *kkey_devnode(struct device *dev, umode_t *mode)
{
	if (mode != NULL)
		*mode = 0666;
	return NULL;
}

static struct class kkey_class = {
	.name = "kkey",
	.owner = THIS_MODULE,
	.devnode = kkey_devnode,
};

/* Makes the device of @note, and with it /dev/kkeyN; 0 or a negative errno. */
static int kkey_make_key(unsigned int note)
{
	struct device *key;
	dev_t number = MKDEV(MAJOR(kkey_base), note);

	key = device_create(&kkey_class, NULL, number, NULL, "kkey%d", note);
	if (IS_ERR(key))
		return PTR_ERR(key);
	return 0;
}

/* Removes the devices of the first @count notes. */
static void kkey_remove_keys(unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		device_destroy(&kkey_class, MKDEV(MAJOR(kkey_base), i));
}

static int __init kkey_init(void)
{
	unsigned int note;
	int err;

	err = alloc_chrdev_region(&kkey_base, 0, KKEY_KEYS, "kkey");
	if (err) {
		pr_err("no device numbers: error %d\n", err);
		return err;
	}

	cdev_init(&kkey_cdev, &kkey_fops);
	kkey_cdev.owner = THIS_MODULE;
	err = cdev_add(&kkey_cdev, kkey_base, KKEY_KEYS);
	if (err) {
		pr_err("cannot add the devices: error %d\n", err);
		goto out_region;
	}

	err = class_register(&kkey_class);
	if (err) {
		pr_err("no class %s: error %d\n", kkey_class.name, err);
		goto out_cdev;
	}

	/* Last: a node that appears is used, by udev to begin with. */
	for (note = 0; note < KKEY_KEYS; note++) {
		err = kkey_make_key(note);
		if (err) {
			pr_err("no key %u: error %d\n", note, err);
			goto out_keys;
		}
	}
	return 0;

out_keys:
	kkey_remove_keys(note);
	class_unregister(&kkey_class);
out_cdev:
	cdev_del(&kkey_cdev);
out_region:
	unregister_chrdev_region(kkey_base, KKEY_KEYS);
	return err;
}

static void __exit kkey_exit(void)
{
	kkey_remove_keys(KKEY_KEYS);
	class_unregister(&kkey_class);
	cdev_del(&kkey_cdev);
	unregister_chrdev_region(kkey_base, KKEY_KEYS);
}

module_init(kkey_init);
module_exit(kkey_exit);

MODULE_DESCRIPTION("A keyboard of 128 devices that reads as a MIDI file");
MODULE_LICENSE("GPL");
