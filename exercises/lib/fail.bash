# shellcheck shell=bash
# Calls that are made to fail one at a time, for tests that vm_sweep does not fit.

# fail_call(MODULE, FUNCTION, ERROR, [OPTION...]) - the next call of the function by
# the module returns ERROR, a negative number, or 0 for NULL; see modules/failfn.c
fail_call() {
	vm_helper failfn
	vm_insmod failfn "module=$1" "function=$2" "error=$3" "${@:4}"
}

# errno_name(NUMBER) - ENOMEM for 12
errno_name() {
	/usr/bin/python3 -I -S -c 'import errno, sys; print(errno.errorcode[int(sys.argv[1])])' "$1"
}
