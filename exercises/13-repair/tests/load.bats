#!/usr/bin/env bats
# Loading, unloading, and the ways in which loading can fail.

load ../../lib/vm
load kdlpdev

setup() {
	vm_start
	vm_helper io
	vm_put "$MODULES/kdlpdev.ko" /kdlpdev.ko
}

# bats test_tags=points:8,todo:2
@test "rmmod removes the driver, and insmod brings it back" {
	local major
	for _ in first second; do
		io 'insmod /kdlpdev.ko'
		assert_equal "$(results)" 0
		major=$(kdlpdev_major)
		[[ $major ]] || fail '/proc/devices does not show kdlpdev'
		vm_sh "[ -e /dev/kdlpdev0 ] || mknod /dev/kdlpdev0 c $major 0"
		io 'rmmod kdlpdev' 'open /dev/kdlpdev0 r'
		assert_equal "$(results)" '0 -ENXIO'
		assert_equal "$(kdlpdev_major)" ''
	done
}

# bats test_tags=points:8,todo:7
@test "without device numbers insmod says why, and there is no device" {
	local errors=(EBUSY ENOSPC EEXIST) numbers=(16 28 17) drawn=$((RANDOM % 3))
	vm_helper failfn
	vm_insmod failfn function=alloc_chrdev_region "error=-${numbers[drawn]}" \
		module=kdlpdev
	io 'insmod /kdlpdev.ko'
	assert_equal "$(results)" "-${errors[drawn]}"
	vm_run sh -c '! grep kdlpdev /proc/modules /proc/devices'
}

# bats test_tags=points:9,todo:8
@test "whatever step of loading fails, insmod says why and nothing stays" {
	vm_sweep insmod kdlpdev
}

# bats test_tags=points:8,todo:9
@test "rmmod is refused while a program has a device open" {
	kdlpdev_ready
	io 'open /dev/kdlpdev0 r' 'rmmod kdlpdev' close 'rmmod kdlpdev'
	assert_equal "$(results)" '3 -EAGAIN 0 0'
}

# bats test_tags=points:9,todo:10,kernel:debug
@test "rmmod takes the device away, then its numbers, and touches neither again" {
	kdlpdev_ready
	vm_helper failfn
	vm_insmod failfn function=cdev_del,unregister_chrdev_region error=0,0 nth=-1 \
		module=kdlpdev
	vm_unload kdlpdev
	run -0 vm_run cat /sys/kernel/debug/failfn
	assert_equal "$(awk '{ print $2 }' <<<"$output" | paste -sd ' ')" \
		'cdev_del unregister_chrdev_region'
}
