#!/usr/bin/env bats
# Loading, unloading, what open() needs, and the log.

load ../../lib/vm
load lifetime

setup() { vm_start; }

# bats test_tags=points:5,todo:1
@test "loading makes /dev/lifetime and /proc/lifetime; rmmod waits for the last close" {
	lifetime_ready
	run -0 vm_run stat -c '%a %F' /dev/lifetime /proc/lifetime
	assert_output "$(printf '%s\n' '600 character special file' '444 regular empty file')"
	assert_equal "$(vm_get /proc/lifetime -)" "$NOTHING"
	lives 'a open' 'a dup 3' 'a close 3' 'a rmmod' 'a close 4' 'a rmmod'
	assert_equal "$(results)" '3 4 0 -EAGAIN 0 0'
	run -0 vm_sh 'ls /dev /proc /sys/class/misc | grep lifetime || true'
	assert_output ''
	vm_insmod lifetime
	assert_equal "$(vm_get /proc/lifetime -)" "$NOTHING"
}

# bats test_tags=points:5,todo:1
@test "when a step of init fails, insmod gives its error and nothing stays" {
	vm_sweep insmod lifetime
}

# bats test_tags=points:5,todo:3
@test "open gives ENOMEM when there is no memory" {
	vm_sweep --prepare lifetime_ready io 'open /dev/lifetime rw'
}

# bats test_tags=points:5,todo:2
@test "the log keeps the latest 64 events, and numbers and counts go on" {
	local steps=() opens last k
	random_between opens 22 40
	for ((k = 0; k < opens; k++)); do
		steps+=('a open' 'a close 3')
	done
	lifetime_ready
	lives "${steps[@]}"
	assert_equal "$(counts | sed 's/.*, //')" "$opens $opens $opens 0"
	last=$((3 * opens - 1))
	assert_equal "$(logged | cut -d ' ' -f 1 | paste -sd ' ')" "$(seq -s ' ' $((last - LOG + 1)) $last)"
	assert_equal "$(events $((last - 2)))" "open $opens a call, flush $opens a call, release $opens a call"
	lives 'a open' 'a close 3'
	assert_equal "$(events $((last + 1)))" \
		"open $((opens + 1)) a call, flush $((opens + 1)) a call, release $((opens + 1)) a call"
	assert_equal "$(logged | wc -l)" "$LOG"
}
