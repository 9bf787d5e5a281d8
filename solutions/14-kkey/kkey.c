// SPDX-License-Identifier: GPL-2.0
// Staff-only: 862076dd0d4d
/*
 * kkey - the kernel's keyboard: 128 keys, one recorder, one MIDI file
 *
 * Loading makes /dev/kkey0 to /dev/kkey127, a node for each MIDI note.  Writing
 * 1 presses a key and 0 releases it; the recorder notes the jiffy.  Reading any
 * node gives what was played as a Standard MIDI File, and empties the recorder.
 *
 * The recorder has no lock, so it is for one player at a time.  Locks are the
 * subject of exercise 15-tuning.
 */

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

/*
 * Records a text of @len bytes, each 1, 0 or a new line, for the key @note: all
 * of it, or nothing.  Returns 0, -EINVAL for another byte, -ENOSPC for too many.
 */
static int kkey_record(u8 note, const char *text, size_t len)
{
#ifdef SOLUTION
	u64 now = get_jiffies_64();
	size_t digits = 0, i;

	for (i = 0; i < len; i++) {
		if (text[i] == '0' || text[i] == '1')
			digits++;
		else if (text[i] != '\n')
			return -EINVAL;
	}
	if (digits > KKEY_EVENTS - kkey_count)
		return -ENOSPC;

	/* From here on nothing can fail. */
	for (i = 0; i < len; i++) {
		if (text[i] == '\n')
			continue;
		kkey_events[kkey_count++] = (struct kkey_event){
			.when = now,
			.note = note,
			.down = text[i] == '1',
		};
	}
	return 0;
#else
	/*
	 * TODO 5: is every byte right, and is there room for all the digits?
	 * Only then put an event into kkey_events for each of them.
	 */
	return -EINVAL;
#endif
}

static ssize_t kkey_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
#ifdef SOLUTION
	char *text;
	int err;

	if (!count)
		return 0;
	if (count > KKEY_TEXT_MAX)
		return -EINVAL;
	text = memdup_user(buf, count);
	if (IS_ERR(text))
		return PTR_ERR(text);

	/* The minor is the note: the cdev covers 0 to 127 only. */
	err = kkey_record(iminor(file_inode(file)), text, count);
	kfree(text);
	return err ? err : count;
#else
	/*
	 * TODO 5: copy the text into memory of the kernel (memdup_user() does
	 * it all), and have it recorded for this node's note.
	 */
	return kkey_record(0, "", 0);
#endif
}

/*
 * Writes @ticks at @at as a variable-length quantity: 7 bits a byte, the highest
 * first, the top bit set in all bytes but the last; no byte more than it takes.
 * Returns where the next byte goes.
 */
static u8 *kkey_put_delta(u8 *at, u64 ticks)
{
#ifdef SOLUTION
	u32 delta = min_t(u64, ticks, MIDI_DELTA_MAX);
	int shift;

	for (shift = 21; shift; shift -= 7)
		if (delta >> shift)
			*at++ = 0x80 | (delta >> shift & 0x7f);
	*at++ = delta & 0x7f;
	return at;
#else
	/* TODO 8: cut to MIDI_DELTA_MAX, then one to four bytes. */
	*at++ = 0;
	return at;
#endif
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
	at = kkey_put_chunk(at, "MThd", SONG_HEADER - SONG_CHUNK);
#ifdef SOLUTION
	put_unaligned_be16(0, at); /* format 0: everything in one track */
	put_unaligned_be16(1, at + 2); /* tracks */

	/* HZ / 2 ticks in half a second: a tick is a jiffy. */
	put_unaligned_be16(HZ / 2, at + 4);
#else
	/* TODO 7: format, number of tracks, ticks in a quarter note. */
	memset(at, 0, 6);
#endif
	return at + 6;
}

static u8 *kkey_put_tempo(u8 *at)
{
#ifdef SOLUTION
	at = kkey_put_delta(at, 0);
	*at++ = 0xff;
	*at++ = 0x51;
	*at++ = 3;
	put_unaligned_be24(MIDI_TEMPO, at);
	return at + 3;
#else
	/* TODO 7: after 0 ticks, the event that sets MIDI_TEMPO. */
	return at;
#endif
}

static u8 *kkey_put_end(u8 *at)
{
#ifdef SOLUTION
	/* An event like any other, so it has a delta, too. */
	at = kkey_put_delta(at, 0);
	*at++ = 0xff;
	*at++ = 0x2f;
	*at++ = 0;
	return at;
#else
	/* TODO 7: after 0 ticks, the end of the track. */
	return at;
#endif
}

