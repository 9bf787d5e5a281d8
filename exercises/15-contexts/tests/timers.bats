#!/usr/bin/env bats
# The two timers: what they record, and that they stop when they are told to.

load ../../lib/vm
load ledger

setup() {
	vm_start
	ledger_ready
}

# bats test_tags=points:5,todo:5,id:timer,needs:read,cpus:1
@test "the timer records in softirq context, once a period, until it is stopped" {
	local before
	assert_equal "$(sets timer_ms 8)" 1
	run -0 count_to 20 softirq
	assert_equal "$(sets timer_ms 0)" 1
	before=$(counts)
	run -0 vm_sh "usleep 100000; cut -d ' ' -f 3- /tmp/lines | sort -u"
	assert_output 'softirq timer'
	assert_equal "$(counts)" "$before"
}

# bats test_tags=points:5,todo:6,id:hrtimer,needs:read
@test "the hrtimer records in hardirq context, once a period, until it is stopped" {
	local before
	assert_equal "$(sets hrtimer_us 1500)" 4
	run -0 count_to 20 hardirq
	assert_equal "$(sets hrtimer_us 0)" 1
	before=$(counts)
	run -0 vm_sh "usleep 100000; cut -d ' ' -f 3- /tmp/lines | sort -u"
	assert_output 'hardirq hrtimer'
	assert_equal "$(counts)" "$before"
}

# bats test_tags=points:3,todo:5,cpus:1
@test "timer_ms takes 0 to 1000, and a new period takes effect at once" {
	assert_equal "$(sets timer_ms 1000 1001 -1 x 0x1 '' 99999999999 $'5\n')" \
		'4 -EINVAL -EINVAL -EINVAL -EINVAL 0 -EINVAL 2'
	assert_equal "$(vm_get "$FILES/timer_ms" -)" 5
	run -0 count_to 3 softirq
	sets timer_ms 1000
	run -0 vm_run cat "$FILES/timer_ms"
	assert_output 1000
}

# bats test_tags=points:3,todo:6,cpus:1
@test "hrtimer_us takes 0 and 200 to 1000000, and a new period takes effect at once" {
	assert_equal "$(sets hrtimer_us 1000000 1000001 199 1 -1 x 99999999999 $'700\n')" \
		'7 -EINVAL -EINVAL -EINVAL -EINVAL -EINVAL -EINVAL 4'
	assert_equal "$(vm_get "$FILES/hrtimer_us" -)" 700
	run -0 count_to 3 hardirq
	sets hrtimer_us 1000000
	run -0 vm_run cat "$FILES/hrtimer_us"
	assert_output 1000000
}

# bats test_tags=points:6,todo:5,needs:timer
@test "stopping the timer waits for the firing that is going on" {
	caught timer stop
	assert_output '1 over'
	sets timer_ms 3
	run -0 count_to 3 softirq
}

# bats test_tags=points:6,todo:6,needs:hrtimer
@test "stopping the hrtimer waits for the firing that is going on" {
	caught hrtimer stop
	assert_output '1 over'
	sets hrtimer_us 900
	run -0 count_to 3 hardirq
}

# bats test_tags=points:7,todo:7,needs:timer
@test "rmmod in the middle of the timer's firing waits, and nothing fires afterwards" {
	caught timer rmmod
	assert_output '0 over'
	vm_unload stall
}

# bats test_tags=points:7,todo:7,needs:hrtimer
@test "rmmod in the middle of the hrtimer's firing waits, and nothing fires afterwards" {
	caught hrtimer rmmod
	assert_output '0 over'
	vm_unload stall
}
