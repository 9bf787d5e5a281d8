#!/usr/bin/env bats
# The log: what of it is read, who has room in it, and who waits for it.

load ../../lib/vm
load later

setup() {
	vm_start
	later_ready
}

# bats test_tags=points:4,todo:4,needs:taskwork
@test "a read gives whole lines, as many as fit, and loses none" {
	io 'open /dev/later rw' 'write task_work x5' 'read 0' 'read 19' 'read-bad 64' 'read-edge 64 25' \
		'read 59' 'read 64' 'read 64'
	assert_equal "$(results)" '3 12 0 -EINVAL -EFAULT 20 40 40 0'
	assert_equal "$(lines | cut -d ' ' -f 1-3 | uniq -c | tr -s ' ')" ' 5 task_work task io'
}

# bats test_tags=points:6,todo:2,needs:taskwork
@test "the log has room for 256 lines, those of calls to come included" {
	local calls rest
	random_between calls 2 200
	rest=$((ROOM - calls))
	io 'open /dev/later rw' "write timer 400 x$calls" "write task_work x$((rest + 1))" \
		"write task_work x$rest" 'write work' 'read 30' 'write work x2' 'write irq_work' 'write work'
	assert_equal "$(results | cut -d ' ' -f 3-)" "-ENOSPC $((11 + ${#rest})) -ENOSPC 20 -ENOSPC 8 -ENOSPC"
	io 'open /dev/later rw' "sleep $((400 * calls + 500))" 'read 9000' "write task_work x$ROOM" 'write work' \
		'read 9000' 'read 1'
	assert_equal "$(results | cut -d ' ' -f 4-5,7)" '14 -ENOSPC 0'
	assert_equal "$(lines | cut -d ' ' -f 1 | uniq -c | tr -s ' ' | paste -sd ';')" \
		" $((rest - 1)) task_work; 1 irq_work; $calls timer; $ROOM task_work"
}

# bats test_tags=points:7,todo:7,needs:timer
@test "poll tells when there is a line, or room, and wakes who waits for it" {
	local mechanism ms
	vm_helper await
	for mechanism in timer hrtimer delayed_work; do
		delay ms 20 60
		run -0 vm_run await line "$mechanism $ms"
		assert_output --regexp '^0 1 0 [0-9]+$'
		((${output##* } >= ms && ${output##* } <= ms + 20)) ||
			fail "a line that is due in $ms ms was there after ${output##* } ms"
	done
	run -0 vm_run await line task_work
	assert_output --regexp '^0 1 0 [0-9]$'
	io 'open /dev/later rw' "write task_work x$ROOM"
	run -0 vm_run await room
	assert_output --regexp '^0 1 (4[89]|5[0-9]|6[0-9])$'
}
