#!/usr/bin/env bats
# The device: what is asked for, what is refused, and what comes out.

load ../../lib/vm
load later

setup() {
	vm_start
	vm_helper io
	vm_put "$MODULES/later.ko" /lib/later.ko
}

# bats test_tags=points:2,todo:1
@test "rmmod is refused while the device is open, and then leaves no trace" {
	vm_insmod later
	run -0 vm_run stat -c %a /dev/later
	assert_output 600
	io 'open /dev/later rw' 'read 64' 'rmmod later' 'write timer' close 'rmmod later' \
		'insmod /lib/later.ko' 'open /dev/later r' 'read 64' close 'rmmod later'
	assert_equal "$(results)" '3 0 -EAGAIN 5 0 0 0 3 0 0 0'
	run -0 vm_run find /dev /sys/class -name '*later*'
	assert_output ''
}

# bats test_tags=points:2,todo:1,needs:timer
@test "when a step of init fails, insmod gives its error and nothing stays" {
	vm_sweep insmod later
}

# bats test_tags=points:6,todo:3,kernel:stock,needs:taskwork
@test "when a step of write fails, it gives the error and the call does not come" {
	vm_helper failfn
	vm_insmod later
	vm_insmod failfn function=task_work_add error=-3 nth=1 module=later
	io 'open /dev/later rw' "write task_work x$ROOM" 'read 64' "write task_work x$ROOM" 'read 20'
	assert_equal "$(results)" '3 -ESRCH 0 14 20'
	vm_audit # unloads failfn, too
	vm_sweep --prepare 'vm_insmod later' io 'open /dev/later rw' 'write task_work' 'write timer 60000'
}

# bats test_tags=points:6,todo:1,needs:timer
@test "what is no request gives EINVAL, and is none" {
	local bad=(nothing timers Timer 'timer -1' 'timer 60001' 'timer 1 2' 'timer 1x' 'timer 99999999999'
		'timer 4 x0' "timer 4 x$((ROOM + 1))" 'timer 4 x' 'timer 4 x2 x2' 'timer x2' 'hrtimer 0 x2'
		'task_work 1' 'work 0' 'irq_work 5' 'work x2 3' 'work  x2' 'timer 40 x2                     ')
	local writes=()
	for text in "${bad[@]}"; do writes+=("write $text"); done
	vm_insmod later
	io 'open /dev/later rw' "${writes[@]}" $'write \n' 'writehex 776f726b00' 'write' 'write-bad 5' \
		'write-edge 3 timer' 'sleep 70000' 'read 64'
	assert_equal "$(results)" \
		"3$(printf ' %.0s-EINVAL' "${bad[@]}" 1 2) 0 -EFAULT -EFAULT 0 0"
	io 'open /dev/later rw' 'write timer 60000' 'write  irq_work x1 ' 'write delayed_work 0 x1'
	assert_equal "$(results)" '3 11 13 17'
}
