# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# What the tests of this exercise share.

load ../../lib/io

FILES=/sys/class/misc/ledger
ROOM=1024 # records in the ring
export ROOM

# ledger_ready - loads ledger, and puts the helper at hand
ledger_ready() {
	vm_helper io
	vm_load ledger
}

# lines - what the reads of the last io brought, as text
lines() {
	sed -n 's/^read.* = [0-9]* \([0-9a-f]*\)$/\1/p' <<<"$output" |
		/usr/bin/python3 -I -S -c 'import sys; print(bytes.fromhex(sys.stdin.read()).decode(), end="")'
}

# sets FILE VALUE... - what a write of each VALUE to the file of ledger gave
sets() {
	stores "$FILES/$1" "${@:2}"
}

# counts - what the file counts says
counts() {
	vm_get "$FILES/counts" -
}

# drain - all lines that the ledger has now
drain() {
	vm_run cat /dev/ledger
}

# write_many FIRST LAST - writes the memos m$FIRST to m$LAST; the guest says what
# does not work
write_many() {
	# shellcheck disable=SC2016 # the guest's shell expands it
	vm_sh 'for k in $(seq "$1" "$2"); do printf "m$k" >/dev/ledger; done 2>&1' "$@"
}

# count_to LIMIT CONTEXT - waits until as many records of the context were read,
# but not for ever; they are in /tmp/lines then
count_to() {
	# shellcheck disable=SC2016
	vm_sh 'for k in $(seq 20); do
		cat /dev/ledger >>/tmp/lines
		[ "$(grep -c " $2 " /tmp/lines)" -lt "$1" ] || exit 0
		usleep 40000
	done
	echo "after more than 0.8 s there are only $(grep -c " $2 " /tmp/lines) records in $2 context"; exit 1' "$@"
}

# drain_by_two - two readers, each on a CPU of its own, drain the ring; their lines
# are in $BATS_TEST_TMPDIR/lines0 and lines1
drain_by_two() {
	local file
	vm_helper readers
	run -0 vm_run readers /tmp
	for file in lines0 lines1; do
		vm_get "/tmp/$file" "$BATS_TEST_TMPDIR/$file"
	done
}

# bustle WRITES - everybody at once; holds what came of it against the contract
bustle() {
	local file wrote
	vm_helper bustle
	vm_run mkdir /tmp/bustle
	run -0 vm_run bustle /tmp/bustle "$1" 1 1000
	read -ra wrote <<<"$output"
	for file in lines0 lines1 counts; do
		vm_get "/tmp/bustle/$file" "$BATS_TEST_TMPDIR/$file"
	done
	run /usr/bin/python3 -I -S "$BATS_TEST_DIRNAME/ledger.py" "$BATS_TEST_TMPDIR" "${wrote[@]}" "$(counts)"
	assert_success
}

# caught KIND stop|rmmod - see caught.c
caught() {
	vm_helper caught stall
	run --separate-stderr vm_run caught "$@"
	printf '%s\n' "$output" "$stderr"
	assert_equal "$status" 0
}
