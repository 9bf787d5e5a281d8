// SPDX-License-Identifier: GPL-2.0
/*
 * announce.ko - tells the kernel where a virtio-mmio device is.
 *
 * The machine has neither PCI nor ACPI, and Debian's kernel does not read
 * virtio_mmio.device= from its command line, so the agent passes what it reads
 * there to this module, and virtio_mmio finds the platform device.
 */
#include <linux/ioport.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static unsigned long base;
module_param(base, ulong, 0444);
MODULE_PARM_DESC(base, "physical address of the device");

static unsigned long size;
module_param(size, ulong, 0444);
MODULE_PARM_DESC(size, "bytes that the device takes");

static unsigned int irq;
module_param(irq, uint, 0444);
MODULE_PARM_DESC(irq, "interrupt line");

static struct platform_device *device;

static int __init announce_init(void)
{
	struct resource resources[] = {
		DEFINE_RES_MEM(base, size),
		DEFINE_RES_IRQ(irq),
	};

	device = platform_device_register_simple("virtio-mmio", 0, resources,
						 ARRAY_SIZE(resources));
	return PTR_ERR_OR_ZERO(device);
}

static void __exit announce_exit(void)
{
	platform_device_unregister(device);
}

module_init(announce_init);
module_exit(announce_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Announces one virtio-mmio device");
