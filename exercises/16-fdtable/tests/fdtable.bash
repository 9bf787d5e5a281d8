# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# What the tests of this exercise share.

DEVICE=/dev/fdtable
export DEVICE

# fdtable_ready() - loads fdtable, and puts the helpers at hand
fdtable_ready() {
	vm_helper io fds
	vm_load fdtable
}

# fds(OPERATION...) - tasks do as they are told, see fds.c; $output has it all
fds() {
	run --separate-stderr vm_run fds "$@"
	printf '%s\n' "$output" "$stderr"
	assert_equal "$status" 0
}

# gave() - the results of the last fds, on one line
gave() {
	sed -n '/^| /!s/.* = //p' <<<"$output" | paste -sd ' '
}

# judge(VERB, ARGUMENTS...) - runs fdtable.py, on the host, on the last fds
judge() {
	/usr/bin/python3 -I -S "$BATS_TEST_DIRNAME/fdtable.py" "$@" <<<"$output"
}

# shared() - the lists of the last fds, a line for each, in short
#
#     users 1: 0 A 2 /tmp/x, 1 A 2 /tmp/x, 2 B 1 /tmp/x
#
# Descriptor, identity as a letter, references, path.
shared() {
	judge shared || fail 'these lists cannot be read'
}

# assert_lists(LINE...) - the lists of the last fds, as shared shows them
assert_lists() {
	assert_equal "$(shared)" "$(printf '%s\n' "$@")"
}

# text() - what the reads of the last io brought, as text
text() {
	bytes | /usr/bin/python3 -I -S -c 'import sys; print(bytes.fromhex(sys.stdin.read()).decode(), end="")'
}
