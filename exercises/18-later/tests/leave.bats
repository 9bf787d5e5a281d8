#!/usr/bin/env bats
# Requests that are over, or not yet, when somebody lets go of them; and several
# writers.

load ../../lib/vm
load later

setup() {
	vm_start
	later_ready
}

# bats test_tags=points:9,todo:8,kernel:debug,needs:timer
@test "rmmod with calls pending succeeds at once, and none of them comes" {
	local mechanism ms
	for mechanism in timer hrtimer delayed_work; do
		random_between ms 2000 60000
		io 'open /dev/later w' "write $mechanism $ms x9" close clock 'rmmod later' clock "sleep $((ms + 9000))" \
			'insmod /lib/later.ko'
		assert_equal "$(results | cut -d ' ' -f 5)" 0
		(($(results | cut -d ' ' -f 6) - $(results | cut -d ' ' -f 4) < 1000000)) ||
			fail "rmmod waited for a $mechanism"
	done
	vm_helper hold # which keeps works waiting, too
	vm_insmod hold
	io 'open /dev/later w' 'write work x3' close 'rmmod later' \
		'open /sys/module/hold/parameters/stage r' 'read 1' 'rmmod hold' 'sleep 100'
	assert_equal "$(results) $(bytes)" '3 7 0 0 3 1 0 0 31'
}

# bats test_tags=points:6,todo:3,kernel:debug,needs:taskwork
@test "a task_work that was not called yet keeps the module, closed or not" {
	vm_helper hold leave
	vm_insmod hold task=held
	run -0 vm_run leave task_work
	assert_output '-EAGAIN 0'
}

# bats test_tags=points:7,todo:8,kernel:debug,cpus:2,clock:real,needs:timer
@test "rmmod in the middle of a call waits until it is over" {
	local mechanism
	vm_helper leave stall
	for mechanism in timer hrtimer delayed_work; do
		run -0 vm_run leave "$mechanism"
		assert_output '0 over'
		vm_insmod later
	done
}

# bats test_tags=points:4,todo:8,kernel:debug,needs:taskwork
@test "requests that are over are freed, and nobody touches them afterwards" {
	local round=(
		'write irq_work' 'write task_work' 'write timer 4' 'write work x2' 'write hrtimer 8'
		'sleep 20' 'write delayed_work 4 x2' 'sleep 20' 'read 4096'
	)
	io 'open /dev/later rw' "${round[@]}" "${round[@]}" "${round[@]}"
	assert_equal "$(lines | wc -l)" 24
}

# bats test_tags=points:5,todo:2,kernel:debug,cpus:2,clock:real,needs:timer
@test "two writers on two CPUs: every call has its line, once" {
	vm_helper await
	run -0 vm_sh 'write() { taskset "$1" sh -ec "for m in timer hrtimer delayed_work; do
			for k in 4 8 12; do echo \$m \$k x4 >/dev/later; echo work x4 >/dev/later; done
		done"; }
		write 1 & write 2 & wait
		await lines 144 | cut -d " " -f 1-2 | sort | uniq -c | tr -s " "'
	assert_output ' 24 delayed_work task
 24 hrtimer hardirq
 24 timer softirq
 72 work task'
}
