# SPDX-License-Identifier: GPL-2.0
# Nothing is left behind, whoever dies.

load common

is_dead() {
	! kill -0 "$1" 2>/dev/null
}

# supervisor_of_vm() - prints its process; start_named() gives it this name
supervisor_of_vm() {
	pgrep -f "vm start -n $VM_NAME"
}

# start_named(OWNER) - starts this test's VM so that its processes can be found
start_named() {
	"$VM_BUILD/vm" start -n "$VM_NAME" -o "$1" 3>&-
}

@test "when its owner is killed, a VM and its supervisor end" {
	local owner supervisor qemu
	sleep 1000 3>&- &
	owner=$!
	start_named "$owner"
	supervisor=$(supervisor_of_vm)
	qemu=$(pgrep -P "$supervisor")
	kill -KILL "$owner"
	wait_for is_dead "$supervisor"
	wait_for is_dead "$qemu"
	assert_equal "$(evidence end)" owner
}

@test "when the supervisor is killed, QEMU dies with it" {
	local supervisor qemu
	start_named $$
	supervisor=$(supervisor_of_vm)
	qemu=$(pgrep -P "$supervisor")
	kill -KILL "$supervisor"
	wait_for is_dead "$qemu"
	run -125 vm run true
}

@test "when QEMU is killed, the VM counts as ended and can be stopped" {
	start_named $$
	pkill -KILL -P "$(supervisor_of_vm)"
	gone() { [[ -e $BATS_TEST_TMPDIR/$VM_NAME.json ]]; }
	wait_for gone
	assert_equal "$(evidence end)" exit
	run -123 vm run true
	vm stop
	run -125 vm run true
}

@test "a terminal's signals do not reach a VM, whose session is its own" {
	local supervisor
	start_named $$
	supervisor=$(supervisor_of_vm)
	run -0 ps -o sid= "$supervisor"
	assert_output --regexp "^ *$supervisor\$"
	run -0 ps -o sid= "$(pgrep -P "$supervisor")"
	assert_output --regexp "^ *$(pgrep -P "$supervisor")\$"
}

@test "QEMU runs without root's power" {
	[[ $EUID = 0 ]] || skip "only root has power to lose"
	start_named $$
	run -0 ps -o uid= "$(pgrep -P "$(supervisor_of_vm)")"
	assert_output --regexp '^ *65534$'
}

@test "a hundred clones one after the other leave nothing and grow nothing" {
	local i first last
	for ((i = 1; i <= 100; i++)); do
		start
		vm run true
		vm stop
		((i == 1)) && first=$(evidence peak_kib)
	done
	last=$(evidence peak_kib)
	assert [ "$last" -lt $((first * 5 / 4)) ]
	run -1 supervisor_of_vm
}

@test "eight clones run at once, each for itself" {
	local which # not i, which bats' run uses itself
	for which in 1 2 3 4 5 6 7 8; do
		VM_OWNER=$$ vm start -n "$VM_NAME-$which" &
	done
	wait
	for which in 1 2 3 4 5 6 7 8; do
		vm run -n "$VM_NAME-$which" sh -c "echo $which >/number"
	done
	for which in 1 2 3 4 5 6 7 8; do
		run -0 vm run -n "$VM_NAME-$which" cat /number
		assert_output "$which"
		vm stop -n "$VM_NAME-$which"
	done
}
