# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# What the tests of this exercise share.

load ../../lib/io

COUNTS=/sys/module/openpath/parameters
export COUNTS

# openpath_ready() - a VM with openpath loaded and the helpers at hand
openpath_ready() {
	vm_start
	vm_helper io ways
	vm_load openpath
}

# ways(OPERATION...) - opens in other ways than io can, see ways.c
#
# $output has a line for each operation; it is printed too, for the report.
ways() {
	run --separate-stderr vm_run ways "$@"
	printf '%s\n' "$output" "$stderr"
	assert_equal "$status" 0
}

# goes() - reads lines "OPERATION = RESULT, DRIVER", and has ways do the same: the
# guest gets the operations only, and the host compares
goes() {
	local expected operations
	expected=$(</dev/stdin)
	mapfile -t operations <<<"$expected"
	ways "${operations[@]% = *}"
	assert_equal "$output" "$expected"
}

# way(FD) - what the last ways read from this descriptor, a function a line
way() {
	sed -n "s/^read $1 \(.*\), = .*/\1/p" <<<"$output" | tr , '\n'
}

# system_call(WAY) - open, openat or openat2: kernels differ in which of the
# functions behind a system call are left on the stack
system_call() {
	sed -n 's/^__[a-z0-9]*_sys_\(open[at2]*\)$/\1/p' <<<"$1" | uniq
}

# counts() - what the driver has counted: granted and refused
counts() {
	vm_run cat "$COUNTS/opens" "$COUNTS/refused" | paste -sd ' '
}

# node() - what mknod wants for another node of the device: c MAJOR MINOR
node() {
	local numbers
	numbers=$(vm_run stat -c '%t %T' /dev/openpath)
	printf 'c %d %d\n' "0x${numbers% *}" "0x${numbers#* }"
}
