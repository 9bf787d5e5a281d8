// SPDX-License-Identifier: GPL-2.0
/*
 * ruler - an endless text: the byte at position n is the last digit of n
 *
 * insmod ruler.ko pause=10    waits so many ms in each read, to let others in
 */

#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>

#define PIECE 64 /* bytes that are made at a time */

static unsigned int pause;
module_param(pause, uint, 0444);
MODULE_PARM_DESC(pause, "ms to wait in each read");

static void ruler_fill(char *piece, loff_t pos, size_t count)
{
	size_t i;
	u32 digit;

	for (i = 0; i < count; i++) {
		div_u64_rem(pos + i, 10, &digit);
		piece[i] = '0' + digit;
	}
}

static ssize_t ruler_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	char piece[PIECE];
	size_t want, got;
	ssize_t done = 0;

	if (pause)
		msleep(pause);
	while (iov_iter_count(to)) {
		want = min(sizeof(piece), iov_iter_count(to));
		ruler_fill(piece, iocb->ki_pos, want);
		got = copy_to_iter(piece, want, to);
		iocb->ki_pos += got;
		done += got;
		if (got < want) /* the program's memory ends here */
			return done ?: -EFAULT;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

static const struct file_operations ruler_fops = {
	.owner = THIS_MODULE,
	.llseek = no_seek_end_llseek,
	.read_iter = ruler_read_iter,
};

static struct miscdevice ruler_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ruler",
	.fops = &ruler_fops,
	.mode = 0444,
};

static int __init ruler_init(void)
{
	return misc_register(&ruler_device);
}

static void __exit ruler_exit(void)
{
	misc_deregister(&ruler_device);
}

module_init(ruler_init);
module_exit(ruler_exit);

MODULE_DESCRIPTION("An endless text of digits");
MODULE_LICENSE("GPL");