/* The first @count events, each after the ticks that passed since the last. */
static u8 *kkey_put_events(u8 *at, unsigned int count)
{
	const struct kkey_event *event = kkey_events;
	const struct kkey_event *end = event + count;

	for (; event < end; event++) {
#ifdef SOLUTION
		/* The song begins with its first key, not at boot. */
		u64 last = event > kkey_events ? event[-1].when : event->when;

		at = kkey_put_event(at, event->when - last, event);
#else
		/* TODO 8: how many ticks lie between this event and the last? */
		at = kkey_put_event(at, 0, event);
#endif
	}
	return at;
}

/* Takes the first @count events out of the recorder. */
static void kkey_forget(unsigned int count)
{
#ifdef SOLUTION
	kkey_count -= count;
	memmove(kkey_events, kkey_events + count,
		kkey_count * sizeof(kkey_events[0]));
#else
	/* TODO 6: the others, if there are any, move to the front. */
#endif
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
#ifdef SOLUTION
	/* Only now is it known how long the track is. */
	kkey_put_chunk(track, "MTrk", at - track - SONG_CHUNK);
#else
	/* TODO 7: put the right length into the head of the track. */
#endif
	song->size = at - song->data;

	kkey_forget(count);
	return song;
}

static ssize_t kkey_read(struct file *file, char __user *buf, size_t count,
			 loff_t *ppos)
{
	struct kkey_song *song = file->private_data;

#ifdef SOLUTION
	if (!count)
		return 0;
#else
	/* TODO 6: who reads nothing must not empty the recorder. */
#endif

	if (!song) {
		song = kkey_render();
		if (!song)
			return -ENOMEM;
#ifdef SOLUTION
		file->private_data = song;
#else
		/* TODO 6: keep it with the open file; here it is lost. */
		kvfree(song);
		return 0;
#endif
	}
#ifdef SOLUTION
	return simple_read_from_buffer(buf, count, ppos, song->data,
				       song->size);
#else
	/* TODO 6: copy what is at *ppos, and move *ppos: see <linux/fs.h>. */
	return 0;
#endif
}

static int kkey_release(struct inode *inode, struct file *file)
{
#ifdef SOLUTION
	/* NULL when nobody has read; kvfree() does not mind. */
	kvfree(file->private_data);
	return 0;
#else
	/* TODO 6: the last close() is the end of the song. */
	return 0;
#endif
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
#ifdef SOLUTION
	/* NULL when a node goes: nobody wants to know its mode then. */
	if (mode)
		*mode = 0666;
	return NULL;
#else
	/* TODO 4: everybody may play: read and write for all. */
	return NULL;
#endif
}

static struct class kkey_class = {
	.name = "kkey",
	.owner = THIS_MODULE,
	.devnode = kkey_devnode,
};

/* Makes the device of @note, and with it /dev/kkeyN; 0 or a negative errno. */
static int kkey_make_key(unsigned int note)
{
#ifdef SOLUTION
	struct device *dev = device_create(&kkey_class, NULL, kkey_base + note,
					   NULL, "kkey%u", note);

	/* Never NULL: a failure is an error number in place of a pointer. */
	return PTR_ERR_OR_ZERO(dev);
#else
	/* TODO 2: a device of kkey_class; what comes back is no NULL. */
	return 0;
#endif
}

/* Removes the devices of the first @count notes. */
static void kkey_remove_keys(unsigned int count)
{
#ifdef SOLUTION
	while (count--)
		device_destroy(&kkey_class, kkey_base + count);
#else
	/* TODO 2: what kkey_make_key() has made. */
#endif
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

#ifdef SOLUTION
	err = class_register(&kkey_class);
#else
	/* TODO 1: make kkey_class known to the kernel, and to /sys. */
	err = 0;
#endif
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
#ifdef SOLUTION
	kkey_remove_keys(note);
	class_unregister(&kkey_class);
#else
	/* TODO 3: key number `note` has failed; undo what came before it. */
#endif
out_cdev:
	cdev_del(&kkey_cdev);
out_region:
	unregister_chrdev_region(kkey_base, KKEY_KEYS);
	return err;
}

static void __exit kkey_exit(void)
{
	kkey_remove_keys(KKEY_KEYS);
#ifdef SOLUTION
	class_unregister(&kkey_class);
#else
	/* TODO 1: the class goes when its devices have gone. */
#endif
	cdev_del(&kkey_cdev);
	unregister_chrdev_region(kkey_base, KKEY_KEYS);
}

module_init(kkey_init);
module_exit(kkey_exit);

MODULE_DESCRIPTION("A keyboard of 128 devices that reads as a MIDI file");
MODULE_LICENSE("GPL");
