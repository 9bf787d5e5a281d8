# SPDX-License-Identifier: GPL-2.0
#
# What the tests of all exercises share: a pristine VM a test, the student's
# module in it, and the assertions of bats-assert.  A test file begins with
#
#     load ../../lib/vm
#     setup() { vm_start; vm_load prng; }
#
# The host decides, the guest only acts: inputs are drawn here, expected values
# never enter the guest.  The grader sets
#
#   VM           the vm command; VM_NAME, VM_EVIDENCE, VM_TIMEOUT are for it
#   MODULES      folder of the modules that were built from the hand-in
#   HELPERS      folder of the compiled programs and modules of the staff
#   EXERCISE     folder of the exercise
#   RANDOM_SEED  0 to 2^31-1; all that is drawn follows from it

bats_require_minimum_version 1.5.0
# file by file, since their load.bash starts a process for each of them, and
# without bats' trace of every command (set -T), which takes longer than to read
traced=$-
set +T
for file in "${BATS_LIB_PATH:-/usr/lib/bats}"/bats-{support,assert}/src/*.bash; do
	# shellcheck disable=SC1090
	source "$file"
done
[[ $traced != *T* ]] || set -T

RANDOM=$RANDOM_SEED
export VM_ENTROPY=$RANDOM_SEED

# vm(ARGS...) - the vm command, without bats' own descriptor 3, through which
# anything could write into the results
vm() {
	"$VM" "$@" 3>&-
}

# vm_start(OPTIONS...) - starts this test's VM; it ends with the test's process,
# whatever ends that; --icount: on virtual time, in which sleep costs nothing
vm_start() {
	VM_OWNER=$$ vm start "$@"
}

# vm_run(COMMAND, ARGS...) - runs a command in the guest
vm_run() {
	vm run "$@"
}

# vm_sh(SCRIPT, ARGS...) - runs a shell script in the guest, with ARGS as $1...
vm_sh() {
	local script=$1
	shift
	vm run sh -c "$script" sh "$@"
}

# vm_put(FILE, PATH, [MODE]) - copies a file into the guest
vm_put() {
	vm put "$@" </dev/null
}

# vm_get(PATH, FILE) - copies a file out of the guest; - is standard output
vm_get() {
	vm get "$@"
}

# vm_helper(NAME...) - puts the staff's programs at /bin/NAME and modules at
# /lib/NAME.ko
vm_helper() {
	local name
	for name in "$@"; do
		if [[ -e $HELPERS/$name.ko ]]; then
			vm_put "$HELPERS/$name.ko" "/lib/$name.ko"
		else
			vm_put "$HELPERS/$name" "/bin/$name" 0755
		fi
	done
}

# vm_load(NAME, PARAMETERS...) - copies the student's module into the guest and
# loads it
vm_load() {
	vm_put "$MODULES/$1.ko" "/lib/$1.ko"
	vm_insmod "$@"
}

# vm_insmod(NAME, PARAMETERS...) - loads a module that is in the guest already;
# the agent's own tool starts sooner than busybox
vm_insmod() {
	local name=$1
	shift
	vm_run /init insmod "/lib/$name.ko" "$@"
}

# vm_unload(NAME) - unloads a module
vm_unload() {
	vm_run rmmod "$1"
}

# vm_write(PATH, TEXT) - writes exactly TEXT with one system call
vm_write() {
	# shellcheck disable=SC2016 # the guest's shell expands it
	vm_sh 'printf %s "$2" >"$1"' "$@"
}

# vm_audit() - unloads all modules; fails with a list of what they left behind
vm_audit() {
	local findings
	findings=$(vm audit) || fail "the module left something behind:
$findings"
}

# vm_sweep([--prepare COMMAND], [--module NAME], insmod NAME [P=V...] | io OPERATION...)
# - makes each call that can fail, and that the module makes meanwhile, fail in
# turn, each in a VM of its own: the operation must give the call's error, leave
# nothing behind and work when it is repeated
#
# Every VM is prepared by the test file's setup, then by COMMAND if there is one.
# The module is the one named, or the only one; insmod copies it into the VM.
vm_sweep() {
	# shellcheck source=/dev/null
	source "${BASH_SOURCE[0]%/*}/sweep.bash"
	sweep "$@"
}

# random_between(VARIABLE, LOW, HIGH) - draws a whole number, both ends included
random_between() {
	local span=$(($3 - $2 + 1))
	printf -v "$1" '%d' $(($2 + (RANDOM << 30 | RANDOM << 15 | RANDOM) % span))
}

# random64(VARIABLE) - draws an unsigned 64-bit number; not inside $(...), where
# the next draw would not know of it
random64() {
	local word=$((RANDOM << 60 ^ RANDOM << 45 ^ RANDOM << 30 ^ RANDOM << 15 ^ RANDOM))
	printf -v "$1" '%u' "$word"
}

# vm_finish() - audits and ends this test's VM, if it is still there
vm_finish() {
	if [[ -z ${VM_NO_AUDIT-} ]]; then
		vm audit >/dev/null 2>&1 || true # what it found is evidence
	fi
	vm stop
}

teardown() {
	vm_finish
}
