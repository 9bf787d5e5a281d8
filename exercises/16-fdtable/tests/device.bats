#!/usr/bin/env bats
# The device: how it comes and goes, whom it is told to list, and how it is read.

load ../../lib/vm
load ../../lib/io
load fdtable

setup() { vm_start; }

# bats test_tags=points:4,todo:1,id:open
@test "loading makes /dev/fdtable for root alone; rmmod is refused while it is open" {
	fdtable_ready
	run -0 vm_run stat -c '%a %F' "$DEVICE"
	assert_output '600 character special file'
	io "open $DEVICE rw" "open $DEVICE r" 'rmmod fdtable' 'close 3' 'rmmod fdtable' 'close 4' \
		'rmmod fdtable' 'insmod /lib/fdtable.ko' "open $DEVICE r" close 'rmmod fdtable'
	assert_equal "$(results)" '3 4 -EAGAIN 0 -EAGAIN 0 0 0 3 0 0'
	run -0 vm_run find /dev /sys/class -name '*fdtable*'
	assert_output ''
}

# bats test_tags=points:2
@test "when a step of init fails, insmod gives its error and nothing stays" {
	vm_sweep insmod fdtable
}

# bats test_tags=points:5,todo:1
@test "open gives ENOMEM when there is no memory, and the next one works" {
	vm_sweep --prepare fdtable_ready io "open $DEVICE rw" 'write 1' 'read 4000'
}

# bats test_tags=points:6,todo:2
@test "a write takes the PID of a task that is there, in decimal, and nothing else" {
	fdtable_ready
	io "open $DEVICE rw" 'write 1' $'write 1\n' 'write 000000000000001' 'write 0000000000000001' \
		'write 0' 'write 4194305' 'write 99999999999' 'write 4294967297' 'write -1' 'write x' \
		'write 1x' 'write  1' 'write 1 ' 'write 0x1' $'write 1\n\n' 'writehex 310031' 'write' \
		'write-bad 1' 'write-edge 1 12' 'write-bad 0' 'read 11'
	assert_equal "$(results)" "3 1 2 15 -EINVAL$(printf ' %.0s-ESRCH' {1..4})$(printf ' %.0s-EINVAL' {1..8}) 0 -EFAULT -EFAULT 0 11"
	assert_equal "$(text)" 'pid 1 users'
	# a number that only a process group has
	fds 'me fork a' 'a group' 'a fork b' 'a exit' 'me reap a' 'me list a' 'me list b'
	assert_equal "$(gave | cut -d ' ' -f 2,4-)" '0 0 0 -ESRCH 1'
}

# bats test_tags=points:5,todo:3
@test "without a PID the reader is listed, and each open file has a PID of its own" {
	local me
	fdtable_ready
	fds 'me fork a' 'a thread b' 'a list nobody' 'b list nobody' 'me list b' 'me list a'
	me=$(sed -n 's/^me fork a = //p' <<<"$output")
	[[ $output == *"a list nobody = 2"$'\n'"| pid $me users 2"$'\n'"| 0 0"* ]]
	assert_equal "$(sed -n 's/^| pid \([0-9]*\) .*/\1/p' <<<"$output" | sort | uniq -c | tr -s ' ' | cut -d ' ' -f 2 | paste -sd ' ')" '2 2'
	io "open $DEVICE rw" 'write 1' "open $DEVICE rw" 'write 2' 'use 3' 'read 6' 'use 4' 'write x' 'read 6'
	assert_equal "$(text)" 'pid 1 pid 2 '
}

# bats test_tags=points:8,todo:4
@test "a list of a thousand descriptors can be read in pieces of any size" {
	local count size first
	fdtable_ready
	random_between count 960 1000
	random_between size 6 90
	random_between first 5 900
	fds 'me fork a' "a many $count /tmp/file" "a close $first" 'me list a' "me list a $size" 'me proc a'
	run judge proc
	assert_success
	# four times the same, but for the references: PID 1 is at work
	io "open $DEVICE rw" 'write 1' 'read 0' 'read-bad 50' "read $size" 'read 4000' 'read 10' \
		'lseek 0 set' 'read 4000' 'pread 4000 0' 'write 1' 'read 4000'
	assert_equal "$(results | cut -d ' ' -f 1-5,7)" "3 1 0 -EFAULT $size 0"
	assert_equal "$(text | cut -d ' ' -f 1-3,5- | sort | uniq -c | awk '{ print $1 % 4 }' | sort -u)" 0
}
