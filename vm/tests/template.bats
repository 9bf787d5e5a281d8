# SPDX-License-Identifier: GPL-2.0
# Templates: damage, full disks and builders that are killed or meet.

load common

setup() {
	own_home
}

# template() - prints the folder of the only template
template() {
	printf '%s\n' "$VM_HOME"/templates/stock-*
}

@test "a template that was damaged or cut is made again" {
	vm template
	printf 'x' | dd of="$(template)/ram" bs=1 seek=20000000 conv=notrunc status=none
	run -0 start
	assert_output --partial "damaged; making a new one"
	run -0 vm run echo up
	assert_output up
	vm stop
	truncate -s 1000 "$(template)/state"
	run -0 start
	assert_output --partial "damaged; making a new one"
	vm stop
	run -0 start
	refute_output
}

@test "a template that was found in order is looked at again when it was written to" {
	local k
	vm template
	for ((k = 0; k < 50; k++)); do
		start
		vm stop
		[[ ! -e $(template)/verified ]] || break
	done
	printf 'x' | dd of="$(template)/ram" bs=1 seek=20000000 conv=notrunc status=none
	run -0 start
	assert_output --partial "damaged; making a new one"
	assert [ ! -e "$(template)/verified" ]
}

@test "a template that lost its description is made again" {
	vm template
	rm "$(template)/template.json"
	start
	run -0 vm run echo up
	assert_output up
}

@test "another kernel image means another template, and the old one goes" {
	local before
	rm "$VM_HOME/kernels"
	mkdir -p "$VM_HOME/kernels/stock"
	cp "$VM_BUILD"/kernels/stock/{release,machine,image,initramfs} "$VM_HOME/kernels/stock/"
	vm template
	before=$(template)
	touch "$VM_HOME/kernels/stock/initramfs"
	vm template
	refute [ "$before" = "$(template)" ]
}

@test "two builders at once make one template, and both use it" {
	vm template >"$BATS_TEST_TMPDIR/one" &
	vm template >"$BATS_TEST_TMPDIR/two"
	wait $!
	assert_equal "$(<"$BATS_TEST_TMPDIR/one")" "$(<"$BATS_TEST_TMPDIR/two")"
	assert_equal "$(<"$BATS_TEST_TMPDIR/one")" "$(template)"
}

@test "a builder that is killed leaves no half template, and the next one cleans up" {
	"$VM_BUILD/vm" template 3>&- &
	local builder=$!
	begun() { compgen -G "$VM_HOME/templates/.new-*" >/dev/null; }
	wait_for begun
	kill -KILL "$builder"
	run -1 compgen -G "$VM_HOME/templates/stock-*"
	vm template
	run -1 compgen -G "$VM_HOME/templates/.new-*"
}

@test "a full disk is said, and leaves no half template" {
	[[ $EUID = 0 ]] || skip "needs root to mount a small disk"
	mkdir -p "$VM_HOME/templates"
	run -125 unshare -m sh -c \
		'mount -t tmpfs -o size=8m small "$1/templates"; "$2" template; code=$?; ls -Am "$1/templates"; exit $code' \
		sh "$VM_HOME" "$VM_BUILD/vm" 3>&-
	assert_output --partial "No space left on device"
	assert_line .lock-stock-tcg-1 # and nothing else
}

@test "a missing QEMU is said with what to run" {
	VM_QEMU=qemu-that-is-not-there run -125 vm start
	assert_output --partial "qemu-that-is-not-there is not installed; run: make setup"
}

@test "a QEMU that fails is said in its own words" {
	printf '#!/bin/sh\necho "qemu: no such thing" >&2\nexit 1\n' >"$BATS_TEST_TMPDIR/qemu"
	chmod a+rx "$BATS_TEST_TMPDIR/qemu"
	chmod a+rx "$BATS_TEST_TMPDIR"
	VM_QEMU=$BATS_TEST_TMPDIR/qemu run -125 vm start
	assert_output --partial "did not start"
}

@test "a kernel that was not fetched is said with what to run" {
	run -125 vm start --kernel none
	assert_output --partial "kernel 'none' is not ready"
	assert_output --partial "make setup"
}

@test "KVM that opens but never boots a guest is found out, once" {
	[[ -e /dev/kvm ]] || skip "there is no /dev/kvm"
	[[ $EUID = 0 ]] || skip "needs root to open /dev/kvm to QEMU's user"
	mknod -m 0666 "$BATS_TEST_TMPDIR/kvm" c 10 232
	unset VM_ACCEL
	# shellcheck disable=SC2016 # the inner shell expands it
	run -0 unshare -m sh -c \
		'mount --bind "$1" /dev/kvm && "$2" start -o $$ && "$2" run echo up' \
		sh "$BATS_TEST_TMPDIR/kvm" "$VM_BUILD/vm" 3>&-
	assert_output up
	run -0 cat "$VM_HOME"/templates/.kvm-*
	assert_output --regexp '^(yes: a guest booted|no: /dev/kvm opens, but no guest boots)'
}

@test "what is forced is tried, and its failure is said" {
	VM_ACCEL=kvm VM_QEMU=/bin/false run -125 vm start
	assert_output --partial "did not start"
}
