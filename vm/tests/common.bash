# SPDX-License-Identifier: GPL-2.0
#
# What the engine's tests share.  VM_BUILD is the folder that holds the vm
# command and its kernels; TROUBLES has, for each kernel, the module that makes
# trouble.

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

export VM_ACCEL=tcg VM_TIMEOUT=30
export VM_NAME="test-$BATS_ROOT_PID-${BATS_SUITE_TEST_NUMBER-0}"
export VM_EVIDENCE=$BATS_TEST_TMPDIR

vm() {
	"$VM_BUILD/vm" "$@" 3>&-
}

# start(OPTIONS...) - starts this test's VM, owned by the test's process
start() {
	VM_OWNER=$$ vm start "$@"
}

# own_home() - gives the test kernels as usual and templates of its own
own_home() {
	export VM_HOME=$BATS_TEST_TMPDIR/home
	mkdir -p "$VM_HOME"
	ln -sfn "$VM_BUILD/kernels" "$VM_HOME/kernels"
}

# evidence(KEY) - prints one value of the file that the VM left
evidence() {
	/usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' \
		"$BATS_TEST_TMPDIR/$VM_NAME.json" "$1"
}

# make_trouble(WHAT, [SECONDS], [PARAMETERS...]) - loads the module; its exit
# status is that of vm run
make_trouble() {
	vm put "$TROUBLES/${VM_KERNEL-stock}/trouble.ko" /trouble.ko </dev/null
	vm run -t "${2-30}" insmod /trouble.ko "what=$1" "${@:3}" </dev/null
}

# wait_for(COMMAND...) - waits until it succeeds, at most 20 seconds
wait_for() {
	local tries
	for ((tries = 0; tries < 400; tries++)); do
		if "$@"; then return 0; fi
		sleep 0.05
	done
	fail "never came true: $*"
}

teardown() {
	vm stop
}
