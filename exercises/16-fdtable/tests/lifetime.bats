#!/usr/bin/env bats
# Tasks and files that go away, before a list, after it, and in the middle.

load ../../lib/vm
load ../../lib/io
load fdtable

setup() {
	vm_start
	fdtable_ready
}

# bats test_tags=points:6,todo:2,kernel:stock,kernel:debug
@test "a task that has gone has nothing open, and who gets its number is somebody else" {
	local pid
	fds 'me fork a' 'a make pipe' 'me aim a' 'me look at' 'a exit' 'me wait a' 'me look at' 'me list a' \
		'me reap a' 'me rcu over' 'me look at' 'me list a' 'me again a b' 'b make eventfd' 'me look at' 'me list b'
	pid=$(sed -n 's/^me fork a = //p' <<<"$output")
	assert_equal "$(gave | cut -d ' ' -f 4-)" "3 0 0 1 1 0 0 1 -ESRCH $pid 0 1 2"
	assert_equal "$(sed -n 's/^| pid //p' <<<"$output" | paste -sd ';')" \
		"$pid users 1;$pid users 0;$pid users 0;$pid users 0;$pid users 0;$pid users 1"
}

# bats test_tags=points:6,todo:4
@test "no file is kept: blocks, pipes and modules are free as soon as they are closed" {
	local free
	fds 'me blocks /tmp' 'me fork a' 'a open rw+creat /tmp/x' 'a fill 0 4' 'a unlink file /tmp/x' 'a make pipe nonblock' \
		"a open r $DEVICE" 'me list a' 'me list a 30' 'me list a' 'a close 0' 'a close 2' 'a read 1' 'a close 3' 'me blocks /tmp'
	free=$(sed -n 's/^me blocks .* = //p' <<<"$output" | sort -u)
	assert_equal "$(shared | uniq | sed 's/[[0-9]*],/,/g')" \
		'users 1: 0 A 1 /tmp/x (deleted), 1 B 1 pipe:, 2 C 1 pipe:, 3 D 1 /dev/fdtable'
	assert_equal "$(gave | cut -d ' ' -f 8-14)" '5 5 5 0 0 0 0'
	[[ $free =~ ^[0-9]+$ ]] || fail "the blocks of the deleted file did not come back: $free"
	io 'rmmod fdtable'
	assert_equal "$(results)" 0
}

# bats test_tags=points:5,todo:3,kernel:stock
@test "no task and no PID is kept: their memory is free when they have gone" {
	local tasks pids brood after_tasks after_pids
	fds 'me brood 5' 'me objects task_struct' 'me objects pid'
	read -r _ tasks pids <<<"$(gave)"
	fds 'me brood 200' "me settle task_struct $((tasks + 50))" "me settle pid $((pids + 80))"
	read -r brood after_tasks after_pids <<<"$(gave)"
	assert_equal "$brood" 0
	((after_tasks <= tasks + 50)) || fail "200 tasks came and went, and $((after_tasks - tasks)) more are in memory"
	((after_pids <= pids + 80)) || fail "200 PIDs came and went, and $((after_pids - pids)) more are in memory"
}

# bats test_tags=points:7,todo:4,kernel:debug,cpus:2
@test "tasks exit, exec and close while they are listed, and every line is whole" {
	local lists longest
	vm_helper churn
	run -0 vm_run churn 15 /tmp/lists
	((output >= 150)) || fail "there were only $output lists"
	output=$(vm_get /tmp/lists -)
	run -0 judge stress
	read -r lists longest <<<"$output"
	((lists >= 150 && longest >= 80)) || fail "$lists lists were kept, of up to $longest descriptors"
}
