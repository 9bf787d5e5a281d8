// SPDX-License-Identifier: GPL-2.0
/*
 * board - a text that lives as long as anybody has it open
 *
 * The first open makes the board, the others share it, and the last close,
 * whoever does it, takes it down.
 */

#include <linux/fs.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define BOARD_SIZE 64 /* bytes of text */

struct board {
	refcount_t users; /* open files */
	struct mutex lock; /* guards what follows */
	size_t len;
	char text[BOARD_SIZE];
};

static struct board *board_now; /* NULL while nobody has it open */
static DEFINE_MUTEX(board_lock); /* guards the pointer */

/* A board for one more open file; NULL when there is no memory. */
static struct board *board_get(void)
{
	struct board *board;

	mutex_lock(&board_lock);
	board = board_now;
	if (board) {
		refcount_inc(&board->users);
	} else {
		board = kzalloc(sizeof(*board), GFP_KERNEL);
		if (board) {
			refcount_set(&board->users, 1);
			mutex_init(&board->lock);
			board_now = board;
		}
	}
	mutex_unlock(&board_lock);
	return board;
}

/* One open file less; the last one takes the board down. */
static void board_put(struct board *board)
{
	if (!refcount_dec_and_mutex_lock(&board->users, &board_lock))
		return;
	board_now = NULL; /* from here on nobody can find it */
	mutex_unlock(&board_lock);
	kfree(board);
}

static int board_open(struct inode *inode, struct file *file)
{
	file->private_data = board_get();
	return file->private_data ? 0 : -ENOMEM;
}

static int board_release(struct inode *inode, struct file *file)
{
	board_put(file->private_data);
	return 0;
}

static ssize_t board_read(struct file *file, char __user *buf, size_t count,
			  loff_t *ppos)
{
	struct board *board = file->private_data;
	char text[BOARD_SIZE];
	size_t len;

	mutex_lock(&board->lock);
	len = board->len;
	memcpy(text, board->text, len);
	mutex_unlock(&board->lock);
	return simple_read_from_buffer(buf, count, ppos, text, len);
}

static ssize_t board_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *ppos)
{
	struct board *board = file->private_data;
	char text[BOARD_SIZE];

	if (count > sizeof(text))
		return -EMSGSIZE;
	if (copy_from_user(text, buf, count))
		return -EFAULT;

	mutex_lock(&board->lock);
	memcpy(board->text, text, count);
	board->len = count;
	mutex_unlock(&board->lock);
	return count;
}

static const struct file_operations board_fops = {
	.owner = THIS_MODULE,
	.open = board_open,
	.release = board_release,
	.read = board_read,
	.write = board_write,
	.llseek = default_llseek,
};

static struct miscdevice board_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "board",
	.fops = &board_fops,
	.mode = 0600,
};

static int __init board_init(void)
{
	return misc_register(&board_device);
}

static void __exit board_exit(void)
{
	misc_deregister(&board_device);
}

module_init(board_init);
module_exit(board_exit);

MODULE_DESCRIPTION("A text that lives as long as anybody has it open");
MODULE_LICENSE("GPL");
