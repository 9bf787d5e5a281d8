#!/usr/bin/env bats
# What a read tells: the functions that were under way when the file was opened.

load ../../lib/vm
load openpath

setup() { openpath_ready; }

# bats test_tags=points:6,todo:2,needs:read
@test "an open that finds no memory gives ENOMEM and keeps nothing" {
	vm_sweep io 'open /dev/openpath r'
}

# bats test_tags=points:8,todo:3,id:read
@test "a read gives one function a line, by its name, the driver's own first" {
	local line
	run -0 vm_run cat /dev/openpath
	for line in "${lines[@]}"; do
		[[ $line =~ ^[A-Za-z_][A-Za-z0-9_.]*(' ['[a-z_]+']')?$ ]] ||
			fail "no name of a function: $line"
	done
	assert_line --index 0 'openpath_open [openpath]'
	assert_line --index 1 misc_open
	io 'open /dev/openpath r' 'pread 4096 0'
	[[ $(bytes) == *0a ]] || fail 'the last line has no end'
}

# bats test_tags=points:9,todo:3,needs:read,kernel:stock,kernel:debug
@test "the way goes from the driver out to the system call, nothing left out" {
	local known
	known='openpath_open \[openpath\]|misc_open|chrdev_open|do_dentry_open|path_openat'
	known+='|do_filp_open|do_sys_openat2|sys_openat|do_syscall_64|entry_SYSCALL_64_after_hwframe'
	ways 'openat r /dev openpath' 'read 3'
	assert_equal "$(way 3 | sed 's/^__[a-z0-9]*_sys_/sys_/' | grep -xE "$known" | uniq)" \
		"$(printf '%s\n' 'openpath_open [openpath]' misc_open chrdev_open do_dentry_open \
			path_openat do_filp_open do_sys_openat2 sys_openat do_syscall_64 \
			entry_SYSCALL_64_after_hwframe)"
	assert_equal "$(way 3 | tail -n 1)" entry_SYSCALL_64_after_hwframe
}

# bats test_tags=points:8,todo:3,needs:read,kernel:stock,kernel:debug
@test "every file remembers the way of its own open, whoever reads it, and when" {
	local calls=(open openat openat2) line=() drawn=() first=$RANDOM call k
	for k in 3 4 5 6 7 8; do
		call=${calls[(first + (k < 6 ? k : RANDOM)) % 3]} # each of them at least once
		drawn+=("$call")
		case $call in
		open) line+=('open r /dev/openpath') ;;
		openat) line+=('openat r /dev openpath') ;;
		openat2) line+=('openat2 r - /dev openpath') ;;
		esac
	done
	ways "${line[@]}" 'read 7' 'read 3' 'read 8' 'read 5' 'read 4' 'read 6'
	for k in 3 4 5 6 7 8; do
		assert_equal "$k $(system_call "$(way $k)")" "$k ${drawn[k - 3]}"
	done
	# shellcheck disable=SC2016
	run -0 vm_sh 'exec 3</dev/openpath 4</dev/openpath; cat <&3; cat <&4'
	assert_equal "$(grep -c do_filp_open <<<"$output") $(grep -c read <<<"$output")" '2 0'
}

# bats test_tags=points:4,todo:3,needs:read
@test "the text may be read in pieces, and what a bad pointer missed is not lost" {
	local whole
	io 'open /dev/openpath r' 'pread 4096 0'
	whole=$(bytes)
	io 'open /dev/openpath r' 'read 7' 'read 0' 'read 1' 'read-bad 9' 'read-edge 50 5' \
		'read 4096' 'read 1'
	assert_equal "$(results)" "3 7 0 1 -EFAULT 5 $((${#whole} / 2 - 13)) 0"
	assert_equal "$(bytes)" "$whole"
	io 'open /dev/openpath r' 'pread 20 30' 'pread 20 4096' 'read 30'
	assert_equal "$(bytes)" "${whole:60:40}${whole:0:60}"
}
