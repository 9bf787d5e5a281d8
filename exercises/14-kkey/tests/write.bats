#!/usr/bin/env bats
# What a key takes and what it refuses: all of a write, or nothing.

load ../../lib/vm
load kkey

k=0 song='' # a note, drawn for each test; what listen hears

setup() {
	kkey_ready
	random_between k 0 127
}

# bats test_tags=points:3,todo:5,kernel:stock
@test "a write takes ones, zeros and new lines, and returns its whole length" {
	io "open /dev/kkey$k w" 'write 1' $'write 0\n' $'write 1\n\n0\n' $'write \n' \
		'write 101010' "open /dev/kkey$(((k + 1) % 128)) rw" $'write 1\n'
	assert_equal "$(results)" '3 1 2 5 1 6 4 2'
}

# bats test_tags=points:3,todo:5,kernel:stock
@test "a byte that is no one, zero or new line gives EINVAL" {
	io "open /dev/kkey$k w" 'write 1' 'write 2' 'write  1' 'write 1 ' 'write -1' \
		'write on' $'write 1\r\n' 'write /' 'write :' 'writehex 3100' \
		'writehex 00' 'writehex 01' 'writehex b1' "write $(printf '10%.0s' {1..99})x"
	assert_equal "$(results)" "3 1$(printf ' %.0s-EINVAL' {1..13})"
}

# bats test_tags=points:3,todo:8,kernel:stock,kernel:debug
@test "a write that is refused records nothing at all" {
	io "open /dev/kkey$k w" 'write 1' 'write 0101x' 'write 1 0' 'writehex 303100' \
		'write-bad 4' 'write-edge 2 1010' 'write 0'
	assert_equal "$(results)" '3 1 -EINVAL -EINVAL -EINVAL -EFAULT -EFAULT 1'
	listen "$k"
	assert_equal "$(played)" "on $k off $k"
}

# bats test_tags=points:3,todo:5,kernel:stock
@test "a write from a bad pointer gives EFAULT" {
	io "open /dev/kkey$k w" 'write 1' 'write-bad 1' 'write-bad 65536' \
		'write-edge 3 10101' 'write 0'
	assert_equal "$(results)" '3 1 -EFAULT -EFAULT -EFAULT 1'
}

# bats test_tags=points:2,todo:5,kernel:stock
@test "one write has at most 65536 bytes" {
	local text=$BATS_TEST_TMPDIR/text
	printf '%65536s' 10 | tr ' ' '\n' >"$text"
	vm_put "$text" /text
	run -0 vm_run dd if=/text "of=/dev/kkey$k" bs=65536
	printf '\n' >>"$text"
	vm_put "$text" /text
	run vm_run dd if=/text "of=/dev/kkey$k" bs=65537
	assert_failure
	assert_output --partial 'Invalid argument'
}

# bats test_tags=points:5,todo:8,kernel:stock,kernel:debug
@test "the recorder holds 16384 events, and what does not fit gives ENOSPC" {
	local few many
	random_between few 2 9
	many=$(printf "%$((EVENTS - few))s" '' | tr ' ' 1)
	io "open /dev/kkey$k rw" "write $many" "write 0000000000" "write ${many:0:few}0" \
		"write ${many:0:few}" 'write 1' $'write \n' 'write 0'
	assert_equal "$(results)" \
		"3 $((EVENTS - few)) -ENOSPC -ENOSPC $few -ENOSPC 1 -ENOSPC"
	listen "$k"
	assert_equal "$(sed '1d; s/^[0-9]* //' <<<"$song" | uniq -c | xargs)" "$EVENTS on $k"
	vm_write "/dev/kkey$k" 01
	listen "$k"
	assert_equal "$(played)" "off $k on $k"
}

# bats test_tags=points:3,todo:8,kernel:stock
@test "a write without memory gives ENOMEM and records nothing" {
	local call expected=''
	for call in $(calls "$ALLOCATORS"); do
		fail_memory "$call"
		io "open /dev/kkey$k w" 'write 1'
		vm_run rmmod failfn
		[[ $(results) =~ ^3\ (1|-ENOMEM)$ ]] || fail "$call fails: $output"
		[[ $output == *-ENOMEM ]] || expected+="on $k "
	done
	vm_write "/dev/kkey$k" 0
	listen "$k"
	assert_equal "$(played)" "${expected}off $k"
}
