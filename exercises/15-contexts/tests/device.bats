#!/usr/bin/env bats
# The device in process context: what is written, read, counted and refused.

load ../../lib/vm
load ledger

setup() { vm_start; }

# bats test_tags=points:2,todo:4,cpus:1
@test "loading makes /dev/ledger and its three files, with nothing in them" {
	ledger_ready
	run -0 vm_sh "stat -c '%a' /dev/ledger; cd $FILES; stat -c '%n %a' counts timer_ms hrtimer_us"
	assert_output "$(printf '%s\n' 600 'counts 444' 'timer_ms 644' 'hrtimer_us 644')"
	assert_equal "$(counts)" 'produced 0 read 0 waiting 0 dropped 0'
	assert_equal "$(vm_get "$FILES/timer_ms" -) $(vm_get "$FILES/hrtimer_us" -)" '0 0'
	assert_equal "$(drain)" ''
}

# bats test_tags=points:1,cpus:1
@test "when a step of init fails, insmod gives its error and nothing stays" {
	vm_sweep insmod ledger
}

# bats test_tags=points:4,todo:7,cpus:1
@test "rmmod is refused while the device is open, and takes all of it away" {
	ledger_ready
	io 'open /dev/ledger rw' 'write a' 'rmmod ledger' close 'rmmod ledger' \
		'insmod /lib/ledger.ko' 'open /dev/ledger r' 'read 80' close 'rmmod ledger'
	assert_equal "$(results)" '3 1 -EAGAIN 0 0 0 3 0 0 0'
	run -0 vm_run find /dev /sys/class -name '*ledger*'
	assert_output ''
}

# bats test_tags=points:5,todo:3,id:read,cpus:1
@test "what is written comes out as lines: number, jiffies, context, memo" {
	local line pattern
	ledger_ready
	io 'open /dev/ledger rw' 'write opening' $'write 17.50\n' 'read 4096' 'read 4096'
	assert_equal "$(results | cut -d ' ' -f 1-3,5)" '3 7 6 0'
	line=$(lines)
	pattern='^0 ([0-9]+) process opening'$'\n''1 ([0-9]+) process 17\.50$'
	[[ $line =~ $pattern ]] || fail "$line"
	((BASH_REMATCH[1] <= BASH_REMATCH[2])) || fail "the jiffies go back: $line"
}

# bats test_tags=points:5,todo:1,cpus:1
@test "a memo has 1 to 15 visible characters, with a new line or without" {
	ledger_ready
	io 'open /dev/ledger rw' 'write 123456789012345' $'write 123456789012345\n' \
		'write 1234567890123456' $'write \n' 'write a b' $'write a\tb' $'write a\n\n' \
		'writehex 610062' 'writehex 61ff' 'writehex 617f' 'write' 'write ~' 'write !'
	assert_equal "$(results)" "3 15 16$(printf ' %.0s-EINVAL' {1..8}) 0 1 1"
	assert_equal "$(counts)" 'produced 4 read 0 waiting 4 dropped 0'
	assert_equal "$(drain | cut -d ' ' -f 4 | paste -sd ' ')" '123456789012345 123456789012345 ~ !'
}

# bats test_tags=points:4,todo:1,cpus:1
@test "a memo that cannot be copied gives EFAULT, and no record" {
	ledger_ready
	io 'open /dev/ledger rw' 'write-bad 3' 'write-edge 4 12345' 'write-bad 0' 'write a'
	assert_equal "$(results)" '3 -EFAULT -EFAULT 0 1'
	assert_equal "$(counts)" 'produced 1 read 0 waiting 1 dropped 0'
}

# bats test_tags=points:5,todo:3,cpus:1
@test "a read gives whole lines, as many as fit, and EINVAL when none does" {
	local one
	ledger_ready
	io 'open /dev/ledger rw' 'write a' 'read 80' 'write b' 'write c' 'write d' 'read 0'
	one=$(results | cut -d ' ' -f 3)
	io 'open /dev/ledger r' "read $((one - 1))" "read $((3 * one - 1))" "read $one" 'read 80'
	assert_equal "$(results)" "3 -EINVAL $((2 * one)) $one 0"
	assert_equal "$(lines | cut -d ' ' -f 1,4 | paste -sd ' ')" '1 b 2 c 3 d'
}

# bats test_tags=points:5,todo:3,cpus:1
@test "a line that could not be delivered is still in the ring" {
	local one
	ledger_ready
	io 'open /dev/ledger rw' 'write a' 'read 80' 'write b' 'write c' 'read-bad 80'
	one=$(results | cut -d ' ' -f 3)
	assert_equal "$(results)" "3 1 $one 1 1 -EFAULT"
	io 'open /dev/ledger r' "read-edge 4096 $((one + 3))" 'read 80'
	assert_equal "$(results)" "3 $one $one"
	assert_equal "$(lines | cut -d ' ' -f 1,4 | paste -sd ' ')" '1 b 2 c'
	assert_equal "$(counts)" 'produced 3 read 3 waiting 0 dropped 0'
}

# bats test_tags=points:5,todo:4,cpus:1
@test "the ring has room for 1024; what finds none is counted, and leaves a gap" {
	ledger_ready
	assert_equal "$(write_many 1 "$ROOM")" ''
	io 'open /dev/ledger rw' 'write x' 'write y' 'write 1 2' 'read 40' 'write z' 'write x'
	assert_equal "$(results | cut -d ' ' -f 2-4,6-)" '-ENOSPC -ENOSPC -EINVAL 1 -ENOSPC'
	assert_equal "$(counts)" "produced $((ROOM + 4)) read 1 waiting $ROOM dropped 3"
	run -0 drain
	assert_equal "${#lines[@]}" "$ROOM"
	assert_equal "$(cut -d ' ' -f 1 <<<"$output" | paste -sd ' ')" "$(seq -s ' ' 1 $((ROOM - 1))) $((ROOM + 2))"
	assert_equal "$(counts)" "produced $((ROOM + 4)) read $((ROOM + 1)) waiting 0 dropped 3"
}
