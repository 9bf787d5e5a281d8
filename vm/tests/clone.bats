# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # bats sets output, stderr and status
# Clones: what goes through, and that nothing stays.

load common

@test "a clone runs a command and passes its output on" {
	start
	run -0 --separate-stderr vm run sh -c 'echo out; echo err >&2'
	assert_equal "$output" out
	assert_equal "$stderr" err
}

@test "exit statuses are passed on" {
	local status_wanted
	start
	for status_wanted in 0 1 2 77 255; do
		run -"$status_wanted" vm run sh -c "exit $status_wanted"
	done
}

@test "a command that dies by a signal counts as 128 and its number" {
	start
	run -137 vm run sh -c 'kill -KILL $$'
	run -139 vm run sh -c 'kill -SEGV $$'
}

@test "a command that is not there is 127, one that is no program is 126" {
	start
	run -127 vm run no-such-command
	assert_output --partial "no-such-command: No such file"
	run -126 vm run /proc/version
}

@test "a signal to vm run reaches the command in the guest" {
	start
	"$VM_BUILD/vm" run sh -c \
		'trap "exit 42" TERM; touch /ready; while :; do sleep 0.01; done' 3>&- &
	local job=$!
	wait_for vm run test -e /ready
	kill -TERM "$job"
	wait "$job" || status=$?
	assert_equal "$status" 42
}

@test "a vm run that is killed takes its command with it" {
	start
	"$VM_BUILD/vm" run sleep 1000 3>&- &
	local job=$!
	wait_for vm run pidof sleep
	kill -KILL "$job"
	is_gone() { ! vm run pidof sleep; }
	wait_for is_gone
}

@test "16 MiB of random bytes go in and come out unchanged" {
	cd "$BATS_TEST_TMPDIR"
	head -c 16777216 /dev/urandom >in
	start
	vm put in /data
	vm get /data out
	cmp in out
	vm run cat <in >through
	cmp in through
}

@test "a reader that stops early ends the command, as in a local pipe" {
	start
	run -0 bash -c '"$VM_BUILD/vm" run yes 3>&- | head -1'
	assert_output y
}

@test "arguments arrive byte for byte" {
	start
	run -0 vm run printf '%s|' 'a b' '' $'c\nd' '*' "$(printf '\xc3\xa4')"
	assert_output "$(printf '%s|' 'a b' '' $'c\nd' '*' "$(printf '\xc3\xa4')")"
}

@test "several commands run at the same time" {
	start
	vm run sh -c 'while [ ! -e /go ]; do sleep 0.01; done; echo went' \
		>"$BATS_TEST_TMPDIR/first" &
	vm run touch /go
	wait $!
	assert_equal "$(<"$BATS_TEST_TMPDIR/first")" went
}

@test "a file, a module and a sysctl of one clone are absent in the next" {
	start
	vm run sh -c 'echo 1 >/left; echo 4242 >/proc/sys/kernel/pid_max'
	make_trouble none
	run -0 vm run grep -c trouble /proc/modules
	vm stop
	start
	run -1 vm run test -e /left
	run -1 vm run grep trouble /proc/modules
	run -0 vm run cat /proc/sys/kernel/pid_max
	refute_output 4242
}

@test "two clones draw different random numbers, unless told the same seed" {
	local first second
	start
	first=$(vm run od -An -tx8 -N16 /dev/urandom)
	vm stop
	start
	second=$(vm run od -An -tx8 -N16 /dev/urandom)
	refute [ "$first" = "$second" ]
}

@test "a name that is taken is refused, and said how to free it" {
	start
	run -125 start
	assert_output --partial "vm stop -n $VM_NAME"
}

@test "a command to a VM that does not run says how to start it" {
	run -125 vm run true
	assert_output --partial "vm start -n $VM_NAME"
}

@test "options that are wrong are a usage error" {
	run -2 vm nonsense
	run -2 vm run
	run -2 vm run -t soon true
	VM_SMP=many run -2 vm start
	VM_MODE=warm run -2 vm start
	run -2 vm start --smp
	run -2 vm start -n one/two
}

@test "a cold boot answers like a clone" {
	VM_MODE=cold start
	run -0 vm run echo up
	assert_output up
	vm stop
	assert_equal "$(evidence mode)" cold
}

@test "a command on a terminal has one, and its end of input" {
	start
	run -0 vm run --tty sh -c 'test -t 0 && test -t 1 && cat && echo over' </dev/null
	assert_output --partial over
}

@test "on virtual time ten minutes of sleep pass a deadline of a minute" {
	start --icount
	# In one command: the clock of a guest that waits for the next one runs on.
	run -0 vm run -t 60 sh -c 'cut -d. -f1 /proc/uptime; sleep 600; cut -d. -f1 /proc/uptime'
	assert [ $((lines[1] - lines[0])) -ge 600 ]
	assert [ $((lines[1] - lines[0])) -lt 660 ]
}

@test "virtual time is for one CPU only" {
	run -2 start --icount --smp 2
	assert_output --partial "virtual time is for one CPU"
}

@test "two CPUs are two CPUs" {
	start --smp 2
	run -0 vm run nproc
	assert_output 2
}

@test "the evidence of a VM that was stopped tells its taint and size" {
	start
	vm stop
	assert_equal "$(evidence end)" stopped
	assert_equal "$(evidence taint)" 12288 # our own two modules: out of tree, unsigned
	run -0 evidence peak_kib
	assert [ "$output" -lt 512000 ]
}

@test "doctor says which accelerator, why, which kernels and templates" {
	run -0 env -u VM_ACCEL "$VM_BUILD/vm" doctor 3>&-
	assert_line --regexp '^QEMU +QEMU emulator version'
	assert_line --regexp '^accelerator +(kvm|tcg)$'
	assert_line --regexp '^  KVM +(yes|no): .+'
	assert_line --regexp '^  stock +6\.'
	assert_line --regexp '^disk +[0-9]+ MiB free'
}
